//! The layer.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::Attempt;
use crate::event::Observer;

/// Tells how each attempt of a call ended, exactly once, and opens its span.
///
/// Belongs directly under retry, around breaker, limiter and classifier: each resend is an attempt of
/// its own, and what those layers tell of it while it waits for its answer is told inside its span.
/// What they tell at the end of a body comes when the attempt is over, inside the span of the whole
/// call.
///
/// While nobody listens and no span is wanted it does nothing: no clock is read, nothing is allocated.
///
/// # Sharing
///
/// Clones of the layer, and the services made by it, share the observer. There is no other state.
///
/// # Examples
///
/// ```
/// use tollgate::{AttemptLayer, Event};
/// use tower_layer::Layer;
///
/// # let client = ();
/// let client = AttemptLayer::new()
///     .observer(|event: &Event<'_>| println!("{event}"))
///     .layer(client);
/// # let _ = client;
/// ```
#[must_use]
pub struct AttemptLayer<O = ()> {
    observer: Arc<O>,
    spans: bool,
}

impl AttemptLayer {
    /// Nobody listens, and no spans are opened.
    pub fn new() -> Self {
        Self {
            observer: Arc::new(()),
            spans: false,
        }
    }
}

impl<O> AttemptLayer<O> {
    #[cfg(feature = "stack")]
    pub(crate) fn of(observer: Arc<O>) -> Self {
        Self {
            observer,
            spans: false,
        }
    }

    /// Who hears of [`Event::Attempted`](crate::Event::Attempted).
    pub fn observer<P: Observer>(self, observer: P) -> AttemptLayer<P> {
        AttemptLayer {
            observer: Arc::new(observer),
            spans: self.spans,
        }
    }

    /// Opens a span named `attempt` around each attempt, at level info. Off unless set; without the
    /// feature `tracing` there are none.
    pub fn spans(mut self, on: bool) -> Self {
        self.spans = on;
        self
    }
}

impl Default for AttemptLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, O> Layer<S> for AttemptLayer<O> {
    type Service = Attempt<S, O>;

    fn layer(&self, inner: S) -> Attempt<S, O> {
        Attempt {
            inner,
            observer: Arc::clone(&self.observer),
            spans: self.spans,
        }
    }
}

impl<O> Clone for AttemptLayer<O> {
    fn clone(&self) -> Self {
        Self {
            observer: Arc::clone(&self.observer),
            spans: self.spans,
        }
    }
}

impl<O> fmt::Debug for AttemptLayer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptLayer")
            .field("spans", &self.spans)
            .finish_non_exhaustive()
    }
}
