//! 1,000 calls at once wait for a limit of 10 a second, and the only provider resets every connection.

use std::time::Duration;

use tollgate_breaker::Event;
use tollgate_limit::Limits;
use tollgate_route::{Route, provider::preset};
use tollgate_test::{Dialect, Fault};

use super::{
    Extra,
    seen::{Seen, millis},
    world::{World, provider},
};

const HEAD: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
const CALLS: usize = 1_000;

pub(super) fn world(seed: u64) -> World {
    let groq = provider(Dialect::Groq, seed, HEAD).fault(Fault::reset_before_headers());
    let route = Route::new("chat").ordered([preset::groq().key("k").model("llama-3.1-8b-instant")]);
    World {
        limits: Limits::new().requests_per_second(10),
        ..World::new(vec![groq.build()], route, (CALLS, Duration::ZERO))
    }
}

/// How many reached the provider, and how long the others waited once the breaker knew.
pub(super) fn extra(seen: &Seen) -> Extra {
    let opened = seen.breaker.iter().find_map(|(at, event)| match event {
        Event::Opened { .. } => Some(*at),
        _ => None,
    });
    let last = seen.calls.iter().map(|call| call.arrival + call.took).max();
    let after = opened.zip(last).map(|(at, last)| last.saturating_sub(at));
    Extra::from([
        ("reached", Some(seen.traces[0].len() as u64)),
        ("opened_after_ms", opened.and_then(millis)),
        ("told_after_opening_ms", after.and_then(millis)),
    ])
}
