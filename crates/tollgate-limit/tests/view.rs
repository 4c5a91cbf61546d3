//! What an account tells of itself.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Usage, Window};
use tollgate_limit::{Account, Admission, Change, Counts, Ignored, Limit, Ticket};

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
    match account.admit(&Cost::default(), now) {
        Admission::Admitted(ticket) => ticket,
        other => panic!("{other:?}"),
    }
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
    let Admission::Admitted(ticket) = account.admit(&cost, now) else {
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
            counts: Counts::Log,
            ..
        },
    ] = learned[..]
    else {
        panic!("{learned:?}");
    };
    account.finish(ticket, later);
    let later = later + Duration::from_millis(100);
    let mut ticket = admit(&mut account, later);
    account.answer(&mut ticket, &quota(600, 598, MINUTE), later);
    assert_eq!(changes(&mut account), []);
    account.answer(&mut ticket, &quota(700, 698, MINUTE), later);
    assert_eq!(changes(&mut account), [], "an answer counts once");
    account.finish(ticket, later);
    let later = later + Duration::from_millis(100);
    let mut ticket = admit(&mut account, later);
    account.answer(&mut ticket, &quota(60, 20, MINUTE), later);
    assert!(matches!(
        changes(&mut account)[..],
        [Change::Learned { limit: 60, .. }]
    ));
    let seen = account.view(later).next().expect("what was learned");
    assert_eq!(
        (seen.limit, seen.remaining, seen.configured),
        (60, 20, false)
    );
    account.finish(ticket, later);
}

#[test]
fn gates_are_shown_while_they_are_closed() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let ticket = admit(&mut account, now);
    let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(4));
    account.reject(ticket, &seen, &Quota::new(), now);
    let until = account.gate(None, now).expect("closed");
    assert!((4.0..4.3).contains(&(until - now).as_secs_f64()));
    assert_eq!(account.gate(Some(LimitKind::Tokens), now), Some(until));
    let closed: Vec<_> = account
        .closed(now)
        .map(|it| (it.kind, it.until, it.probing))
        .collect();
    assert_eq!(closed, [(None, until, false)]);
    assert_eq!(
        changes(&mut account),
        [Change::Closed { kind: None, until }]
    );

    let mut probe = admit(&mut account, until);
    let shown = account
        .closed(until)
        .map(|it| it.probing)
        .collect::<Vec<_>>();
    assert_eq!(shown, [true]);
    account.answer(&mut probe, &Quota::new(), until);
    assert_eq!(changes(&mut account), [Change::Reopened { kind: None }]);
    assert_eq!(
        (account.gate(None, until), account.closed(until).count()),
        (None, 0)
    );
    account.finish(probe, until);
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
        account.finish(ticket, now);
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

/// A minute that ends in a month would stop its key for a month.
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
    account.finish(ticket, now);
    let Admission::NotBefore(at) = account.admit(&Cost::default(), now) else {
        panic!("nothing is left");
    };
    assert!(at - now <= 2 * MINUTE, "{:?}", at - now);
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
    account.finish(ticket, now);
}

/// A sliding log whose slots come back within seconds looks like one of a minute at first: that guess
/// foretells no wait of a minute.
#[test]
fn a_guessed_length_foretells_nothing() {
    let start = Instant::now();
    let mut account = account(&[], start);
    let mut now = start;
    for n in 1..=10 {
        let Admission::Admitted(mut ticket) = account.admit(&Cost::default(), now) else {
            break;
        };
        let reset = Duration::from_millis(2_900) - (now - start);
        account.answer(&mut ticket, &quota(10, 10 - n, reset), now);
        account.finish(ticket, now);
        now += Duration::from_millis(20);
    }
    let foretold = account.forecast(&Cost::default().with_requests(15), now) - now;
    assert!(foretold <= Duration::from_secs(3), "{foretold:?}");
}
