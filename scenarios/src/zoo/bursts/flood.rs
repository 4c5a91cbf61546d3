//! Calls where nothing is limited: how soon do as many go out as come?

use std::{sync::Arc, time::Duration};

use super::world::plain_world;
use crate::zoo::{outcome::End, play::play_and_log, policy::Policy, story::Listener, world::World};

/// Calls whose number a second grows to 5,000 within a second, and stays there.
#[derive(Debug, Clone, Copy)]
pub(in crate::zoo) struct Flood {
    pub(super) headers: bool,
    pub(super) latency: f64,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(in crate::zoo) struct Reached {
    /// When 5,000 calls a second arrived at the provider for the first time.
    pub(super) at: Option<Duration>,
    /// How much later than its latency an answer came at worst, in seconds.
    pub(super) worst: f64,
    pub(super) answered: usize,
    pub(super) calls: usize,
}

/// Calls a second.
const RATE: f64 = 5_000.0;
/// The calls come for so many seconds.
const SECONDS: f64 = 5.0;
/// The span in which they are counted.
const SPAN: Duration = Duration::from_millis(100);

impl Flood {
    pub(super) fn all() -> Vec<Self> {
        let both = |latency| [true, false].map(|headers| Self { headers, latency });
        [0.2, 1.0, 8.0, 90.0].into_iter().flat_map(both).collect()
    }

    fn world(&self) -> Arc<World> {
        // In the first second as many come as belong to a rate that grows evenly.
        let ramp = (RATE / 2.0) as usize;
        let all = ramp + (RATE * (SECONDS - 1.0)) as usize;
        let arrival = |n: usize| match n.checked_sub(ramp) {
            None => Duration::from_secs_f64((n as f64 / ramp as f64).sqrt()),
            Some(n) => Duration::from_secs_f64(1.0 + n as f64 / RATE),
        };
        let arrivals: Vec<Duration> = (0..all).map(arrival).collect();
        let latency = Duration::from_secs_f64(self.latency);
        plain_world(None, self.headers, latency, &arrivals)
    }

    pub(super) fn play(&self) -> Reached {
        let world = self.world();
        let (outcome, arrivals) = play_and_log(&world, Policy::Default, Listener::default());
        let late = |end: &End| match end {
            End::Answered(took) => Some(took.as_secs_f64() - self.latency),
            _ => None,
        };
        Reached {
            at: reached(&arrivals),
            worst: outcome.ends.iter().filter_map(late).fold(0.0, f64::max),
            answered: outcome.answers(),
            calls: world.calls.len(),
        }
    }
}

/// When as many arrived within the span as belong to the rate; a little fewer, because some are
/// under way for longer.
fn reached(arrivals: &[Duration]) -> Option<Duration> {
    let many = (RATE * SPAN.as_secs_f64() * 0.98) as usize;
    let spans = arrivals.windows(many);
    let full = spans.filter_map(|span| Some((*span.first()?, *span.last()?)));
    let mut full = full.filter(|(first, last)| *last - *first <= SPAN);
    full.next().map(|(_, last)| last)
}
