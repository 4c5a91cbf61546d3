//! What is foretold against what then happens.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, Quota, Random, Usage};

use crate::{Account, Admission, Limit};

const MINUTE: Duration = Duration::from_secs(60);

fn limits() -> impl Strategy<Value = Limit> {
    let amounts = 1_u64..200;
    let limit = amounts.prop_map(|amount| Limit::requests(amount, MINUTE));
    (limit, 0..4, 2_u64..50).prop_map(|(limit, shape, burst)| match shape {
        0 => limit.bucket(burst),
        1 => limit.fixed(),
        2 => limit.sliding(),
        _ => limit.day_in("UTC").expect("a zone"),
    })
}

fn account(limits: &[Limit], now: Instant) -> Account {
    Account::new(limits, Random::seeded(1), now, SystemTime::UNIX_EPOCH).expect("limits")
}

/// Sends calls as soon as they may go; the time of the last one.
fn send(account: &mut Account, calls: u64, mut now: Instant) -> Instant {
    for _ in 0..calls {
        loop {
            match account.admit(&Cost::default(), now) {
                Admission::Admitted(ticket) => break account.finish(ticket, now),
                Admission::NotBefore(at) => now = at,
                Admission::Never(large) => panic!("{large}"),
            }
        }
    }
    now
}

proptest! {
    #[test]
    fn calls_go_when_it_was_foretold(
        limit in limits(), before in 0_u64..300, gap in 0_u64..90_000, calls in 1_u64..300,
    ) {
        let start = Instant::now();
        let mut account = account(std::slice::from_ref(&limit), start);
        let now = send(&mut account, before, start) + Duration::from_millis(gap);
        let foretold = account.forecast(&Cost::default().with_requests(calls), now);
        let gone = send(&mut account, calls, now);
        // What shares a step of the log comes back with its last part, so up to a step per period late;
        // a bucket is asked a little earlier than it is taken from.
        let periods = (gone - now).as_secs() / 60 + 1;
        let slack = Duration::from_millis(125 * periods);
        prop_assert!(foretold <= gone + slack, "{:?} after {:?}", foretold - now, gone - now);
        prop_assert!(gone <= foretold + slack, "{:?} before {:?}", foretold - now, gone - now);
    }
}

#[test]
fn a_closed_gate_is_foretold() {
    let now = Instant::now();
    let mut account = account(&[], now);
    let Admission::Admitted(ticket) = account.admit(&Cost::default(), now) else {
        panic!("the first");
    };
    assert!(!account.is_idle(now));
    let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(9));
    account.reject(ticket, &seen, &Quota::new(), now);
    let opens = account.forecast(&Cost::default(), now) - now;
    assert!(
        opens >= Duration::from_secs(9) && opens < Duration::from_secs(10),
        "{opens:?}"
    );
    assert!(!account.is_idle(now));
    assert!(account.is_idle(now + Duration::from_secs(70)));
}

#[test]
fn what_was_taken_is_remembered_until_it_is_back() {
    let now = Instant::now();
    let mut account = account(&[Limit::tokens(1_000, MINUTE).bucket(1_000)], now);
    assert!(account.is_idle(now));
    let Admission::Admitted(ticket) = account.admit(&Cost::default().with_input_tokens(500), now)
    else {
        panic!("the first");
    };
    account.settle(ticket, &Usage::new(500, 0), now);
    assert!(!account.is_idle(now + Duration::from_secs(29)));
    assert!(account.is_idle(now + Duration::from_secs(31)));
}
