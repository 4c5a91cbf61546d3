//! Stories of breakers that leaked, stuck or lied; each test is named after what it prevents.

use super::*;
use crate::{config::Stated, rules::Share};

const OK: Outcome = Outcome {
    failed: false,
    slow: false,
    told: 0,
    out: 0,
    broke: false,
    silent: false,
    took: 0,
};

const FAILED: Outcome = Outcome { failed: true, ..OK };

fn defaults() -> Rules {
    Stated::DEFAULT.rules()
}

/// Only the rate, as in a breaker that has no other condition.
fn rate_only() -> Rules {
    Rules {
        consecutive: None,
        ..defaults()
    }
}

fn machine(rules: &Rules) -> Machine {
    Machine::new(rules, 0)
}

fn call(machine: &mut Machine, rules: &Rules, outcome: Outcome, now: Nanos) -> Option<Step> {
    let pass = machine.admit(rules, now).0.expect("let in");
    machine.settle(rules, pass, outcome, now, || 1.0).1
}

/// Opens at `now`, and gives the time at which it is half open.
fn open(machine: &mut Machine, rules: &Rules, now: Nanos) -> Nanos {
    loop {
        if let Some(Step::Opened { wait, .. }) = call(machine, rules, FAILED, now) {
            return now + wait;
        }
    }
}

#[test]
fn the_window_slides_whatever_came_before() {
    for successes in [0, 10, 1_000, 100_000] {
        let rules = rate_only();
        let mut machine = machine(&rules);
        for _ in 0..successes {
            call(&mut machine, &rules, OK, 0);
        }
        // The window is 30 s: no success is in it any more.
        let later = 30 * SECOND;
        let steps: Vec<_> = (0..10)
            .map(|_| call(&mut machine, &rules, FAILED, later))
            .collect();
        assert!(steps[..9].iter().all(Option::is_none));
        assert!(matches!(steps[9], Some(Step::Opened { .. })), "{successes}");
    }
}

#[test]
fn a_thousand_successes_do_not_hide_five_failures_in_a_row() {
    let rules = defaults();
    let mut machine = machine(&rules);
    for _ in 0..1_000 {
        call(&mut machine, &rules, OK, 0);
    }
    let opened = (0..5).find_map(|_| call(&mut machine, &rules, FAILED, 0));
    let why = Why::Consecutive { failures: 5 };
    let wait = 5 * SECOND + SECOND / 2;
    assert_eq!(opened, Some(Step::Opened { why, wait }));
}

#[test]
fn good_probes_far_apart_do_not_wedge_it_half_open() {
    let rules = Rules {
        successes: 4,
        ..defaults()
    };
    let mut machine = machine(&rules);
    let mut now = open(&mut machine, &rules, 0);
    for probe in 1..=4 {
        // Much longer than the window.
        now += 1_000 * SECOND;
        let step = call(&mut machine, &rules, OK, now);
        assert_eq!(step, (probe == 4).then_some(Step::Closed));
    }
    for _ in 0..20 {
        call(&mut machine, &rules, OK, now);
    }
}

#[test]
fn a_late_failure_of_a_call_from_before_does_not_reopen_it() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let late = machine.admit(&rules, 0).0.expect("closed");
    let now = open(&mut machine, &rules, 0);
    let probe = machine.admit(&rules, now).0.expect("a probe");
    let settled = machine.settle(&rules, late, FAILED, now, || 1.0);
    assert_eq!(settled, (None, None));
    assert_eq!(machine.view(), View::HalfOpen { in_flight: 1 });
    machine.settle(&rules, probe, OK, now, || 1.0);
    let closed = call(&mut machine, &rules, OK, now);
    assert_eq!(closed, Some(Step::Closed));
}

#[test]
fn a_late_success_of_a_call_from_before_is_no_probe() {
    let rules = Rules {
        successes: 1,
        ..defaults()
    };
    let mut machine = machine(&rules);
    let late = machine.admit(&rules, 0).0.expect("closed");
    let now = open(&mut machine, &rules, 0);
    let _probe = machine.admit(&rules, now).0.expect("a probe");
    machine.settle(&rules, late, OK, now, || 1.0);
    assert_eq!(machine.view(), View::HalfOpen { in_flight: 1 });
}

