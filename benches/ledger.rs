//! What the count of a call costs, without a layer around it: admitted, answered and settled.
//!
//! `cargo bench -p tollgate-benches --bench ledger` prints a table, `-- --json` a line per row. governor's keyed check
//! of one bucket is the yardstick.

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

const KINDS: [LimitKind; 2] = [LimitKind::Requests, LimitKind::Tokens];

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
    let mut now = Instant::now();
    let turn = move || now = black_box(now + PACE);
    vec![
        Row::plain("a turn of the clock, part of each call", turn),
        governor("governor, one keyed check"),
        calls("two buckets told", &buckets(), None),
        calls(
            "requests and tokens a minute told, no shape",
            &[
                Limit::requests(PLENTY, MINUTE),
                Limit::tokens(PLENTY, MINUTE),
            ],
            None,
        ),
        calls("nothing told, nothing heard", &[], None),
        calls("two buckets told, headers", &buckets(), Some(0)),
        calls(
            "one bucket told",
            &[Limit::requests(PLENTY, MINUTE).bucket(PLENTY)],
            None,
        ),
        calls(
            "two sliding logs told",
            &[
                Limit::requests(PLENTY, MINUTE).sliding(),
                Limit::tokens(PLENTY, MINUTE).sliding(),
            ],
            None,
        ),
        calls("nothing told, headers of two windows", &[], Some(1)),
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

/// Calls one after the other, each complete before the next. Answers say how much remains, and each
/// time `less` than before.
fn calls(name: &str, limits: &[Limit], less: Option<u64>) -> Row {
    let mut now = Instant::now();
    let account = Account::new(limits, Random::seeded(1), now, SystemTime::UNIX_EPOCH);
    let mut account = account.expect("limits that can be kept");
    let cost = Cost::default()
        .with_input_tokens(700)
        .with_output_tokens(300);
    let mut quota = less.map_or_else(Quota::new, |_| headers());
    let mut call = move || {
        now += PACE;
        let Admission::Admitted(mut ticket) = account.admit(black_box(&cost), 0, now) else {
            // Learning is not over.
            return;
        };
        if let Some(less) = less {
            count_down(&mut quota, less);
        }
        account.answer(&mut ticket, black_box(&quota), now);
        account.settle(ticket, black_box(&Usage::new(700, 200)), now);
    };
    // A minute and more, so that every log has reached its size.
    (0..13_000).for_each(|_| call());
    Row::plain(name, call)
}

fn headers() -> Quota {
    let mut quota = Quota::new();
    for kind in KINDS {
        let said = quota.entry(kind, None).expect("room");
        (said.limit, said.remaining) = (Some(PLENTY), Some(PLENTY));
        said.reset = Some(Duration::from_millis(59_500));
    }
    quota
}

fn count_down(quota: &mut Quota, less: u64) {
    for kind in KINDS {
        let said = quota.entry(kind, None).expect("room");
        said.remaining = said.remaining.map(|left| left - less);
    }
}
