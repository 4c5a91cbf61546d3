//! Worlds in which nothing fails.

use std::{sync::Arc, time::Duration};

use tollgate_test::{Dialect, Headers as Class};

use crate::zoo::{
    dice::Dice,
    world::{Arrivals, Call, Failures, Headers, Limits, Load, Oddity, Prompts, World},
};

/// A world in which nothing fails, with a call for each arrival.
pub(super) fn plain_world(
    limit: Option<u64>,
    headers: bool,
    latency: Duration,
    arrivals: &[Duration],
) -> Arc<World> {
    let class = if headers {
        Class::Dialect
    } else {
        Class::Silent
    };
    let dice = Dice::new(1, "bursts");
    let call = |arrival: &Duration| Call::plain(latency, *arrival, &dice);
    let calls: Vec<Call> = arrivals.iter().map(call).collect();
    Arc::new(World {
        seed: 1,
        luck: 1,
        headers: Headers {
            dialect: Dialect::OpenAi,
            class,
            oddity: Oddity::None,
        },
        prompts: Prompts::SHORT,
        limits: Limits::plain(limit),
        latency,
        far: false,
        failures: Failures::None,
        load: Load {
            factor: 0.0,
            arrivals: Arrivals::Burst,
            calls: calls.len(),
        },
        calls,
    })
}
