//! Puts the parts of a stack together.

use std::sync::Arc;

use tower_layer::Layer;

use super::{BuildError, Built, Handle, Part, Stack, StackLayer};
use crate::{AttemptLayer, OperationLayer, event::Each};

impl<R, T, B, L, C, O> Stack<R, T, B, L, C, O> {
    /// Builds the layer.
    ///
    /// # Errors
    ///
    /// A setting that makes no sense, with the part it belongs to.
    pub fn build(self) -> Result<Built<R, T, B, L, C, O>, BuildError>
    where
        R: Part<O>,
        T: Part<O>,
        B: Part<O>,
        L: Part<O>,
        C: Part<O>,
        O: Clone,
    {
        let mut handle = Handle::of(&self.common.origin);
        handle.recent = self.common.recent;
        let observer = || Each(self.observer.clone());
        let (limit, breaker, retry) = match self.common.no_jitter {
            true => (
                Part::<O>::without_jitter(self.limit),
                Part::<O>::without_jitter(self.breaker),
                Part::<O>::without_jitter(self.retry),
            ),
            false => (self.limit, self.breaker, self.retry),
        };
        // From below: the breaker empties the limiter's queue, the router asks both.
        let first_event = self.common.timeouts.longest_first_event();
        let classify = match first_event {
            // Until then the router may ask another target.
            Some(time) => Part::<O>::holding(self.classify, time),
            None => self.classify,
        };
        let classify = classify.finish(observer(), &mut handle)?;
        let limit = limit.finish(observer(), &mut handle)?;
        let breaker = breaker.finish(observer(), &mut handle)?;
        let retry = retry.finish(observer(), &mut handle)?;
        let route = self.route.finish(observer(), &mut handle)?;
        let mut timeouts = self.common.timeouts;
        if let Some(breaker) = handle.breaker() {
            timeouts = timeouts.listener(breaker.clone());
        }
        if let Some(route) = handle.route() {
            timeouts = timeouts.listener(route.clone());
        }
        let timeouts = timeouts.build();
        let timeouts = timeouts.map_err(|error| BuildError::new("timeouts", error))?;
        let (told, spans) = (Arc::new(self.observer), self.common.spans);
        let routed = handle.route().is_some();
        Ok(StackLayer {
            deadline: self.common.deadline,
            replay: self.common.replay,
            operation: OperationLayer::of(told.clone()).spans(spans).routed(routed),
            route,
            retry,
            attempt: AttemptLayer::of(told).spans(spans),
            breaker,
            limit,
            timeouts,
            classify,
            handle,
        })
    }

    /// Builds the layer and puts it around a client.
    ///
    /// The client serves requests with the body [`ReplayBody<B>`](tollgate_core::ReplayBody), where
    /// `B` is the body of the requests to the stack; generic clients find that out by themselves. A
    /// client that does not fit is an error where the stack is first called, in a list of bounds;
    /// [`boxed`](Self::boxed) and [`check`](tollgate_core::check) say it at once, in a sentence.
    ///
    /// # Errors
    ///
    /// As for [`build`](Self::build).
    #[expect(
        clippy::type_complexity,
        reason = "the service of the layer that is built"
    )]
    pub fn around<S>(
        self,
        client: S,
    ) -> Result<<Built<R, T, B, L, C, O> as Layer<S>>::Service, BuildError>
    where
        R: Part<O>,
        T: Part<O>,
        B: Part<O>,
        L: Part<O>,
        C: Part<O>,
        O: Clone,
        Built<R, T, B, L, C, O>: Layer<S>,
    {
        Ok(self.build()?.layer(client))
    }
}
