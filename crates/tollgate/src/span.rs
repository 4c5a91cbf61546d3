//! Spans of `tracing` where that feature is on and somebody wants them; else nothing.

use http::{Request, StatusCode};
use tollgate_core::Target;

use crate::event::Outcome;
#[cfg(feature = "tracing")]
use crate::trace::span as make;

/// A span, or none.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    #[cfg(feature = "tracing")]
    inner: tracing::Span,
}

impl Span {
    /// No span.
    pub(crate) fn none() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            inner: tracing::Span::none(),
        }
    }

    /// Somebody would see one: else nothing need be found out for it.
    pub(crate) fn is_wanted() -> bool {
        #[cfg(feature = "tracing")]
        return tracing::span_enabled!(target: "tollgate", tracing::Level::INFO);
        #[cfg(not(feature = "tracing"))]
        false
    }

    /// The span of a whole call.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, reason = "there are no spans then")
    )]
    pub(crate) fn operation<B>(request: &Request<B>, model: Option<&str>) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            inner: make::operation(request, model),
        }
    }

    /// The span of one attempt.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, reason = "there are no spans then")
    )]
    pub(crate) fn attempt<B>(request: &Request<B>, target: Option<&Target>, number: u32) -> Self {
        Self {
            #[cfg(feature = "tracing")]
            inner: make::attempt(request, target, number),
        }
    }

    /// Somebody sees it.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(clippy::unused_self, reason = "there are no spans then")
    )]
    pub(crate) fn is_seen(&self) -> bool {
        #[cfg(feature = "tracing")]
        return !self.inner.is_disabled();
        #[cfg(not(feature = "tracing"))]
        false
    }

    /// Does something inside of it.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(clippy::unused_self, reason = "there are no spans then")
    )]
    #[inline]
    pub(crate) fn within<T>(&self, act: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        let _inside = self.inner.enter();
        act()
    }

    /// Says how it ended: before its last event is told.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(
            unused_variables,
            clippy::unused_self,
            reason = "there are no spans then"
        )
    )]
    pub(crate) fn ended(
        &self,
        outcome: Outcome,
        status: Option<StatusCode>,
        target: Option<&Target>,
    ) {
        #[cfg(feature = "tracing")]
        make::ended(&self.inner, outcome, status, target);
    }

    /// Says what the answer took.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(
            unused_variables,
            clippy::unused_self,
            reason = "there are no spans then"
        )
    )]
    pub(crate) fn used(&self, usage: tollgate_core::Usage) {
        #[cfg(feature = "tracing")]
        make::used(&self.inner, usage);
    }
}
