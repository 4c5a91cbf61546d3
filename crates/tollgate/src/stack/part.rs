//! What may stand in a place of the stack.

use std::time::Duration;

use tollgate_breaker as breaker;
use tollgate_classify::{ClassifyBuilder, ClassifyLayer};
use tollgate_core::{Observe, Random};
use tollgate_limit as limit;
use tollgate_retry as retry;
use tollgate_route::{self as route, invoke::InvokeStreamLayer, responses::StoredResponsesLayer};
use tower_layer::{Identity, Stack};

use super::{BuildError, Handle};
use crate::{Event, event::Each};

/// Nothing stands here.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "it is what it is")]
pub struct Off;

/// A layer of one's own stands here, such as a limiter with a shared store. It keeps the observer it
/// was built with, and its handle: `router(|router| router.outlook(handle))` lets the router ask it, too, and
/// `breaker(|breaker| breaker.evict(handle))` lets the breaker empty its queue.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "it is what it is")]
pub struct Prebuilt<L>(pub L);

/// What may stand in a place of the stack: a layer's builder, [`Off`] or [`Prebuilt`].
///
/// Closed: only this crate implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a part of the stack",
    label = "this part is no builder of a layer",
    note = "give back the builder, `Off` to leave the part out, or `Prebuilt(layer)` for a layer of your own",
    note = "the observer of the stack must be `Clone + Send + Sync + 'static` and hear `tollgate::Event`"
)]
pub trait Part<O>: sealed::Sealed {
    /// The layer that comes of it.
    type Layer;

    /// Takes the random parts out of the waits: [`Stack::no_jitter`](super::Stack::no_jitter).
    #[doc(hidden)]
    #[must_use]
    fn without_jitter(self) -> Self
    where
        Self: Sized,
    {
        self
    }

    /// Holds streams back for at least as long as their first event may take.
    #[doc(hidden)]
    #[must_use]
    fn holding(self, time: Duration) -> Self
    where
        Self: Sized,
    {
        let _ = time;
        self
    }

    /// Builds the layer, and leaves its handle behind.
    #[doc(hidden)]
    fn finish(self, observer: Each<O>, handle: &mut Handle) -> Result<Self::Layer, BuildError>;
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else implements `Part`")]
    pub trait Sealed {}
}

impl sealed::Sealed for Off {}
impl<L> sealed::Sealed for Prebuilt<L> {}
impl<C> sealed::Sealed for ClassifyBuilder<C> {}
impl sealed::Sealed for limit::Builder {}
impl sealed::Sealed for breaker::Builder {}
impl sealed::Sealed for retry::Builder {}
impl sealed::Sealed for route::Builder {}

impl<O> Part<O> for Off {
    type Layer = Identity;

    fn finish(self, _: Each<O>, _: &mut Handle) -> Result<Identity, BuildError> {
        Ok(Identity::new())
    }
}

impl<L, O> Part<O> for Prebuilt<L> {
    type Layer = L;

    fn finish(self, _: Each<O>, _: &mut Handle) -> Result<L, BuildError> {
        Ok(self.0)
    }
}

impl<C, O> Part<O> for ClassifyBuilder<C> {
    type Layer = ClassifyLayer<C, Each<O>>;

    fn holding(self, time: Duration) -> Self {
        self.hold_at_least(time)
    }

    fn finish(self, observer: Each<O>, _: &mut Handle) -> Result<Self::Layer, BuildError> {
        let built = self.observer(observer).build();
        built.map_err(|error| BuildError::new("classify", error))
    }
}

impl<O> Part<O> for limit::Builder {
    type Layer = limit::LimitLayer<Each<O>>;

    fn without_jitter(self) -> Self {
        self.random(Random::none())
    }

    fn finish(self, observer: Each<O>, handle: &mut Handle) -> Result<Self::Layer, BuildError> {
        let built = self.observer(observer).build();
        let layer = built.map_err(|error| BuildError::new("limit", error))?;
        handle.limit = Some(layer.handle());
        Ok(layer)
    }
}

impl<O> Part<O> for breaker::Builder
where
    O: for<'a> Observe<Event<'a>> + Send + Sync + 'static,
{
    type Layer = breaker::BreakerLayer<Each<O>>;

    fn without_jitter(self) -> Self {
        self.random(Random::none())
    }

    fn finish(mut self, observer: Each<O>, handle: &mut Handle) -> Result<Self::Layer, BuildError> {
        if let Some(limit) = &handle.limit {
            self = self.evict(limit.clone());
        }
        let built = self.observer(observer).build();
        let layer = built.map_err(|error| BuildError::new("breaker", error))?;
        handle.breaker = Some(layer.handle());
        Ok(layer)
    }
}

impl<O> Part<O> for retry::Builder {
    type Layer = retry::RetryLayer<Each<O>>;

    fn without_jitter(self) -> Self {
        self.no_jitter()
    }

    fn finish(self, observer: Each<O>, handle: &mut Handle) -> Result<Self::Layer, BuildError> {
        let sleepers = handle.closing.sleepers().clone();
        let built = self.sleepers(sleepers).observer(observer).build();
        let layer = built.map_err(|error| BuildError::new("retry", error))?;
        handle.retry = Some(layer.handle());
        Ok(layer)
    }
}

/// The router, and above it what only calls with routes need: calls that continue a stored response stay
/// with the target that made it, and streams of Claude on Bedrock become the events of Anthropic.
pub type Routes<O> =
    Stack<Stack<route::RouteLayer<Each<O>>, StoredResponsesLayer>, InvokeStreamLayer>;

impl<O> Part<O> for route::Builder {
    type Layer = Routes<O>;

    fn finish(mut self, observer: Each<O>, handle: &mut Handle) -> Result<Self::Layer, BuildError> {
        if let Some(limit) = &handle.limit {
            self = self.outlook(limit.clone());
        }
        if let Some(breaker) = &handle.breaker {
            self = self.outlook(breaker.clone());
        }
        let sleepers = handle.closing.sleepers().clone();
        let built = self.sleepers(sleepers).observer(observer).build();
        let layer = built.map_err(|error| BuildError::new("route", error))?;
        handle.route = Some(layer.handle());
        let stored = Stack::new(layer, StoredResponsesLayer::new());
        Ok(Stack::new(stored, InvokeStreamLayer::new()))
    }
}
