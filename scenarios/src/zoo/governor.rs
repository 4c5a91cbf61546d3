//! governor's check in front of a client, as people put it there.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, state::keyed::HashMapStateStore,
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};
use tollgate_test::Kind;

use super::world::{Call, Prompts, World};

type Key = &'static str;
type Keyed = RateLimiter<Key, HashMapStateStore<Key>, Paused, NoOpMiddleware<Duration>>;

const KEY: Key = "the provider";

/// Keyed limiters of governor's, told the truth: requests a minute, and tokens a minute where the
/// provider counts them.
pub(super) struct Governor {
    requests: Option<Keyed>,
    tokens: Option<Keyed>,
    prompts: Prompts,
    /// Callers queue here: who comes first goes first, and only one looks at the clock.
    turn: Mutex<()>,
    clock: Paused,
}

/// tokio's clock as governor wants it.
#[derive(Debug, Clone, Copy)]
struct Paused(Instant);

impl Clock for Paused {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Governor {
    pub(super) fn of(world: &World) -> Self {
        let clock = Paused(Instant::now());
        let keyed = |amount: u64| {
            let amount = NonZeroU32::new(u32::try_from(amount).unwrap_or(u32::MAX));
            let quota = Quota::per_minute(amount.expect("a limit above zero"));
            RateLimiter::hashmap_with_clock(quota, clock)
        };
        Self {
            requests: world.limits.requests.map(keyed),
            tokens: world.limits.tokens.map(keyed),
            prompts: world.prompts,
            turn: Mutex::new(()),
            clock,
        }
    }

    /// Waits until a call may go.
    pub(super) async fn until_ready(&self, call: &Call) {
        let _turn = self.turn.lock().await;
        let asked = match self.prompts.kind {
            Kind::InputTokens => call.usage.input(),
            _ => call.usage.input() + self.prompts.max_tokens,
        };
        if let Some(tokens) = &self.tokens {
            self.wait(tokens, asked).await;
        }
        if let Some(requests) = &self.requests {
            self.wait(requests, 1).await;
        }
    }

    async fn wait(&self, limiter: &Keyed, cells: u64) {
        let cells = NonZeroU32::new(u32::try_from(cells).unwrap_or(u32::MAX));
        // What is larger than the limit goes at once: it would wait for ever.
        while let Ok(Err(not_until)) = limiter.check_key_n(&KEY, cells.expect("some cells")) {
            sleep(not_until.wait_time_from(self.clock.now())).await;
        }
    }
}
