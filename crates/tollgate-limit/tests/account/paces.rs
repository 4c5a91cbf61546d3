//! What a rejection teaches of a pace, and what it does not.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Window};
use tollgate_limit::{Account, Admission, Change, Ignored, Limit, Ticket};

const MINUTE: Duration = Duration::from_secs(60);
const TRIP: Duration = Duration::from_millis(50);

/// An account and its clock.
struct Story {
    account: Account,
    start: Instant,
    now: Instant,
}

impl Story {
    fn new(limits: &[Limit]) -> Self {
        let now = Instant::now();
        let account = Account::new(limits, Random::seeded(7), now, SystemTime::UNIX_EPOCH);
        Self {
            account: account.expect("good limits"),
            start: now,
            now,
        }
    }

    /// Until so many seconds after the beginning.
    fn until(&mut self, seconds: f64) {
        self.now = self.start + Duration::from_secs_f64(seconds);
    }

    /// The calls that go until then, one a millisecond at most. As many as want to are behind them.
    fn go(&mut self, most: usize, seconds: f64) -> Vec<Ticket> {
        let end = self.start + Duration::from_secs_f64(seconds);
        let mut gone = Vec::new();
        while self.now < end && gone.len() < most {
            match self.account.admit(&Cost::default(), most, self.now) {
                Admission::Admitted(ticket) => gone.push(ticket),
                _ => self.now += Duration::from_millis(1),
            }
        }
        gone
    }

    /// So many of these calls are rejected, the newest; the others are served.
    fn reject(&mut self, mut calls: Vec<Ticket>, rejected: usize, wait: Option<f64>) {
        self.now += TRIP;
        let mut seen = Classification::new(Class::RateLimited);
        if let Some(wait) = wait {
            seen = seen.with_wait(Duration::from_secs_f64(wait));
        }
        for ticket in calls.split_off(calls.len() - rejected) {
            let quota = Quota::new();
            self.account.reject(ticket, &seen, &quota, self.now);
        }
        for mut ticket in calls {
            self.account.answer(&mut ticket, &Quota::new(), self.now);
            self.account.finish(ticket);
        }
    }
}

/// A window is met twice, with forty seconds between in which nobody asks. That a few calls went in a
/// long time is no pace.
#[test]
fn time_in_which_nobody_asks_is_no_slowness() {
    let mut story = Story::new(&[]);
    let calls = story.go(6, 0.1);
    story.reject(calls, 2, Some(5.1));
    let calls = story.go(4, 9.0);
    assert_eq!(calls.len(), 4);
    story.reject(calls, 0, None);
    story.until(50.0);
    let calls = story.go(12, 51.0);
    assert_eq!(calls.len(), 12);
    story.reject(calls, 1, Some(4.6));
    story.until(56.0);
    assert_eq!(story.go(6, 57.0).len(), 6);
}

/// Of a sliding window that is full, one call comes free, and the next is rejected with the wait of the
/// last one.
#[test]
fn a_call_between_two_long_waits_is_no_pace() {
    let mut story = Story::new(&[]);
    let calls = story.go(40, 2.0);
    assert_eq!(calls.len(), 40);
    story.reject(calls, 8, Some(15.1));
    let asks = story.go(1, 20.0);
    story.reject(asks, 0, None);
    let asks = story.go(1, 20.0);
    story.reject(asks, 1, Some(14.9));
    // Calls that go by a pace of one in fifteen seconds go one by one.
    let opened = story.go(10, 33.0);
    assert_eq!(opened.len(), 10);
}

/// A rejection that names nothing may be due to anything: too many at the same time, or others.
#[test]
fn a_plain_limit_is_not_used_up_by_a_rejection() {
    for limit in [
        Limit::requests(60, MINUTE),
        Limit::requests(60, MINUTE).bucket(60),
    ] {
        let is_plain = limit == Limit::requests(60, MINUTE);
        let mut story = Story::new(&[limit]);
        let calls = story.go(10, 1.0);
        assert_eq!(calls.len(), 10);
        story.reject(calls, 2, None);
        let gone = story.go(20, 3.0).len();
        assert_eq!(gone == 20, is_plain, "{gone}");
    }
}

