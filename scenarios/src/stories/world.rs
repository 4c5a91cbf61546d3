//! What a story is made of.

use std::time::Duration;

use tollgate_limit::Limits;
use tollgate_route::{Route, provider::preset};
use tollgate_test::{Dialect, Provider, ProviderBuilder};

use super::stack::ATTEMPT;
use crate::{
    request::{Req, request},
    twist::Twist,
};

/// The providers, the way through them, and the calls that come.
pub(super) struct World {
    /// In the order of the route.
    pub(super) providers: Vec<Provider>,
    pub(super) route: Route,
    pub(super) calls: usize,
    /// The time between two calls.
    pub(super) every: Duration,
    /// Each call comes when the one before has ended.
    pub(super) one_by_one: bool,
    /// The limits that the limiter is configured with.
    pub(super) limits: Limits,
    /// When each call comes, by its number, where that is not every so often.
    pub(super) arrival: Option<fn(usize) -> Duration>,
    /// How long an attempt may take; `None` leaves it to the defaults.
    pub(super) attempt: Option<Duration>,
    /// How long a call may take; `None` leaves it to the defaults.
    pub(super) deadline: Option<Duration>,
    /// After how long its caller gives a call up.
    pub(super) patience: Option<Duration>,
    /// What is sent, by the number of the call.
    pub(super) request: fn(usize) -> Req,
}

impl World {
    /// Short calls that come at their time; no limit is configured.
    pub(super) fn new(
        providers: Vec<Provider>,
        route: Route,
        (calls, every): (usize, Duration),
    ) -> Self {
        Self {
            providers,
            route,
            calls,
            every,
            one_by_one: false,
            limits: Limits::new(),
            arrival: None,
            attempt: Some(ATTEMPT),
            deadline: None,
            patience: None,
            request: |call| request(call, Twist::None),
        }
    }

    /// How many calls can run at the same time.
    pub(super) fn at_once(&self) -> usize {
        if self.one_by_one { 1 } else { self.calls }
    }

    /// When a call arrives.
    pub(super) fn arrival(&self, call: usize) -> Duration {
        match self.arrival {
            Some(arrival) => arrival(call),
            None => self.every * u32::try_from(call).expect("few"),
        }
    }
}

/// Groq first, then OpenAI.
pub(super) fn groq_then_openai() -> Route {
    Route::new("chat")
        .ordered([preset::groq().key("k").model("llama-3.1-8b-instant")])
        .ordered([preset::openai().key("k").model("gpt-4o-mini")])
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
