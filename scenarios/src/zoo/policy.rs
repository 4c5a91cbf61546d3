//! The stacks that play a world.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use tollgate::{
    BoxClient, Stack,
    stack::{Handle, Off},
};
use tollgate_test::Kind;

use super::{clock::DayClock, dice::random, story::Listener, wire::Wire, world::World};

/// A way to play a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Off,
    Default,
    Told,
    Governor,
}

impl Policy {
    pub(super) const ALL: [Self; 4] = [Self::Off, Self::Default, Self::Told, Self::Governor];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Default => "default",
            Self::Told => "told",
            Self::Governor => "governor",
        }
    }

    /// The policy that does the same in this world, where there is nothing to tell it.
    pub(super) const fn in_effect(self, world: &World) -> Self {
        match self {
            Self::Told if !world.is_limited() => Self::Default,
            Self::Governor if !world.is_limited() => Self::Off,
            policy => policy,
        }
    }

    /// The stack of this policy, and its handle. All are alike but for the limiter, and have the same
    /// luck.
    pub(super) fn client(
        self,
        world: &Arc<World>,
        wire: Wire,
        listener: Listener,
    ) -> (BoxClient<Full<Bytes>>, Handle) {
        let random = |purpose| random(world.luck, purpose);
        let clock = DayClock::new();
        let stack = Stack::new()
            .retry(|retry| retry.random(random("retry")))
            .breaker(|breaker| breaker.random(random("breaker")).wall_clock(clock))
            .classify(|classify| classify.clock(clock))
            .observer(listener);
        let told = (self == Self::Told).then_some(&world.limits);
        match self {
            Self::Off | Self::Governor => {
                let layer = stack.limit(|_| Off).build().expect("good settings");
                (layer.boxed(wire), layer.handle())
            }
            Self::Default | Self::Told => {
                let stack = stack.limit(|mut limit| {
                    limit = limit.random(random("limit")).wall_clock(clock);
                    if let Some(requests) = told.and_then(|limits| limits.requests) {
                        limit = limit.requests_per_minute(requests);
                    }
                    match (told.and_then(|limits| limits.tokens), world.prompts.kind) {
                        (Some(tokens), Kind::InputTokens) => limit.input_tokens_per_minute(tokens),
                        (Some(tokens), _) => limit.tokens_per_minute(tokens),
                        (None, _) => limit,
                    }
                });
                let layer = stack.build().expect("good settings");
                (layer.boxed(wire), layer.handle())
            }
        }
    }
}
