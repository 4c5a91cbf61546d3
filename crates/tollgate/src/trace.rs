//! Spans and events for `tracing`.
//!
//! ```text
//! INFO  operation{otel.name="chat gpt-4o" …}
//! DEBUG ├─ attempt{gen_ai.provider.name="groq" …}
//! DEBUG │    admitted · classified · attempted
//! INFO  ├─ switching
//! DEBUG ├─ attempt{gen_ai.provider.name="openai" …}
//! DEBUG │    admitted · attempted
//! DEBUG └─ finished · delivered
//! ```
//!
//! [`Tracing`] is an observer: it makes one event of `tracing` of each [`Event`]. The spans are opened by
//! [`OperationLayer`](crate::OperationLayer) and [`AttemptLayer`](crate::AttemptLayer) where their
//! `spans` are on. Either works without the other.
//!
//! Neither ever shows a header, a query, a body, or a key: of a request only its method, host, the
//! meaning of its path and the model it names are read, of a response the status, what it means, and
//! what it says of limits and usage. An account is an alias that people chose. The name of a model is
//! the caller's: of a very long one only the beginning is written.
//!
//! # Levels
//!
//! | level | events |
//! |---|---|
//! | error | `key_refused` |
//! | warn | `gave_up`, `over_admitted`, `below_configured`, `key_untracked`, `opened`, `unwatched`, `exhausted`; `finished` without success; `delivered` broken or failed |
//! | info | `retrying`, `recovered`, `switching`, `again`, `cooling`, `returned`, `waiting`, `learned`, `gated`, `reopened`, `half_opened`, `closed`, `forced`, `abandoned`, `body_failed`, `refused` by the limiter; `finished` and `delivered` when the caller dropped it; both spans |
//! | debug | `admitted`, `queued`, `ignored`, `classified`, `probing`, `skipped`, `diverted`, `refused` by the breaker; `attempted`; `finished` and `delivered` with success; `gave_up` where a layer below refused or another target is to be asked |
//!
//! The targets of events are `tollgate::classify`, `tollgate::retry`, `tollgate::limit`,
//! `tollgate::breaker`, `tollgate::route` and `tollgate::call`; that of the spans is `tollgate`. So
//! `tollgate=info,tollgate::limit=debug` is a filter.
//!
//! # Fields of events
//!
//! Besides `message`, the sentence that the event's `Display` writes. Times are seconds, with a
//! fraction. A field is there only where its value is known.
//!
#![doc = include_str!("trace/events.md")]
//!
//! # Fields of spans
//!
//! Names with a dot are those of OpenTelemetry's [conventions for generative
//! AI](https://opentelemetry.io/docs/specs/semconv/gen-ai/) (in development when this was written) and
//! for HTTP; `otel.*` are understood by the crate `tracing-opentelemetry`.
//!
#![doc = include_str!("trace/spans.md")]

//! # With other layers that trace
//!
//! `TraceLayer` of `tower-http` can be used as well, or instead: put it around the stack or around the
//! classifier, and let its hooks read what the classifier left on the response.
//!
//! ```
//! use http::Response;
//! use std::time::Duration;
//! use tollgate::core::Classification;
//! use tower_http::trace::TraceLayer;
//! use tracing::Span;
//!
//! # type Body = http_body_util::Full<bytes::Bytes>;
//! let trace = TraceLayer::new_for_http().on_response(
//!     |response: &Response<Body>, took: Duration, _: &Span| {
//!         let seen = Classification::of(response);
//!         tracing::info!(class = seen.class().as_str(), ?took, "{seen}");
//!     },
//! );
//! # let _ = trace;
//! ```
//!
//! Its default span has the whole address in it, and with it a key in a query (Gemini's old way): set a
//! span of your own there.

mod calls;
mod layers;
mod plain;
mod semantic;
pub(crate) mod span;

use tollgate_core::Observe;
use tracing::level_filters::LevelFilter;

use crate::Event;

/// An observer that makes an event of `tracing` of each [`Event`]; see the [module](self).
///
/// It listens only where a subscriber does: without one it costs a comparison.
///
/// # Examples
///
/// ```
/// use tollgate::{OperationLayer, Tracing};
///
/// let layer = OperationLayer::new().observer(Tracing::new()).spans(true);
/// # let _ = layer;
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Tracing;

impl Tracing {
    /// An observer for all layers.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<'a> Observe<Event<'a>> for Tracing {
    fn observe(&self, event: &Event<'a>) {
        match event {
            #[cfg(feature = "classify")]
            Event::Classify(told) => layers::classified(event, told),
            #[cfg(feature = "retry")]
            Event::Retry(told) => layers::retry(event, told),
            #[cfg(feature = "limit")]
            Event::Limit(told) => layers::limit(event, told),
            #[cfg(feature = "breaker")]
            Event::Breaker(told) => layers::breaker(event, told),
            #[cfg(feature = "route")]
            Event::Route(told) => layers::route(event, told),
            Event::Attempted(told) => calls::attempted(event, told),
            Event::Finished(told) => calls::finished(event, told),
            Event::Delivered(told) => calls::delivered(event, told),
        }
    }

    fn listens(&self) -> bool {
        LevelFilter::current() != LevelFilter::OFF
    }
}
