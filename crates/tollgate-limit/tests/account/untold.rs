//! Tokens that no header tells of.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Scope, Usage};
use tollgate_limit::{Account, Admission, Closed, Counts, Limit, Ticket};

const MINUTE: Duration = Duration::from_secs(60);
const MS: Duration = Duration::from_millis(1);

fn account(limits: &[Limit], now: Instant) -> Account {
    Account::new(limits, Random::seeded(1), now, SystemTime::UNIX_EPOCH).expect("limits to keep")
}

fn tokens(n: u64) -> Cost {
    Cost::default().with_input_tokens(n)
}

fn admit(account: &mut Account, cost: &Cost, now: Instant) -> Option<Ticket> {
    match account.admit(cost, 0, now) {
        Admission::Admitted(ticket) => Some(ticket),
        _ => None,
    }
}

fn serve(account: &mut Account, mut ticket: Ticket, now: Instant) {
    account.answer(&mut ticket, &Quota::new(), now);
    let used = Usage::new(ticket.cost().input_tokens(), 0);
    account.settle(ticket, &used, now);
}

/// How many calls go at once.
fn go(account: &mut Account, cost: &Cost, now: Instant) -> usize {
    let mut calls = 0;
    while calls < 1_000
        && let Some(ticket) = admit(account, cost, now)
    {
        serve(account, ticket, now);
        calls += 1;
    }
    calls
}

/// As a provider says that too many tokens were asked for.
fn too_many(seconds: u64) -> Classification {
    let seen = Classification::new(Class::RateLimited).with_limit(LimitKind::Tokens);
    seen.with_scope(Scope::Limit)
        .with_wait(Duration::from_secs(seconds))
}

/// A limit told by a person, and no header: calls go as fast as they like until tokens run out.
fn requests() -> Vec<Limit> {
    vec![Limit::requests(600, MINUTE)]
}

#[test]
fn a_rejection_that_names_tokens_holds_back_tokens_alone() {
    let now = Instant::now();
    let mut account = account(&requests(), now);
    let ticket = admit(&mut account, &tokens(100), now).expect("the first");
    account.reject(ticket, &too_many(7), &Quota::new(), now);
    assert!(admit(&mut account, &tokens(100), now + 6_999 * MS).is_none());
    let closed: Vec<Closed> = account.closed(now).collect();
    let [gate] = closed[..] else {
        panic!("{closed:?}");
    };
    assert_eq!((gate.kind, gate.stated), (Some(LimitKind::Tokens), true));
    let ticket = admit(&mut account, &Cost::default(), now);
    serve(&mut account, ticket.expect("it takes no tokens"), now);
    // At most half a hundredth of the wait is jitter.
    assert!(admit(&mut account, &tokens(100), now + 7_036 * MS).is_some());
}

/// The count of requests is a fact that a person stated: a rejection of tokens says nothing about it,
/// and what follows is no pace.
#[test]
fn no_limit_of_requests_is_searched_for() {
    let start = Instant::now();
    let mut account = account(&requests(), start);
    let ticket = admit(&mut account, &tokens(100), start).expect("the first");
    account.reject(ticket, &too_many(7), &Quota::new(), start);
    assert!(admit(&mut account, &tokens(100), start + MS).is_none());
    let mut now = start + 7_100 * MS;
    // One asks, and when no rejection comes, ever more go.
    assert_eq!(go(&mut account, &tokens(100), now), 1);
    let mut gone = 1;
    while gone < 500 {
        now += MS;
        gone += go(&mut account, &tokens(100), now);
        assert!(now < start + 10_000 * MS, "only {gone} went");
    }
    assert!(account.view(now).all(|it| it.counts != Counts::Measured));
}

#[test]
fn configured_tokens_are_kept_without_headers() {
    let now = Instant::now();
    let limits = [Limit::tokens(1_000, MINUTE).bucket(1_000)];
    let mut account = account(&limits, now);
    let mut gone = 0;
    for ms in 0..=12_060 {
        gone += go(&mut account, &tokens(100), now + ms * MS);
        // Ten at once, the last of them a moment later because calls overtake each other, and one more
        // every 6 s.
        let most = 10 + ms / 6_000;
        assert!(gone <= most as usize, "{gone} after {ms} ms");
        if ms == 300 {
            assert_eq!(gone, 10);
        }
    }
    assert_eq!(gone, 12);
}

/// Headers report tokens, and the rejection names nothing: whether the headers explain it or not, calls
/// that take no tokens begin with one.
#[test]
fn calls_of_another_kind_begin_with_one() {
    for left in [50, 100] {
        let now = Instant::now();
        let mut account = account(&[], now);
        let mut quota = Quota::new();
        let said = quota.entry(LimitKind::Tokens, None).expect("room");
        (said.limit, said.remaining) = (Some(1_000), Some(left));
        said.reset = Some(Duration::from_secs(30));
        let ticket = admit(&mut account, &tokens(100), now).expect("the first");
        let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(1));
        account.reject(ticket, &seen, &quota, now);
        let now = now + 2_000 * MS;
        let gone = go(&mut account, &Cost::default(), now);
        assert_eq!(gone, 1, "{left} left");
    }
}
