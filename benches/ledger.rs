//! What the count of a call costs, without a layer around it: admitted, answered and settled.
//!
//! `cargo bench --bench ledger` prints a table, `-- --json` a line per row. The first row is governor's
//! keyed check of one bucket, as a yardstick.

use std::{
    hint::black_box,
    num::NonZeroU32,
    time::{Duration, SystemTime},
};

use governor::{RateLimiter, clock::FakeRelativeClock};
use tokio::time::Instant;
use tollgate_benches::{Row, run};
use tollgate_core::{Cost, LimitKind, Quota, Random, Usage};
use tollgate_limit::{Account, Admission, Limit};

const MINUTE: Duration = Duration::from_secs(60);

/// A call every 10 ms.
const PACE: Duration = Duration::from_millis(10);

/// So much that no call ever waits.
const PLENTY: u64 = 4_000_000_000;

fn main() {
    run(rows);
}

fn rows() -> Vec<Row> {
    let buckets = || {
        vec![
            Limit::requests(PLENTY, MINUTE).bucket(PLENTY),
            Limit::tokens(PLENTY, MINUTE).bucket(PLENTY),
        ]
    };
    vec![
        governor("governor, one keyed check"),
        calls("two buckets told", &buckets(), |_| Quota::new()),
        calls("two buckets told, headers", &buckets(), |_| headers(PLENTY)),
        calls(
            "one bucket told",
            &[Limit::requests(PLENTY, MINUTE).bucket(PLENTY)],
            |_| Quota::new(),
        ),
        calls(
            "two sliding logs told",
            &[
                Limit::requests(PLENTY, MINUTE).sliding(),
                Limit::tokens(PLENTY, MINUTE).sliding(),
            ],
            |_| Quota::new(),
        ),
        calls("nothing told, headers of two windows", &[], |n| {
            headers(PLENTY - n % 60_000)
        }),
    ]
}

fn governor(name: &str) -> Row {
    let quota = governor::Quota::per_minute(NonZeroU32::MAX);
    let clock = FakeRelativeClock::default();
    let limiter = RateLimiter::hashmap_with_clock(quota, clock.clone());
    Row::plain(name, move || {
        clock.advance(PACE);
        black_box(limiter.check_key(black_box(&"key"))).expect("plenty");
    })
}

/// Calls one after the other, each complete before the next; `quota` is what the answers say.
fn calls(name: &str, limits: &[Limit], quota: impl Fn(u64) -> Quota + 'static) -> Row {
    let mut now = Instant::now();
    let account = Account::new(limits, Random::seeded(1), now, SystemTime::UNIX_EPOCH);
    let mut account = account.expect("limits that can be kept");
    let cost = Cost::default()
        .with_input_tokens(700)
        .with_output_tokens(300);
    let mut n = 0;
    let mut call = move || {
        (now, n) = (now + PACE, n + 1);
        let Admission::Admitted(mut ticket) = account.admit(black_box(&cost), now) else {
            // Learning is not over.
            return;
        };
        account.answer(&mut ticket, black_box(&quota(n)), now);
        account.settle(ticket, black_box(&Usage::new(700, 200)), now);
    };
    // A minute and more, so that every log has reached its size.
    (0..13_000).for_each(|_| call());
    Row::plain(name, call)
}

fn headers(remaining: u64) -> Quota {
    let mut quota = Quota::new();
    for kind in [LimitKind::Requests, LimitKind::Tokens] {
        let said = quota.entry(kind, None).expect("room");
        (said.limit, said.remaining) = (Some(PLENTY), Some(remaining));
        said.reset = Some(Duration::from_millis(59_500));
    }
    quota
}
