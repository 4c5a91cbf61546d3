//! All layers in the right order, with every knob.

mod bottom;
mod boxed;
mod build;
mod error;
mod gate;
mod handle;
mod layer;
mod origin;
mod part;

use std::{fmt, time::Duration};

use tollgate_breaker as breaker;
use tollgate_classify::{ClassifyBuilder, ClassifyLayer};
use tollgate_core::{Observe, ReplayLayer};
use tollgate_limit as limit;
use tollgate_retry as retry;
use tollgate_route::{self as route, Route, timeout::TimeoutBuilder};

pub use crate::{box_body::BoxBody, closing::Closed};
pub use bottom::{Bottom, Sends};
pub use boxed::{BoxClient, Boxes};
pub use error::BuildError;
pub use gate::{Gate, GateFuture};
pub use handle::Handle;
pub use layer::{Built, StackLayer};
use origin::Origin;
pub use part::{Off, Part, Prebuilt, Routes};
pub use tollgate_core::CallError;

use crate::{DeadlineLayer, Event, recent::Recent};

/// Builds a stack of all layers: deadline, body, route, retry, breaker, limit, time limits, classify.
///
/// Each part begins with its own defaults, and is changed, replaced or left out by a closure that gets
/// its builder. What the type says is only which parts there are; nobody need write it down.
///
/// | part | default | changed by |
/// |---|---|---|
/// | deadline of the whole call | 10 min for calls that bring none | [`deadline`](Self::deadline), [`no_deadline`](Self::no_deadline) |
/// | body that can be sent again | up to 1 MiB | [`keep_bodies`](Self::keep_bodies) |
/// | route | none: a request goes where it is addressed | [`route`](Self::route), `router` |
/// | retry | as in [`RetryLayer::new`](retry::RetryLayer::new) | [`retry`](Self::retry) |
/// | breaker | as in [`BreakerLayer::new`](breaker::BreakerLayer::new) | [`breaker`](Self::breaker) |
/// | limit | as in [`LimitLayer::new`](limit::LimitLayer::new) | [`limit`](Self::limit) |
/// | time limits of an attempt | 10 min to the head, 5 min between two pieces of the body | [`timeouts`](Self::timeouts) |
/// | classify | as in [`ClassifyLayer::new`] | [`classify`](Self::classify) |
///
/// [`boxed`](Self::boxed) makes a client whose type is short: [`BoxClient`]. [`around`](Self::around) saves the
/// box, for a type that names every layer; [`build`](Self::build) makes the layer, for a stack of your own.
///
/// The router asks the limiter and the breaker, so that it prefers targets that may go at once. A breaker
/// that opens empties the queue of the limiter below it.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use std::time::Duration;
/// use tollgate::{BoxClient, Route, Stack, provider::preset};
/// use tower::{ServiceExt, service_fn};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), tollgate::BoxError> {
/// let groq = preset::groq().key("gsk_not_a_real_key");
/// let openai = preset::openai().key("sk_not_a_real_key");
/// // Any client; this one knows no Groq.
/// let client = service_fn(|request: Request<_>| async move {
///     # let _: &tollgate::core::ReplayBody<Full<Bytes>> = request.body();
///     let status = match request.uri().host() {
///         Some("api.openai.com") => 200,
///         _ => 429,
///     };
///     Response::builder().status(status).body(Full::<Bytes>::from("hello"))
/// });
///
/// let client: BoxClient<Full<Bytes>> = Stack::new()
///     .route(Route::new("chat").ordered([
///         groq.model("llama-3.3-70b-versatile"),
///         openai.model("gpt-4o-mini"),
///     ]))
///     .deadline(Duration::from_secs(60))
///     .limit(|limit| limit.requests_per_minute(30))
///     .boxed(client)?;
///
/// let request = Request::post("/v1/chat/completions")
///     .body(Full::<Bytes>::from(r#"{"model":"any","messages":[]}"#))?;
/// let response = client.oneshot(request).await?;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a stack does nothing until it is built"]
pub struct Stack<
    R = Off,
    T = retry::Builder,
    B = breaker::Builder,
    L = limit::Builder,
    C = ClassifyBuilder,
    O = (),
> {
    route: R,
    retry: T,
    breaker: B,
    limit: L,
    classify: C,
    observer: O,
    common: Common,
}

/// The deadline of calls that bring none. Half an hour would outlive what anybody waits for; a minute
/// would cut off the waits that providers state.
pub(crate) const DEADLINE: Duration = Duration::from_secs(600);

/// What there is in every stack.
#[derive(Clone)]
struct Common {
    deadline: DeadlineLayer,
    replay: ReplayLayer,
    timeouts: TimeoutBuilder,
    spans: bool,
    no_jitter: bool,
    recent: Option<Recent>,
    origin: Origin,
}

