//! What rejections are believed.

use super::*;

const HOUR: Time = 3_600 * SECOND;

/// A gate, and the calls that meet it.
struct Scene {
    gate: Gate,
    now: Time,
    number: u64,
    random: Random,
}

impl Scene {
    fn new() -> Self {
        Self {
            gate: Gate::new(None),
            now: HOUR,
            number: 0,
            random: Random::seeded(1),
        }
    }

    /// A call goes now.
    fn send(&mut self) -> (u64, Time) {
        self.number += 1;
        assert_eq!(self.gate.opens(self.now), 0, "the gate is closed");
        self.gate.pass(self.number, self.now);
        (self.number, self.now)
    }

    /// It is turned away 50 ms later.
    fn reject(&mut self, call: (u64, Time), told: Option<Time>) -> Verdict {
        self.now = self.now.max(call.1 + 50 * MS);
        let hint = (Class::RateLimited, told.map(Duration::from_nanos));
        let next = self.number + 1;
        self.gate.reject(call, next, hint, &self.random, self.now)
    }

    fn turned_away(&mut self, told: Option<Time>) -> f64 {
        let call = self.send();
        self.reject(call, told);
        self.waits()
    }

    /// Seconds until a call may go.
    fn waits(&self) -> f64 {
        let opens = self.gate.opens(self.now);
        opens.saturating_sub(self.now) as f64 / SECOND as f64
    }

    fn sleep(&mut self) {
        self.now = self.now.max(self.gate.opens(self.now));
    }
}

#[test]
fn a_wait_of_up_to_a_minute_is_kept() {
    for told in [1, 7, 60, 61] {
        let waits = Scene::new().turned_away(Some(told * SECOND));
        let least = told as f64;
        assert!((least..=least + 0.5).contains(&waits), "{told}: {waits}");
    }
}

#[test]
fn a_claim_is_tested_by_one_call_alone() {
    let mut it = Scene::new();
    let waits = it.turned_away(Some(8 * HOUR));
    assert!((61.0..=61.5).contains(&waits), "{waits}");
    it.sleep();
    let probe = it.send();
    // Neither quiet nor patience opens it: only the answer does.
    assert_eq!(it.waits(), 120.0);
    it.now += 119 * SECOND;
    assert_eq!(it.waits(), 1.0);
    assert!(it.gate.serve(probe.0));
    assert_eq!(it.waits(), 0.0);
}

#[test]
fn a_test_that_nobody_answers_is_made_again_by_one_call() {
    let mut it = Scene::new();
    it.turned_away(Some(HOUR));
    it.sleep();
    it.send();
    it.sleep();
    it.send();
    assert_eq!(it.waits(), 120.0);
    // One that was given up makes room for another.
    it.gate.forget(it.number);
    it.send();
    assert_eq!(it.waits(), 120.0);
}

#[test]
fn the_same_end_named_later_is_a_fact() {
    let mut it = Scene::new();
    let end = it.now + 50 * MS + 8 * HOUR;
    it.turned_away(Some(8 * HOUR));
    it.sleep();
    let call = it.send();
    it.now += 50 * MS;
    let left = (end - it.now).next_multiple_of(SECOND);
    it.reject(call, Some(left));
    assert!(it.now + (it.waits() * SECOND as f64) as Time >= end - MS);
    it.sleep();
    it.send();
    assert_eq!(it.waits(), 120.0, "even then one call alone tries");
}

#[test]
fn an_end_that_moves_along_is_none() {
    let mut it = Scene::new();
    let mut waited = Vec::new();
    for _ in 0..6 {
        waited.push(it.turned_away(Some(HOUR)));
        it.sleep();
    }
    // As long again as it took so far, and never longer than told.
    for (wait, least) in waited.iter().zip([61.0, 61.0, 122.0, 244.0, 488.0, 976.0]) {
        assert!((least..=least + 16.0).contains(wait), "{waited:?}");
    }
}

#[test]
fn rejections_of_one_moment_do_not_confirm_each_other() {
    let mut it = Scene::new();
    let calls = [it.send(), it.send(), it.send()];
    let verdicts = calls.map(|call| it.reject(call, Some(HOUR)));
    // To the search for a window they tell something.
    assert_eq!(
        verdicts,
        [Verdict::Closed, Verdict::Confirmed, Verdict::Old]
    );
    assert!(it.waits() <= 61.5, "{}", it.waits());
}

#[test]
fn hints_now_and_then_are_believed_for_a_little() {
    let mut it = Scene::new();
    it.turned_away(None);
    it.sleep();
    let mut probes = 0;
    let start = it.now;
    while it.now < start + 8 * HOUR {
        let waits = it.turned_away(Some(8 * HOUR));
        if probes == 0 {
            assert!((5.0..=5.5).contains(&waits), "{waits}");
        }
        it.sleep();
        probes += 1;
    }
    assert!((20..50).contains(&probes), "{probes}");
}

#[test]
fn without_hints_waits_double() {
    let mut it = Scene::new();
    let mut waited = Vec::new();
    for _ in 0..8 {
        waited.push(it.turned_away(None));
        it.sleep();
    }
    for (wait, least) in waited
        .iter()
        .zip([0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0])
    {
        assert!((least..=least + 0.5).contains(wait), "{waited:?}");
    }
}

#[test]
fn a_quiet_probe_opens() {
    let mut it = Scene::new();
    it.turned_away(Some(SECOND));
    it.sleep();
    it.send();
    // Twice the way of the rejection.
    assert_eq!(it.waits(), 0.1);
    it.sleep();
    assert!(it.gate.pass(9, it.now));
    // Where rejections take longer, so does this.
    let mut it = Scene::new();
    let call = it.send();
    it.now += 400 * MS;
    it.reject(call, Some(SECOND));
    it.sleep();
    it.send();
    assert_eq!(it.waits(), 0.8);
}
