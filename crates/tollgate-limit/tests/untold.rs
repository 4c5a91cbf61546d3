//! Tokens that no header tells of.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Scope, Usage};
use tollgate_limit::{Account, Admission, Counts, Limit, Ticket};

const MINUTE: Duration = Duration::from_secs(60);
const MS: Duration = Duration::from_millis(1);

fn account(limits: &[Limit], now: Instant) -> Account {
    Account::new(limits, Random::seeded(1), now, SystemTime::UNIX_EPOCH).expect("limits to keep")
}

fn tokens(n: u64) -> Cost {
    Cost::default().with_input_tokens(n)
}

fn admit(account: &mut Account, cost: &Cost, now: Instant) -> Option<Ticket> {
    match account.admit(cost, now) {
        Admission::Admitted(ticket) => Some(ticket),
        _ => None,
    }
}

fn serve(account: &mut Account, mut ticket: Ticket, quota: &Quota, now: Instant) {
    account.answer(&mut ticket, quota, now);
    account.settle(ticket, &Usage::new(100, 0), now);
}

/// As a provider says that too many tokens were asked for.
fn too_many(seconds: u64) -> Classification {
    let seen = Classification::new(Class::RateLimited).with_limit(LimitKind::Tokens);
    seen.with_scope(Scope::Limit)
        .with_wait(Duration::from_secs(seconds))
}

/// A limit told by a person, and no header: calls go as fast as they like until tokens run out.
fn requests() -> Vec<Limit> {
    vec![Limit::requests(600, MINUTE).bucket(600)]
}

#[test]
fn a_rejection_that_names_tokens_holds_back_tokens_alone() {
    let now = Instant::now();
    let mut account = account(&requests(), now);
    let ticket = admit(&mut account, &tokens(100), now).expect("the first");
    account.reject(ticket, &too_many(7), &Quota::new(), now);
    assert!(admit(&mut account, &tokens(100), now + 6_999 * MS).is_none());
    assert!(account.gate(Some(LimitKind::Tokens), now).is_some());
    assert_eq!(account.gate(Some(LimitKind::Images), now), None);
    let ticket = admit(&mut account, &Cost::default(), now);
    serve(
        &mut account,
        ticket.expect("it takes no tokens"),
        &Quota::new(),
        now,
    );
}

#[test]
fn no_limit_of_requests_is_searched_for() {
    let now = Instant::now();
    let mut account = account(&requests(), now);
    let ticket = admit(&mut account, &tokens(100), now).expect("the first");
    account.reject(ticket, &too_many(7), &Quota::new(), now);
    let now = now + 8_000 * MS;
    let probe = admit(&mut account, &tokens(100), now).expect("the one that tries");
    assert!(admit(&mut account, &tokens(100), now).is_none());
    serve(&mut account, probe, &Quota::new(), now);
    // All at once: nothing paces them.
    for n in 0..500 {
        let ticket = admit(&mut account, &tokens(100), now);
        serve(
            &mut account,
            ticket.unwrap_or_else(|| panic!("call {n}")),
            &Quota::new(),
            now,
        );
    }
    assert!(account.view(now).all(|it| it.counts != Counts::Measured));
}

#[test]
fn configured_tokens_are_kept_without_headers() {
    let now = Instant::now();
    let limits = [Limit::tokens(1_000, MINUTE).bucket(1_000)];
    let mut account = account(&limits, now);
    let all = (0..50)
        .filter_map(|_| admit(&mut account, &tokens(100), now))
        .count();
    // The last waits for a moment: calls may overtake each other on the way.
    assert_eq!(all, 9);
    assert!(admit(&mut account, &tokens(100), now + 60 * MS).is_some());
    assert!(admit(&mut account, &tokens(100), now + 4_000 * MS).is_none());
}

/// Headers tell of tokens, and the rejection names nothing: the headers explain it, or do not.
#[test]
fn headers_explain_a_rejection_that_names_nothing() {
    for (left, searched) in [(50, false), (100, true)] {
        let now = Instant::now();
        let mut account = account(&requests(), now);
        let mut quota = Quota::new();
        let said = quota.entry(LimitKind::Tokens, None).expect("room");
        (said.limit, said.remaining) = (Some(1_000), Some(left));
        said.reset = Some(Duration::from_secs(30));
        let ticket = admit(&mut account, &tokens(100), now).expect("the first");
        let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(1));
        account.reject(ticket, &seen, &quota, now);
        let mut now = now + 2_000 * MS;
        // As many calls without tokens as go within two seconds.
        let mut gone = 0;
        for _ in 0..2_000 {
            if let Some(ticket) = admit(&mut account, &Cost::default(), now) {
                serve(&mut account, ticket, &Quota::new(), now);
                gone += 1;
            }
            now += MS;
        }
        assert_eq!(gone < 100, searched, "{left} left: {gone}");
    }
}
