//! Calls that a stated wait for tokens is not meant for, on the account itself.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random, Usage};
use tollgate_limit::{Account, Admission, Ticket};

const MS: Duration = Duration::from_millis(1);

fn admit(account: &mut Account, tokens: u64, now: Instant) -> Option<Ticket> {
    let cost = Cost::default().with_input_tokens(tokens);
    match account.admit(&cost, 0, now) {
        Admission::Admitted(ticket) => Some(ticket),
        _ => None,
    }
}

fn goes(account: &mut Account, tokens: u64, now: Instant) -> bool {
    admit(account, tokens, now).is_some()
}

/// So many tokens are left of 6,000.
fn left(tokens: u64) -> Quota {
    let mut quota = Quota::new();
    let said = quota.entry(LimitKind::Tokens, None).expect("room for one");
    (said.limit, said.remaining) = (Some(6_000), Some(tokens));
    said.reset = Some(Duration::from_secs(120));
    quota
}

fn too_many(wait: u64) -> Classification {
    let seen = Classification::new(Class::RateLimited).with_limit(LimitKind::Tokens);
    seen.with_wait(Duration::from_secs(wait))
}

/// A call of 5,000 tokens was rejected just now; so many were left.
fn closed(wait: u64, tokens: u64) -> (Account, Instant) {
    let now = Instant::now();
    let account = Account::new(&[], Random::seeded(7), now, SystemTime::UNIX_EPOCH);
    let mut account = account.expect("no limits");
    let ticket = admit(&mut account, 5_000, now).expect("the first goes");
    account.reject(ticket, &too_many(wait), &left(tokens), now + 50 * MS);
    (account, now + 100 * MS)
}

#[test]
fn a_call_that_fits_goes() {
    let (mut account, now) = closed(30, 1_000);
    assert!(!goes(&mut account, 5_000, now));
    assert!(!goes(&mut account, 1_001, now));
    assert!(goes(&mut account, 600, now));
    assert!(!goes(&mut account, 600, now), "400 are left");
    assert!(goes(&mut account, 300, now));
}

/// By the headers there was room for the rejected call: another limit was met, that of a day perhaps.
#[test]
fn nothing_goes_where_headers_do_not_explain_the_rejection() {
    for tokens in [5_000, 6_000] {
        let (mut account, now) = closed(600, tokens);
        assert!(!goes(&mut account, 10, now), "{tokens} left");
    }
}

/// A long wait is tested, but a small call is no test of it.
#[test]
fn a_small_success_does_not_open_the_gate() {
    for wait in [30, 120] {
        let (mut account, now) = closed(wait, 1_000);
        let mut ticket = admit(&mut account, 100, now).expect("it fits");
        account.answer(&mut ticket, &left(900), now + 50 * MS);
        account.settle(ticket, &Usage::new(100, 0), now + 50 * MS);
        assert!(!goes(&mut account, 5_000, now + 60 * MS), "{wait} s");
    }
}

#[test]
fn a_small_rejection_ends_the_exception_and_not_the_wait() {
    for (wait, tokens) in [(2, 800), (2, 100), (20, 0)] {
        let (mut account, now) = closed(30, 1_000);
        let ticket = admit(&mut account, 900, now).expect("it fits");
        account.reject(ticket, &too_many(wait), &left(tokens), now + 50 * MS);
        assert!(!goes(&mut account, 10, now + 60 * MS));
        assert!(!goes(&mut account, 5_000, now + 29_000 * MS));
        assert!(goes(&mut account, 5_000, now + 31_000 * MS));
    }
}

/// Of a burst that was rejected, the last call had room: then the others had it as well.
#[test]
fn a_burst_that_the_headers_do_not_explain_is_held() {
    let (mut account, now) = closed(30, 1_000);
    let small = [(); 2].map(|()| admit(&mut account, 400, now).expect("they fit"));
    for ticket in small {
        account.reject(ticket, &too_many(30), &left(1_000), now + 50 * MS);
    }
    assert!(!goes(&mut account, 400, now + 60 * MS));
}
