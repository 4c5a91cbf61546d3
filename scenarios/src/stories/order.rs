//! The first of two providers is healthy, and says nothing about limits: bursts of 20, 60, 100 and 200.

use std::time::Duration;

use tollgate_test::Dialect;

use super::{
    Extra,
    seen::{Seen, served},
    world::{World, groq_then_openai, provider},
};

const HEAD: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
const BURSTS: [usize; 4] = [20, 60, 100, 200];
const PAUSE: Duration = Duration::from_secs(30);

pub(super) fn world(seed: u64) -> World {
    let groq = provider(Dialect::Groq, 2 * seed, HEAD);
    let openai = provider(Dialect::OpenAi, 2 * seed + 1, HEAD);
    let route = groq_then_openai();
    let calls = BURSTS.iter().sum();
    let providers = vec![groq.build(), openai.build()];
    World {
        attempt: None,
        arrival: Some(arrival),
        ..World::new(providers, route, (calls, Duration::ZERO))
    }
}

/// One burst after the other.
fn arrival(call: usize) -> Duration {
    let ends = BURSTS.iter().scan(0, |sum, burst| {
        *sum += burst;
        Some(*sum)
    });
    let before = ends.take_while(|end| *end <= call).count();
    PAUSE * u32::try_from(before).expect("few")
}

pub(super) fn extra(seen: &Seen) -> Extra {
    let first = seen.traces[0].iter().filter(|it| served(it)).count();
    let part = first * 1_000 / seen.calls.len();
    Extra::from([
        ("served_by_first_permille", Some(part as u64)),
        ("slowest_ms", seen.slowest()),
    ])
}