#[test]
fn a_rejection_for_concurrency_holds_nobody() {
    let mut story = Story::new(&[]);
    let mut calls = story.go(3, 1.0);
    let seen = Classification::new(Class::RateLimited).with_limit(LimitKind::Concurrency);
    let last = calls.pop().expect("three");
    story.account.reject(last, &seen, &Quota::new(), story.now);
    let at = story.now;
    assert_eq!(story.go(1, 1.0).len(), 1);
    assert_eq!(story.now, at);
    assert_eq!(story.account.closed(at).count(), 0);
    // One that states a wait is believed.
    let last = calls.pop().expect("two");
    let waits = seen.with_wait(Duration::from_secs(2));
    story.account.reject(last, &waits, &Quota::new(), story.now);
    assert_eq!(story.go(1, 1.0).len(), 0);
}

/// Others have taken all there are: there is no call of ours to wait for.
#[test]
fn where_nobody_is_in_flight_it_pauses() {
    let mut story = Story::new(&[]);
    let seen = Classification::new(Class::RateLimited).with_limit(LimitKind::Concurrency);
    let mut sent = 0;
    loop {
        let mut calls = story.go(1, 20.0);
        let Some(ticket) = calls.pop() else { break };
        sent += 1;
        story.now += TRIP;
        let quota = Quota::new();
        story.account.reject(ticket, &seen, &quota, story.now);
    }
    assert!(sent <= 12, "{sent} in 20 s");
}

/// The first of these calls goes and is rejected, with headers that have room for it as it was
/// estimated.
fn is_lie(named: Option<LimitKind>) -> bool {
    let mut story = Story::new(&[]);
    let mut calls = story.go(1, 1.0);
    let mut quota = Quota::new();
    let said = quota.entry(LimitKind::Requests, Some(Window::Minute));
    let said = said.expect("room for one");
    (said.limit, said.remaining, said.reset) = (Some(60), Some(50), Some(MINUTE));
    let mut seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(2));
    if let Some(kind) = named {
        seen = seen.with_limit(kind);
    }
    let ticket = calls.pop().expect("the first goes");
    story.account.reject(ticket, &seen, &quota, story.now);
    let lies = |it: &Change| {
        matches!(
            it,
            Change::Ignored {
                what: Ignored::EnoughLeft,
                ..
            }
        )
    };
    story.account.changes().any(|it| lies(&it))
}

/// What a provider counts of tokens may be more than was estimated.
#[test]
fn headers_lie_only_about_the_limit_that_was_met() {
    assert!(is_lie(None));
    assert!(is_lie(Some(LimitKind::Requests)));
    assert!(!is_lie(Some(LimitKind::Tokens)));
    assert!(!is_lie(Some(LimitKind::Concurrency)));
}

/// When a second call goes, after a rejection whose headers state a reset in so many seconds and a wait
/// until just before it.
fn second_call(reset: f64) -> f64 {
    let mut story = Story::new(&[]);
    let mut calls = story.go(1, 1.0);
    let mut quota = Quota::new();
    let said = quota.entry(LimitKind::Requests, Some(Window::Minute));
    let said = said.expect("room for one");
    let resets = Duration::from_secs_f64(reset);
    (said.limit, said.remaining, said.reset) = (Some(5), Some(0), Some(resets));
    let seen = Classification::new(Class::RateLimited);
    let seen = seen.with_wait(resets - Duration::from_millis(900));
    let ticket = calls.pop().expect("the first goes");
    story.now += TRIP;
    story.account.reject(ticket, &seen, &quota, story.now);
    story.until(reset - 0.85);
    assert_eq!(story.go(1, 100.0).len(), 1);
    let first = story.now;
    assert_eq!(story.go(1, 100.0).len(), 1);
    (story.now - first).as_secs_f64()
}

/// A reset in two seconds is the time until a bucket is full, and may be a second too long; that of a
/// window is further away, and one in milliseconds is exact.
#[test]
fn only_the_end_of_a_window_is_waited_for() {
    assert!(second_call(2.0) < 0.3, "{}", second_call(2.0));
    for reset in [40.0, 2.25] {
        assert!(second_call(reset) > 0.7, "{}", second_call(reset));
    }
}

/// How often a provider is asked in a minute that rejects everything and says nothing.
#[test]
fn who_says_nothing_is_asked_oftener_at_first() {
    let mut story = Story::new(&[]);
    let mut asks = Vec::new();
    for minute in 1..=5 {
        let mut n = 0;
        loop {
            let calls = story.go(1, f64::from(minute) * 60.0);
            if calls.is_empty() {
                break;
            }
            n += 1;
            story.reject(calls, 1, None);
        }
        asks.push(n);
    }
    assert!((10..=24).contains(&asks[0]), "{asks:?}");
    assert!(asks[3] <= 4 && asks[4] <= 4, "{asks:?}");
}
