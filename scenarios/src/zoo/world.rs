//! A world: a provider and the calls that come to it, all drawn from one seed.

mod calls;
mod describe;
mod headers;
mod limits;
mod load;
mod prompts;
mod shape;

use std::{sync::Arc, time::Duration};

pub(super) use self::{
    calls::Call,
    headers::{Headers, Lie, Oddity},
    limits::Limits,
    load::{Arrivals, Load},
    prompts::Prompts,
    shape::Shape,
};
use super::dice::Dice;

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// What goes wrong in 5 % of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failures {
    None,
    /// The provider counts the call and answers 500, when the answer is due.
    Errors,
    /// The provider counts and serves the call, and the connection is reset in place of the answer.
    Resets,
    /// The caller gives up.
    Callers,
}

/// Everything about a world.
#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    /// The seed of what is drawn while it is played: jitter, and which answers fail.
    pub(super) luck: u64,
    pub(super) headers: Headers,
    pub(super) prompts: Prompts,
    pub(super) limits: Limits,
    /// How long an answer takes on average.
    pub(super) latency: Duration,
    /// Messages are under way for up to two seconds, not for 15 to 45 ms.
    pub(super) far: bool,
    pub(super) failures: Failures,
    pub(super) load: Load,
    pub(super) calls: Vec<Call>,
}

impl World {
    /// The world of this seed, always the same.
    pub(super) fn draw(seed: u64) -> Arc<Self> {
        Self::with_luck(seed, 0)
    }

    /// The same world, where other jitter is drawn and other answers fail.
    pub(super) fn with_luck(seed: u64, luck: u64) -> Arc<Self> {
        let dice = Dice::new(seed, "answers");
        let latency = Duration::from_secs_f64(dice.pick(&[0.3, 1.0, 3.0, 8.0, 40.0, 90.0]));
        let far = dice.chance(0.1);
        let headers = Headers::draw(&Dice::new(seed, "headers"));
        let prompts = Prompts::draw(&Dice::new(seed, "prompts"), headers.dialect);
        let mean = prompts.mean();
        let mut limits = Limits::draw(&Dice::new(seed, "limits"), &prompts, mean);
        let load = Load::draw(&Dice::new(seed, "load"), limits.rate(mean, latency));
        limits.limit_the_day(&Dice::new(seed, "day"), load.calls);
        let failures = Dice::new(seed, "failures").pick(&[
            Failures::None,
            Failures::None,
            Failures::None,
            Failures::Errors,
            Failures::Resets,
            Failures::Callers,
        ]);
        let mut world = Self {
            seed,
            luck: seed.wrapping_add(luck << 32),
            headers,
            prompts,
            limits,
            latency,
            far,
            failures,
            load,
            calls: Vec::new(),
        };
        world.calls = (0..load.calls).map(|n| Call::draw(&world, n)).collect();
        Arc::new(world)
    }

    /// There is something that `told` can be told.
    pub(super) const fn is_limited(&self) -> bool {
        self.limits.requests.is_some()
    }
}
