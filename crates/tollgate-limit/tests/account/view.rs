//! What an account tells of itself.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Usage, Window};
use tollgate_limit::{Account, Admission, Change, Counts, Held, Ignored, Limit, Reason, Ticket};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

fn account(limits: &[Limit], now: Instant) -> Account {
    Account::new(
        limits,
        Random::seeded(1),
        now,
        SystemTime::UNIX_EPOCH + 30 * DAY,
    )
    .expect("limits to keep")
}

fn admit(account: &mut Account, now: Instant) -> Ticket {
    match account.admit(&Cost::default(), 0, now) {
        Admission::Admitted(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

/// A call goes, and is complete.
fn go(account: &mut Account, now: Instant) {
    let ticket = admit(account, now);
    account.finish(ticket);
}

fn quota(limit: u64, remaining: u64, reset: Duration) -> Quota {
    let mut quota = Quota::new();
    let said = quota.entry(LimitKind::Requests, None).expect("room");
    (said.limit, said.remaining) = (Some(limit), Some(remaining));
    said.reset = Some(reset);
    quota
}

fn changes(account: &mut Account) -> Vec<Change> {
    account.changes().collect()
}

#[test]
fn each_limit_is_shown_as_it_stands() {
    let now = Instant::now();
    let limits = [
        Limit::requests(600, MINUTE).bucket(10),
        Limit::tokens(1_000, MINUTE).sliding(),
        Limit::requests(5, Duration::from_secs(86_400))
            .day_in("UTC")
            .expect("a zone"),
    ];
    let mut account = account(&limits, now);
    let cost = Cost::default()
        .with_input_tokens(100)
        .with_output_tokens(50);
    let Admission::Admitted(ticket) = account.admit(&cost, 0, now) else {
        panic!("the first");
    };
    let seen: Vec<_> = account.view(now).collect();
    let figures = seen
        .iter()
        .map(|it| (it.kind, it.limit, it.remaining, it.counts));
    assert_eq!(
        figures.collect::<Vec<_>>(),
        [
            (LimitKind::Requests, 10, 9, Counts::Bucket),
            (LimitKind::Tokens, 1_000, 850, Counts::Log),
            (LimitKind::Requests, 5, 4, Counts::Window),
        ]
    );
    assert!(seen.iter().all(|it| it.configured));
    assert_eq!(seen[0].resets_at, Some(now + Duration::from_millis(100)));
    assert_eq!(seen[2].resets_at, Some(now + Duration::from_secs(86_400)));
    account.settle(ticket, &Usage::new(100, 10), now);
    let tokens = account.view(now).nth(1).expect("tokens");
    assert_eq!(tokens.remaining, 890);
    // In a day, all is there again.
    let later = now + Duration::from_secs(86_401);
    assert!(account.view(later).all(|it| it.remaining == it.limit));
}

#[test]
fn what_is_learned_is_said_once() {
    let now = Instant::now();
    let mut account = account(&[], now);
    assert_eq!(account.view(now).count(), 0);
    let mut ticket = admit(&mut account, now);
    let later = now + Duration::from_secs(1);
    account.answer(&mut ticket, &quota(600, 599, MINUTE), later);
    let learned = changes(&mut account);
    let [
        Change::Learned {
            kind: LimitKind::Requests,
            limit: 600,
            counts: Counts::Reported,
            ..
        },
    ] = learned[..]
    else {
        panic!("{learned:?}");
    };
    account.finish(ticket);
    let later = later + Duration::from_millis(100);
    let mut ticket = admit(&mut account, later);
    account.answer(&mut ticket, &quota(600, 598, MINUTE), later);
    assert_eq!(changes(&mut account), []);
    account.answer(&mut ticket, &quota(700, 698, MINUTE), later);
    assert_eq!(changes(&mut account), [], "an answer counts once");
    account.finish(ticket);
    let later = later + Duration::from_millis(100);
    let mut ticket = admit(&mut account, later);
    account.answer(&mut ticket, &quota(60, 20, MINUTE), later);
    assert!(matches!(
        changes(&mut account)[..],
        [Change::Learned { limit: 60, .. }]
    ));
    let seen = account.view(later).next().expect("what was learned");
    // A header is rounded down: more than 20 and less than 21 may be left.
    assert!((20..=21).contains(&seen.remaining), "{seen:?}");
    assert_eq!((seen.limit, seen.configured), (60, false));
    account.finish(ticket);
}

#[test]
fn gates_are_shown_while_they_are_closed() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let ticket = admit(&mut account, now);
    let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(4));
    account.reject(ticket, &seen, &Quota::new(), now);
    let closed: Vec<_> = account.closed(now).collect();
    let [gate] = closed[..] else {
        panic!("{closed:?}");
    };
    assert_eq!((gate.kind, gate.stated), (None, true));
    // Never before the stated wait is over, and at most 0.1 s of jitter.
    let wait = (gate.until - now).as_secs_f64();
    assert!((4.0..=4.1).contains(&wait), "{wait}");
    let (kind, until) = (gate.kind, gate.until);
    assert_eq!(changes(&mut account), [Change::Closed { kind, until }]);
    let held = account.admit(&Cost::default(), 0, now);
    assert_eq!(held, Admission::NotBefore(until, Held::Stated));
    assert_eq!(account.closed(until).count(), 0);
    go(&mut account, until);
    // Its end was known beforehand, so nothing is said of it.
    assert_eq!(changes(&mut account), []);
}

/// Without a stated wait it is a pause of the account's own, and said to be one.
#[test]
fn a_pause_is_no_stated_wait() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let ticket = admit(&mut account, now);
    let seen = Classification::new(Class::RateLimited);
    account.reject(ticket, &seen, &Quota::new(), now);
    let gate = account.closed(now).next().expect("closed");
    let wait = (gate.until - now).as_secs_f64();
    // Nothing was taken before: half a second, three times.
    assert!(!gate.stated && (1.4..=1.6).contains(&wait), "{wait}");
    let held = account.admit(&Cost::default(), 0, now);
    assert_eq!(held, Admission::NotBefore(gate.until, Held::Pause));
    // Nobody is refused for it.
    assert_eq!(account.forecast(&Cost::default(), now), now);
}

