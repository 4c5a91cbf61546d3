//! The layers of a stack as one.

use tollgate_core::{ReplayLayer, replay::Buffered};
use tollgate_route::timeout::{Timed, TimeoutLayer};
use tower_layer::Layer;

use super::{Handle, Part};
use crate::{DeadlineLayer, deadline::Deadline};

/// All layers of a [`Stack`](super::Stack) as one layer: around a client, outermost first, deadline,
/// body, route (`R`), retry (`T`), breaker (`B`), limit (`L`), time limits and classify (`C`).
///
/// All services it makes share limits, breakers, budgets and cooldowns.
#[derive(Debug, Clone)]
pub struct StackLayer<R, T, B, L, C> {
    pub(super) deadline: DeadlineLayer,
    pub(super) replay: ReplayLayer,
    pub(super) route: R,
    pub(super) retry: T,
    pub(super) breaker: B,
    pub(super) limit: L,
    pub(super) timeouts: TimeoutLayer,
    pub(super) classify: C,
    pub(super) handle: Handle,
}

impl<R, T, B, L, C> StackLayer<R, T, B, L, C> {
    /// A hand on what the layers of this stack know.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl<S, R, T, B, L, C> Layer<S> for StackLayer<R, T, B, L, C>
where
    C: Layer<S>,
    L: Layer<Timed<C::Service>>,
    B: Layer<L::Service>,
    T: Layer<B::Service>,
    R: Layer<T::Service>,
{
    type Service = Deadline<Buffered<R::Service>>;

    fn layer(&self, client: S) -> Self::Service {
        let service = self.timeouts.layer(self.classify.layer(client));
        let service = self.breaker.layer(self.limit.layer(service));
        let service = self.route.layer(self.retry.layer(service));
        self.deadline.layer(self.replay.layer(service))
    }
}

/// What a [`Stack`](super::Stack) with these parts and this observer builds.
#[rustfmt::skip]
pub type Built<R, T, B, L, C, O> = StackLayer<
    <R as Part<O>>::Layer,
    <T as Part<O>>::Layer,
    <B as Part<O>>::Layer,
    <L as Part<O>>::Layer,
    <C as Part<O>>::Layer,
>;