impl Stack {
    /// All parts with their defaults, and no route.
    pub fn new() -> Self {
        let timeouts = TimeoutBuilder::default()
            .attempt(Duration::from_secs(600))
            .idle(Duration::from_secs(300));
        Self {
            route: Off,
            retry: retry::RetryLayer::builder(),
            breaker: breaker::BreakerLayer::builder(),
            limit: limit::LimitLayer::builder(),
            classify: ClassifyLayer::builder(),
            observer: (),
            common: Common {
                deadline: DeadlineLayer::unless_set(DEADLINE),
                replay: ReplayLayer::new(),
                timeouts,
                spans: false,
                no_jitter: false,
                recent: None,
                origin: Origin::default(),
            },
        }
    }
}

impl Default for Stack {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, B, L, C, O> Stack<Off, T, B, L, C, O> {
    /// Sends calls along a route: the first one, which also serves calls that name no other.
    pub fn route(self, route: Route) -> Stack<route::Builder, T, B, L, C, O> {
        self.change_route(|Off| route::RouteLayer::builder(route))
    }
}

impl<T, B, L, C, O> Stack<route::Builder, T, B, L, C, O> {
    /// Adds a route.
    pub fn route(self, route: Route) -> Self {
        self.router(|router| router.route(route))
    }

    /// Changes the settings of the router.
    pub fn router(self, change: impl FnOnce(route::Builder) -> route::Builder) -> Self {
        self.change_route(change)
    }
}

impl<R, T, B, L, C, O> Stack<R, T, B, L, C, O> {
    /// The time a whole call may take, from the call to the head of its response, all waits included.
    /// The earlier one counts where a call brings a deadline of its own.
    ///
    /// Default: 10 minutes for calls that bring no deadline; a call that brings one keeps it, however
    /// late. A deadline ends no stream that has begun: see [`deadline_layer`](Self::deadline_layer).
    ///
    /// All waits are parts of this time: in the queue, before retries, for another target.
    pub fn deadline(self, time: Duration) -> Self {
        self.deadline_layer(DeadlineLayer::new(time))
    }

    /// Gives no call a deadline; those that calls bring along still count.
    ///
    /// A call without one waits in the queue as long as its limits require, and a provider that hangs
    /// holds it until all attempts are over.
    pub fn no_deadline(self) -> Self {
        self.deadline_layer(DeadlineLayer::of_the_call())
    }

    /// The deadline as a layer, such as one that covers the body.
    pub fn deadline_layer(mut self, layer: DeadlineLayer) -> Self {
        self.common.deadline = layer;
        self
    }

    /// Keeps request bodies of up to this many bytes, so that they can be sent again; 1 MiB unless
    /// set. A larger one is sent once, to one target, as it is.
    pub fn keep_bodies(mut self, bytes: usize) -> Self {
        self.common.replay = ReplayLayer::with_cap(bytes);
        self
    }

    /// Changes the time limits of an attempt.
    pub fn timeouts(mut self, change: impl FnOnce(TimeoutBuilder) -> TimeoutBuilder) -> Self {
        self.common.timeouts = change(self.common.timeouts);
        self
    }

    /// Changes retry, leaves it out ([`Off`]) or puts a layer in its place ([`Prebuilt`]).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tollgate::{Stack, stack::Off};
    ///
    /// let patient = Stack::new().retry(|retry| retry.max_wait(Duration::from_secs(600)));
    /// let without = Stack::new().retry(|_| Off);
    /// # let _ = (patient, without);
    /// ```
    pub fn retry<U>(self, change: impl FnOnce(T) -> U) -> Stack<R, U, B, L, C, O>
    where
        U: Part<()>,
    {
        self.map_parts(|route, retry, breaker, limit| (route, change(retry), breaker, limit))
    }

    /// Changes the breaker, leaves it out ([`Off`]) or puts a layer in its place ([`Prebuilt`]).
    pub fn breaker<U>(self, change: impl FnOnce(B) -> U) -> Stack<R, T, U, L, C, O>
    where
        U: Part<()>,
    {
        self.map_parts(|route, retry, breaker, limit| (route, retry, change(breaker), limit))
    }

    /// Changes the limiter, leaves it out ([`Off`]) or puts a layer in its place ([`Prebuilt`]).
    pub fn limit<U>(self, change: impl FnOnce(L) -> U) -> Stack<R, T, B, U, C, O>
    where
        U: Part<()>,
    {
        self.map_parts(|route, retry, breaker, limit| (route, retry, breaker, change(limit)))
    }

    /// Changes the classifier, leaves it out ([`Off`]) or puts a layer in its place ([`Prebuilt`]).
    /// Without one the layers above judge by the status and `Retry-After` alone.
    pub fn classify<U>(self, change: impl FnOnce(C) -> U) -> Stack<R, T, B, L, U, O>
    where
        U: Part<()>,
    {
        Stack {
            route: self.route,
            retry: self.retry,
            breaker: self.breaker,
            limit: self.limit,
            classify: change(self.classify),
            observer: self.observer,
            common: self.common,
        }
    }

