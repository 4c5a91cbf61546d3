//! The layer, and what is set there.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::Operation;
use crate::event::Observer;

/// Tells how each whole call ended, exactly once, and opens its span.
///
/// ```text
/// request ─▶ Operation ─▶ router ─▶ retry ─▶ Attempt ─▶ breaker ─▶ limiter ─▶ classify ─▶ client
///               │                               └─ one Attempted for each
///               ├─ head, error, or drop: one Finished
///               └─ last byte, error, or drop of the body: one Delivered
/// ```
///
/// Belongs outermost, right below [`ReplayLayer`](crate::core::ReplayLayer) where there is one. All
/// that the layers inside tell while a call or its body is driven is told inside the span.
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
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use std::{convert::Infallible, sync::{Arc, Mutex}};
/// use tollgate::{Event, OperationLayer};
/// use tower::{Layer, ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let lines = Arc::new(Mutex::new(Vec::new()));
/// let tell = {
///     let lines = lines.clone();
///     move |event: &Event<'_>| lines.lock().unwrap().push(event.to_string())
/// };
/// let client = service_fn(|_: Request<Full<Bytes>>| async {
///     Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
/// });
/// let client = OperationLayer::new().observer(tell).layer(client);
///
/// let request = Request::post("https://api.groq.com/v1").body(Full::from(r#"{"model":"m"}"#));
/// client.oneshot(request.unwrap()).await.unwrap();
/// let lines = lines.lock().unwrap();
/// assert_eq!(lines[0], "api.groq.com (m): ok after 0.0ns");
/// assert_eq!(lines[1], "api.groq.com (m): body complete after 0.0ns");
/// # }
/// ```
#[must_use]
pub struct OperationLayer<O = ()> {
    observer: Arc<O>,
    settings: Settings,
}

/// What is set at the layer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Settings {
    pub(super) spans: bool,
    pub(super) routed: bool,
}

impl OperationLayer {
    /// Nobody listens, and no spans are opened.
    pub fn new() -> Self {
        Self {
            observer: Arc::new(()),
            settings: Settings::default(),
        }
    }
}

impl<O> OperationLayer<O> {
    #[cfg(feature = "stack")]
    pub(crate) fn of(observer: Arc<O>) -> Self {
        Self {
            observer,
            settings: Settings::default(),
        }
    }

    /// Who hears of [`Event::Finished`](crate::Event::Finished) and
    /// [`Event::Delivered`](crate::Event::Delivered).
    pub fn observer<P: Observer>(self, observer: P) -> OperationLayer<P> {
        OperationLayer {
            observer: Arc::new(observer),
            settings: self.settings,
        }
    }

    /// Opens a span named `operation` around each call, at level info. Off unless set; without the
    /// feature `tracing` there are none.
    pub fn spans(mut self, on: bool) -> Self {
        self.settings.spans = on;
        self
    }

    /// A router below chooses who is asked, so the host and the model of the request do not say it.
    /// Off unless set: then the target of a call is the one in its
    /// [`Call`](crate::core::Call), else its host and model, wherever the response does not say more.
    pub fn routed(mut self, yes: bool) -> Self {
        self.settings.routed = yes;
        self
    }
}

impl Default for OperationLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, O> Layer<S> for OperationLayer<O> {
    type Service = Operation<S, O>;

    fn layer(&self, inner: S) -> Operation<S, O> {
        Operation {
            inner,
            observer: Arc::clone(&self.observer),
            settings: self.settings,
        }
    }
}

impl<O> Clone for OperationLayer<O> {
    fn clone(&self) -> Self {
        Self {
            observer: Arc::clone(&self.observer),
            settings: self.settings,
        }
    }
}

impl<O> fmt::Debug for OperationLayer<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperationLayer")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