/// A wait of more than a minute is a claim. One call tests it, and its success ends it for all.
#[test]
fn a_gate_that_a_success_opens_is_said_to_be_open() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let ticket = admit(&mut account, now);
    let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(3_600));
    account.reject(ticket, &seen, &Quota::new(), now);
    let later = now + MINUTE + Duration::from_millis(1);
    let mut test = admit(&mut account, later);
    let second = account.admit(&Cost::default(), 0, later);
    assert!(
        matches!(second, Admission::NotBefore(_, Held::Stated)),
        "{second:?}"
    );
    let _ = changes(&mut account);
    account.answer(&mut test, &Quota::new(), later);
    assert_eq!(changes(&mut account), [Change::Reopened { kind: None }]);
    assert_eq!(account.closed(later).count(), 0);
    account.finish(test);
    go(&mut account, later);
}

#[test]
fn what_is_not_believed_is_said() {
    let now = Instant::now();
    for (quota, what) in [
        (quota(0, 0, MINUTE), Ignored::NoLimit),
        (quota(10, 11, MINUTE), Ignored::AboveLimit),
        (quota(10, 9, 365 * DAY), Ignored::FarReset),
    ] {
        let mut account = account(&[], now);
        let mut ticket = admit(&mut account, now);
        account.answer(&mut ticket, &quota, now);
        let kind = Some(LimitKind::Requests);
        let said = changes(&mut account);
        assert!(said.contains(&Change::Ignored { kind, what }), "{said:?}");
        account.finish(ticket);
    }
    let mut account = account(&[], now);
    let ticket = admit(&mut account, now);
    let seen = Classification::new(Class::RateLimited).with_wait(2 * DAY);
    account.reject(ticket, &seen, &quota(10, 9, MINUTE), now);
    let said = changes(&mut account);
    for what in [Ignored::FarWait, Ignored::EnoughLeft] {
        assert!(
            said.contains(&Change::Ignored { kind: None, what }),
            "{what:?}"
        );
    }
}