#[test]
fn half_open_lets_one_in_and_doubles_per_success() {
    let rules = Rules {
        successes: 10,
        ..defaults()
    };
    let mut machine = machine(&rules);
    let now = open(&mut machine, &rules, 0);
    for most in [1, 2, 4, 8] {
        let mut passes = Vec::new();
        while let Ok(pass) = machine.admit(&rules, now).0 {
            passes.push(pass);
        }
        assert_eq!(passes.len(), most);
        let first = passes.remove(0);
        machine.settle(&rules, first, OK, now, || 1.0);
        passes.into_iter().for_each(|pass| machine.give_back(pass));
    }
}

#[test]
fn a_cancelled_probe_gives_its_place_back() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let now = open(&mut machine, &rules, 0);
    for _ in 0..100 {
        let probe = machine.admit(&rules, now).0.expect("a place");
        assert!(machine.admit(&rules, now).0.is_err(), "the only place");
        machine.give_back(probe);
    }
}

#[test]
fn a_probe_of_an_earlier_round_frees_no_place_of_this_one() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let now = open(&mut machine, &rules, 0);
    let old = machine.admit(&rules, now).0.expect("a probe");
    machine.force_open(Some(now), now);
    let _new = machine.admit(&rules, now).0.expect("a probe");
    machine.give_back(old);
    assert!(machine.admit(&rules, now).0.is_err());
}

#[test]
fn a_stuck_probe_does_not_keep_it_half_open_for_ever() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let now = open(&mut machine, &rules, 0);
    let stuck = machine.admit(&rules, now).0.expect("a probe");
    let just_before = now + rules.probe_timeout - 1;
    assert_eq!(machine.admit(&rules, just_before).0, Err(Some(1)));
    let later = now + rules.probe_timeout;
    let again = machine.admit(&rules, later).0.expect("issued again");
    // Both answers are real: they count, should they still come.
    machine.settle(&rules, stuck, OK, later, || 1.0);
    let (_, step) = machine.settle(&rules, again, OK, later, || 1.0);
    assert_eq!(step, Some(Step::Closed));
}

#[test]
fn a_provider_slower_than_the_probe_timeout_can_still_close_it() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let mut now = open(&mut machine, &rules, 0);
    let mut closed = false;
    let mut out: Vec<Pass> = Vec::new();
    for _ in 0..4 {
        out.extend(machine.admit(&rules, now).0.ok());
        now += rules.probe_timeout + SECOND;
        if let Some(pass) = out.pop() {
            closed |= machine.settle(&rules, pass, OK, now, || 1.0).1 == Some(Step::Closed);
        }
    }
    assert!(closed);
}

#[test]
fn dropped_probes_neither_close_it_nor_keep_it_from_closing() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let now = open(&mut machine, &rules, 0);
    for _ in 0..1_000 {
        let probe = machine.admit(&rules, now).0.expect("a place");
        machine.give_back(probe);
    }
    assert_eq!(machine.view(), View::HalfOpen { in_flight: 0 });
    assert_eq!(call(&mut machine, &rules, OK, now), None);
    assert_eq!(call(&mut machine, &rules, OK, now), Some(Step::Closed));
}

#[test]
fn the_open_time_is_a_part_of_the_outage_and_starts_again_when_closed() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let mut now = open(&mut machine, &rules, 0);
    for (ill, wait) in [
        (0, 5),
        (300, 5),
        (600, 10),
        (1_200, 20),
        (3_600, 60),
        (9_000, 60),
    ] {
        now = now.max(ill * SECOND);
        let half_open = open(&mut machine, &rules, now);
        // Up to a tenth is added; here all of it.
        assert_eq!(
            (half_open - now) / SECOND,
            wait * 11 / 10,
            "ill for {ill} s"
        );
        now = half_open;
    }
    assert_eq!(call(&mut machine, &rules, OK, now), None);
    assert_eq!(call(&mut machine, &rules, OK, now), Some(Step::Closed));
    let half_open = open(&mut machine, &rules, now);
    assert_eq!((half_open - now) / SECOND, 5);
}

/// Fault B6: a stated open time of 30 s was one of 20.9 s.
#[test]
fn a_stated_open_time_is_a_floor() {
    let rules = Rules {
        open: 30 * SECOND,
        ..defaults()
    };
    let mut machine = machine(&rules);
    for jitter in [0.0, 0.5, 1.0] {
        machine.reset(0);
        for _ in 0..5 {
            let pass = machine.admit(&rules, 0).0.expect("closed");
            machine.settle(&rules, pass, FAILED, 0, || jitter);
        }
        let Some(wait) = machine.wait(&rules, 0) else {
            panic!("open by itself");
        };
        assert!((30 * SECOND..=33 * SECOND).contains(&wait), "{wait}");
    }
}

