//! The layers of a stack as one.

use tollgate_core::{ReplayLayer, replay::Buffered};
use tollgate_route::timeout::{Timed, TimeoutLayer};
use tower_layer::Layer;

use super::{Bottom, Gate, Handle, Part};
use crate::{
    AttemptLayer, DeadlineLayer, OperationLayer, attempt::Attempt, deadline::Deadline,
    operation::Operation,
};

/// All layers of a [`Stack`](super::Stack) as one layer: around a client, outermost first, deadline,
/// body, what tells of the whole call, route (`R`), retry (`T`), what tells of an attempt, breaker
/// (`B`), limit (`L`), time limits and classify (`C`). Its observer is an `O`.
///
/// Its services take requests with any body of `Bytes`, and answer with a body that hands on every frame.
///
/// # Sharing
///
/// All services it makes, and their clones, share limits, breakers, budgets and cooldowns.
///
/// # Readiness
///
/// Ready at once, if it has a router, a breaker or a limiter: the call waits for the client, not its
/// caller. Errors of the client's readiness pass. Nothing that was made ready is held while a call waits.
///
/// # Errors
///
/// An error answer of a provider is none: it comes as it is. What calls end with:
///
/// * [`Rejected`](tollgate_core::Rejected), somewhere in the chain, where a layer refused;
/// * [`Exhausted`](tollgate_route::Exhausted), [`BadRequest`](tollgate_route::BadRequest) and
///   [`NoRoute`](tollgate_route::NoRoute) of a router;
/// * [`TimedOut`](tollgate_route::timeout::TimedOut), inside an I/O error, where an attempt took too long;
/// * the error of reading a request body, and those of the client.
///
/// # Panics
///
/// Outside of a tokio runtime with its timer enabled.
///
/// # Cancel safety
///
/// Dropping a call's future, or the body of its response, gives back every place, permit, probe and
/// reservation. What was spent of a retry budget stays spent.
#[derive(Debug, Clone)]
pub struct StackLayer<R, T, B, L, C, O> {
    pub(super) deadline: DeadlineLayer,
    pub(super) replay: ReplayLayer,
    pub(super) operation: OperationLayer<O>,
    pub(super) route: R,
    pub(super) retry: T,
    pub(super) attempt: AttemptLayer<O>,
    pub(super) breaker: B,
    pub(super) limit: L,
    pub(super) timeouts: TimeoutLayer,
    pub(super) classify: C,
    pub(super) handle: Handle,
}

impl<R, T, B, L, C, O> StackLayer<R, T, B, L, C, O> {
    /// A hand on what the layers of this stack know.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl<S, R, T, B, L, C, O> Layer<S> for StackLayer<R, T, B, L, C, O>
where
    C: Layer<Bottom<S>>,
    L: Layer<Timed<C::Service>>,
    B: Layer<L::Service>,
    T: Layer<Gate<Attempt<B::Service, O>>>,
    R: Layer<T::Service>,
{
    type Service = Deadline<Buffered<Operation<R::Service, O>>>;

    fn layer(&self, client: S) -> Self::Service {
        let service = self.timeouts.layer(self.classify.layer(Bottom(client)));
        let service = self.breaker.layer(self.limit.layer(service));
        let closing = &self.handle.closing;
        let service = Gate::new(self.attempt.layer(service), closing.clone());
        let service = self.route.layer(self.retry.layer(service));
        let service = self.replay.layer(self.operation.layer(service));
        self.deadline.layer(service).counted(closing.clone())
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
    O,
>;