/// A minute that ends in a month is none. Nothing left is no reason to hold a call for long either.
#[test]
fn a_reset_beyond_its_window_is_not_believed() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let mut ticket = admit(&mut account, now);
    let mut quota = Quota::new();
    let minute = Some(Window::Minute);
    let said = quota.entry(LimitKind::Requests, minute).expect("room");
    (said.limit, said.remaining) = (Some(10), Some(0));
    said.reset = Some(30 * DAY);
    account.answer(&mut ticket, &quota, now);
    account.finish(ticket);
    let (kind, what) = (Some(LimitKind::Requests), Ignored::FarReset);
    assert!(changes(&mut account).contains(&Change::Ignored { kind, what }));
    let seen = account.view(now).next().expect("it was stated");
    let ends = seen.resets_at.expect("a guess") - now;
    assert!(ends <= 2 * MINUTE, "{ends:?}");
    let Admission::NotBefore(at, Held::Start) = account.admit(&Cost::default(), 0, now) else {
        panic!("the headers are a barrier");
    };
    assert!(at - now <= Duration::from_millis(300), "{:?}", at - now);
    go(&mut account, at);
}

/// A limit of one window: a day, named as such.
#[test]
fn limits_of_one_kind_are_told_apart_by_their_window() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let mut ticket = admit(&mut account, now);
    let mut quota = Quota::new();
    for (window, limit) in [(Window::Minute, 60), (Window::Day, 1_000)] {
        let said = quota
            .entry(LimitKind::Requests, Some(window))
            .expect("room");
        (said.limit, said.remaining) = (Some(limit), Some(limit - 1));
        said.reset = Some(window.length());
    }
    account.answer(&mut ticket, &quota, now);
    let seen: Vec<_> = account.view(now).map(|it| (it.window, it.limit)).collect();
    assert_eq!(
        seen,
        [(Some(Window::Minute), 60), (Some(Window::Day), 1_000)]
    );
    account.finish(ticket);
}

/// What headers state may be wrong: it foretells no wait, so nobody is refused for it.
#[test]
fn headers_foretell_nothing() {
    let start = Instant::now();
    let mut account = account(&[], start);
    let mut now = start;
    for n in 1..=10 {
        let mut ticket = admit(&mut account, now);
        let reset = Duration::from_millis(2_900) - (now - start);
        account.answer(&mut ticket, &quota(10, 10 - n, reset), now);
        account.finish(ticket);
        now += Duration::from_millis(20);
    }
    let all = Cost::default().with_requests(15);
    assert_eq!(account.forecast(&all, now), now);
}

/// A configured limit with a shape is a fact.
#[test]
fn a_configured_limit_foretells_its_own_wait() {
    let now = Instant::now();
    let all = |n| Cost::default().with_requests(n);
    let mut exact = account(&[Limit::requests(10, MINUTE).sliding()], now);
    go(&mut exact, now);
    assert_eq!(exact.forecast(&all(9), now), now);
    // Calls overtake each other by up to 60 ms.
    let back = now + MINUTE + Duration::from_millis(60);
    assert_eq!(exact.forecast(&all(10), now), back);
    let mut plain = account(&[Limit::requests(10, MINUTE)], now);
    assert_eq!(plain.forecast(&all(1_000), now), now);
}

/// Told 600 a minute, and the provider speaks of 60: one hears of it, once.
#[test]
fn a_configured_limit_that_is_not_reached_is_said() {
    let now = Instant::now();
    let mut account = account(&[Limit::requests(600, MINUTE)], now);
    assert_eq!(account.below(), None);
    let mut ticket = admit(&mut account, now);
    account.answer(&mut ticket, &quota(60, 59, MINUTE), now);
    account.finish(ticket);
    let below = account.below().expect("60 of 600");
    assert_eq!(
        (below.kind, below.reason),
        (LimitKind::Requests, Reason::Headers)
    );
    assert_eq!((below.configured, below.actual), (600.0, 60.0));
    let said = changes(&mut account);
    assert!(said.contains(&Change::Below(below)), "{said:?}");
    let mut ticket = admit(&mut account, now);
    account.answer(&mut ticket, &quota(60, 58, MINUTE), now);
    account.finish(ticket);
    let said = changes(&mut account);
    let again = said.iter().any(|it| matches!(it, Change::Below(_)));
    assert!(!again, "{said:?}");
    assert_eq!(account.below(), Some(below));
}