    /// Adds an observer of the events of all layers. Observers that were added before receive them first.
    /// A closure must name the type of the event, as here.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate::{Event, Stack};
    ///
    /// let stack = Stack::new().observer(|event: &Event<'_>| eprintln!("{event}"));
    /// # let _ = stack;
    /// ```
    pub fn observer<P>(self, observer: P) -> Stack<R, T, B, L, C, (O, P)>
    where
        P: for<'a> Observe<Event<'a>> + Clone,
    {
        Stack {
            route: self.route,
            retry: self.retry,
            breaker: self.breaker,
            limit: self.limit,
            classify: self.classify,
            observer: (self.observer, observer),
            common: self.common,
        }
    }

    /// Remembers the latest decisions, for [`Handle::state`]. Observers stay, and can still be added.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate::{Stack, recent::Recent};
    ///
    /// let layer = Stack::new().remember(Recent::new()).build()?;
    /// let state = layer.handle().state();
    /// assert_eq!(state.recent.map(|decisions| decisions.len()), Some(0));
    /// # Ok::<_, tollgate::stack::BuildError>(())
    /// ```
    pub fn remember(self, recent: Recent) -> Stack<R, T, B, L, C, (O, Recent)> {
        Stack {
            route: self.route,
            retry: self.retry,
            breaker: self.breaker,
            limit: self.limit,
            classify: self.classify,
            observer: (self.observer, recent.clone()),
            common: Common {
                recent: Some(recent),
                ..self.common
            },
        }
    }

    /// Opens a span around each call, and one around each of its attempts; off unless set. Without the
    /// feature `tracing` there are none.
    pub const fn spans(mut self, on: bool) -> Self {
        self.common.spans = on;
        self
    }

    /// Takes the random parts out of all waits. For tests with exact times: clients that wait without jitter
    /// come back together.
    ///
    /// Retry sleeps exactly the provider's stated wait, or else the longest backoff. A breaker stays open for
    /// exactly its least time. The limiter admits the next call exactly at the end of a stated wait. The
    /// `random` of these three builders is ignored. Strategies of the router still draw: seed them with
    /// `router(|router| router.random(Random::seeded(1)))`. A [`Prebuilt`] layer keeps its own settings.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use std::{sync::atomic::{AtomicU32, Ordering}, time::Duration};
    /// use tokio::time::Instant;
    /// use tollgate::Stack;
    /// use tower::{ServiceExt, service_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), tollgate::BoxError> {
    /// let calls = AtomicU32::new(0);
    /// let provider = service_fn(|request: Request<_>| {
    ///     # let _: &tollgate::core::ReplayBody<Full<Bytes>> = request.body();
    ///     let status = if calls.fetch_add(1, Ordering::Relaxed) == 0 { 429 } else { 200 };
    ///     let response = Response::builder().status(status).header("retry-after", "7");
    ///     async move { response.body(Full::<Bytes>::default()) }
    /// });
    /// let client = Stack::new().no_jitter().around(provider)?;
    ///
    /// let start = Instant::now();
    /// let request = Request::post("https://api.example.com/v1/chat/completions");
    /// let response = client.oneshot(request.body(Full::<Bytes>::from("{}"))?).await?;
    /// assert_eq!(response.status(), 200);
    /// assert_eq!(start.elapsed(), Duration::from_secs(7));
    /// # Ok(())
    /// # }
    /// ```
    pub const fn no_jitter(mut self) -> Self {
        self.common.no_jitter = true;
        self
    }

    fn change_route<U>(self, change: impl FnOnce(R) -> U) -> Stack<U, T, B, L, C, O> {
        self.map_parts(|route, retry, breaker, limit| (change(route), retry, breaker, limit))
    }

    fn map_parts<R2, T2, B2, L2>(
        self,
        change: impl FnOnce(R, T, B, L) -> (R2, T2, B2, L2),
    ) -> Stack<R2, T2, B2, L2, C, O> {
        let (route, retry, breaker, limit) =
            change(self.route, self.retry, self.breaker, self.limit);
        Stack {
            route,
            retry,
            breaker,
            limit,
            classify: self.classify,
            observer: self.observer,
            common: self.common,
        }
    }
}

impl<R, T, B, L, C, O> fmt::Debug for Stack<R, T, B, L, C, O>
where
    R: fmt::Debug,
    T: fmt::Debug,
    B: fmt::Debug,
    L: fmt::Debug,
    C: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("deadline", &self.common.deadline)
            .field("replay", &self.common.replay)
            .field("timeouts", &self.common.timeouts)
            .field("spans", &self.common.spans)
            .field("route", &self.route)
            .field("retry", &self.retry)
            .field("breaker", &self.breaker)
            .field("limit", &self.limit)
            .field("classify", &self.classify)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
