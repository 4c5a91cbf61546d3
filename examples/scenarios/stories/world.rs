//! What a story is made of.

use std::time::Duration;

use tollgate_route::Route;
use tollgate_test::{Dialect, Provider, ProviderBuilder};

/// The providers, the way through them, and the calls that come.
pub(super) struct World {
    /// In the order of the route.
    pub(super) providers: Vec<Provider>,
    pub(super) route: Route,
    pub(super) calls: usize,
    /// The time between two calls.
    pub(super) every: Duration,
}

impl World {
    /// When a call arrives.
    pub(super) fn arrival(&self, call: usize) -> Duration {
        self.every * u32::try_from(call).expect("few")
    }
}

/// A provider whose answers begin after this time, give or take a part; calls and answers are under
/// way for 20 to 30 ms.
pub(super) fn provider(
    dialect: Dialect,
    seed: u64,
    (latency, jitter): (Duration, Duration),
) -> ProviderBuilder {
    Provider::builder(dialect)
        .latency(latency, jitter)
        .travel(Duration::from_millis(25), Duration::from_millis(5))
        .text("yes")
        .seed(seed)
}