const BROKE: Outcome = Outcome {
    broke: true,
    ..FAILED
};

/// Fault B3: 16 stale connections that close at one moment were 16 failures.
#[test]
fn connections_that_break_together_are_one_event() {
    let rules = defaults();
    let mut machine = machine(&rules);
    for _ in 0..16 {
        assert_eq!(call(&mut machine, &rules, BROKE, SECOND), None);
    }
    assert_eq!(machine.streak(), 1);
    // A provider that resets every connection is still found at once.
    let step = (1..=4).find_map(|n| call(&mut machine, &rules, BROKE, SECOND + n * TOGETHER));
    assert!(matches!(step, Some(Step::Opened { .. })));
    // As a probe, each of them says that it is still ill.
    let now = machine.wait(&rules, SECOND).map(|wait| SECOND + wait);
    let now = now.expect("an end") + SECOND;
    let step = call(&mut machine, &rules, BROKE, now);
    assert!(matches!(
        step,
        Some(Step::Opened {
            why: Why::Probe,
            ..
        })
    ));
}

/// A crowd is sent off by a load balancer, some of it again: two events.
#[test]
fn other_failures_are_not_merged() {
    let rules = defaults();
    let mut machine = machine(&rules);
    for (n, outcome) in [BROKE, FAILED, BROKE, FAILED].into_iter().enumerate() {
        assert_eq!(call(&mut machine, &rules, outcome, 0), None, "{n}");
    }
    assert_eq!(machine.streak(), 3);
}

/// Sends a call, and drops it after this time.
fn leave(machine: &mut Machine, rules: &Rules, sent: Nanos, after: Nanos) -> Abandoned {
    let pass = machine.admit(rules, sent).0.expect("let in");
    let ended = machine.abandoned(rules, sent, sent + after, || 0.0);
    machine.give_back(pass);
    ended
}

#[test]
fn callers_who_leave_a_provider_that_hangs_open_it() {
    let rules = defaults();
    let mut machine = machine(&rules);
    // Nothing is known: three seconds are unusual, less is not.
    let ended = leave(&mut machine, &rules, 0, 3 * SECOND - 1);
    assert_eq!(ended, Abandoned::Neutral);
    for n in 1..=4 {
        let ended = leave(&mut machine, &rules, n * 10 * SECOND, 3 * SECOND);
        assert_eq!(ended, Abandoned::Failure(None), "{n}");
    }
    let ended = leave(&mut machine, &rules, 50 * SECOND, 3 * SECOND);
    assert!(matches!(
        ended,
        Abandoned::Failure(Some(Step::Opened { .. }))
    ));
    // One that was sent before it opened says nothing more.
    let later = machine.abandoned(&rules, 0, 60 * SECOND, || 0.0);
    assert_eq!(later, Abandoned::Neutral);
}

#[test]
fn callers_who_leave_as_soon_as_ever_say_nothing() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let slow = Outcome {
        took: 40 * SECOND,
        ..OK
    };
    for n in 0..20 {
        let sent = n * 1_000 * SECOND;
        call(&mut machine, &rules, slow, sent + 40 * SECOND);
        let ended = leave(&mut machine, &rules, sent + 100 * SECOND, 60 * SECOND);
        assert_eq!(ended, Abandoned::Neutral, "{n}");
    }
    // But where nothing is answered any more, two of them are as long as one that is unusual.
    let ended = leave(&mut machine, &rules, 30_000 * SECOND, 60 * SECOND);
    assert_eq!(ended, Abandoned::Failure(None));
}

/// A batch that is cancelled, while others are served.
#[test]
fn who_leaves_together_or_while_later_calls_are_answered_says_little() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let passes: Vec<_> = (0..6)
        .map(|_| machine.admit(&rules, 0).0.expect("closed"))
        .collect();
    let leave = |machine: &mut Machine| machine.abandoned(&rules, 0, 30 * SECOND, || 0.0);
    assert_eq!(leave(&mut machine), Abandoned::Failure(None));
    for _ in 1..passes.len() {
        assert_eq!(leave(&mut machine), Abandoned::Neutral);
    }
    assert_eq!(machine.streak(), 1);
    let quick = Outcome { took: SECOND, ..OK };
    call(&mut machine, &rules, quick, 40 * SECOND);
    let ended = machine.abandoned(&rules, 20 * SECOND, 60 * SECOND, || 0.0);
    assert_eq!(ended, Abandoned::Neutral, "a later call was answered");
}

