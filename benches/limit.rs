//! Threads that meet at one key of the limiter, and at keys of their own, beside governor's keyed check.
//!
//! `cargo bench -p tollgate-benches --bench limit` prints nanoseconds per admission: how long a thread takes for one, on
//! average, while all run. Ours counts requests, tokens and calls on their way, and takes a permit and
//! gives it back; governor's counts one bucket, and nothing is given back. The least of several rounds
//! is shown; only what was measured in one run compares.

use std::{hint::black_box, num::NonZeroU32, sync::Barrier, thread, time::Duration};

use governor::{DefaultKeyedRateLimiter, RateLimiter};
use tokio::time::Instant;
use tollgate_core::{Cost, Target};
use tollgate_limit::{Admit, Ask, Expected, Limit, LimitLayer, Limiter, Local, Outcome, Permit};

const CALLS: u32 = 100_000;
const ROUNDS: usize = 9;

fn main() {
    let (ours, governor) = (limiter(), governors());
    println!(
        "{:<34} {:>9} {:>9}",
        "ns per admission", "tollgate", "governor"
    );
    for (name, threads, apart) in [
        ("1 thread", 1, false),
        ("2 threads, one key", 2, false),
        ("2 threads, a key each", 2, true),
    ] {
        // In turns, so that both meet the same noise.
        let (mut least, mut theirs) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            least = least.min(time(threads, apart, |target| admit(&ours, target)));
            theirs = theirs.min(time(threads, apart, |target| {
                let _ = black_box(governor.check_key(target));
            }));
        }
        let ns = |time: Duration| time.as_nanos() as f64 / f64::from(CALLS);
        println!("{name:<34} {:>9.0} {:>9.0}", ns(least), ns(theirs));
    }
}

/// The time in which each of the threads makes its calls.
fn time(threads: usize, apart: bool, call: impl Fn(&Target) + Sync) -> Duration {
    let start = Barrier::new(threads + 1);
    let end = Barrier::new(threads + 1);
    thread::scope(|scope| {
        for nth in 0..threads {
            let (call, start, end) = (&call, &start, &end);
            scope.spawn(move || {
                let key = if apart { nth } else { 0 };
                let target = Target::new("groq", format!("llama-3.1-8b-instant-{key}"));
                start.wait();
                (0..CALLS).for_each(|_| call(&target));
                end.wait();
            });
        }
        start.wait();
        let began = Instant::now();
        end.wait();
        began.elapsed()
    })
}

fn limiter() -> Local {
    let second = Duration::from_secs(1);
    let builder = LimitLayer::builder()
        .limit(Limit::requests(100_000_000, second).bucket(100_000_000))
        .limit(Limit::tokens(4_000_000_000, second).bucket(4_000_000_000))
        .concurrency(1_000);
    builder.build_local().expect("good limits")
}

fn governors() -> DefaultKeyedRateLimiter<Target> {
    RateLimiter::keyed(governor::Quota::per_second(NonZeroU32::MAX))
}

fn admit(limiter: &Local, target: &Target) {
    let cost = Cost::default().with_input_tokens(10).with_output_tokens(10);
    let ask = Ask::new(Expected::set(cost), Instant::now());
    if let Admit::Now(permit) = black_box(limiter.acquire(target.into(), ask)) {
        permit.settle(Outcome::Unknown);
    }
}