#[test]
fn a_probe_whose_caller_left_has_failed() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let now = open(&mut machine, &rules, 0);
    assert_eq!(leave(&mut machine, &rules, now, SECOND), Abandoned::Neutral);
    let ended = leave(&mut machine, &rules, now, 10 * SECOND);
    let Abandoned::Failure(Some(Step::Opened { why, .. })) = ended else {
        panic!("{ended:?}");
    };
    assert_eq!(why, Why::Probe);
}

/// Fault B4: of streams that all broke, none opened it where others had begun meanwhile.
#[test]
fn bodies_that_break_one_after_another_open_it() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let mut opened = None;
    for breaks in 1..=5 {
        let at = u64::from(breaks) * 60 * SECOND;
        let pass = machine.admit(&rules, at).0.expect("closed");
        let counted = machine.succeed(pass, SECOND, at);
        // Another one begins before this one breaks.
        call(&mut machine, &rules, OK, at);
        opened = machine.broke(
            &rules,
            pass,
            broken(counted, false, breaks),
            at + SECOND,
            || 0.0,
        );
        assert_eq!(opened.is_some(), breaks == 5);
    }
    assert!(matches!(
        opened,
        Some(Step::Opened {
            why: Why::Consecutive { failures: 5 },
            ..
        })
    ));
}

#[test]
fn of_two_told_waits_the_shorter_never_wins() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let told = |seconds: u64| Outcome {
        told: seconds * SECOND,
        ..FAILED
    };
    call(&mut machine, &rules, told(60), 0);
    let later = 10 * SECOND;
    for seconds in [20, 0, 1] {
        call(&mut machine, &rules, told(seconds), later);
    }
    let Some(Step::Opened { wait, .. }) = call(&mut machine, &rules, FAILED, later) else {
        panic!("five failures");
    };
    assert_eq!(wait, 50 * SECOND);
}

#[test]
fn a_wait_told_before_a_success_does_not_bench_it_later() {
    let rules = Rules {
        slow: Some((
            SECOND,
            Share {
                millionths: 500_000,
                calls: 6,
            },
        )),
        ..defaults()
    };
    let hour = Outcome {
        told: 3_600 * SECOND,
        ..FAILED
    };
    let slow = Outcome { slow: true, ..OK };
    for bad in [FAILED, slow] {
        let mut machine = machine(&rules);
        call(&mut machine, &rules, hour, 0);
        call(&mut machine, &rules, OK, SECOND);
        let step = (0..5).find_map(|_| call(&mut machine, &rules, bad, 2 * SECOND));
        let Some(Step::Opened { wait, .. }) = step else {
            panic!("five in a row, or slow ones");
        };
        assert_eq!(wait, 5 * SECOND + SECOND / 2);
    }
}

#[test]
fn a_success_whose_body_breaks_does_not_end_a_told_wait() {
    let rules = defaults();
    let mut machine = machine(&rules);
    let minute = Outcome {
        told: 60 * SECOND,
        ..FAILED
    };
    for _ in 0..4 {
        call(&mut machine, &rules, minute, 0);
    }
    let pass = machine.admit(&rules, 0).0.expect("closed");
    let counted = machine.succeed(pass, 0, 0);
    let step = machine.broke(&rules, pass, broken(counted, false, 1), 0, || 1.0);
    let Some(Step::Opened { wait, .. }) = step else {
        panic!("five failures");
    };
    assert_eq!(wait, 60 * SECOND);
}

#[test]
fn a_told_wait_is_capped_at_a_day() {
    let rules = Rules {
        consecutive: Some(1),
        ..defaults()
    };
    let mut machine = machine(&rules);
    let told = Outcome {
        told: Nanos::MAX,
        ..FAILED
    };
    let Some(Step::Opened { wait, .. }) = call(&mut machine, &rules, told, 7) else {
        panic!("one failure");
    };
    assert_eq!(wait, DAY);
}
