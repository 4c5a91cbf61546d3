//! The layers as methods of tower's `ServiceBuilder`.

use std::time::Duration;

use tollgate_core::ReplayLayer;
use tower::ServiceBuilder;
use tower_layer::Stack;

use crate::{BoxBodyLayer, DeadlineLayer};

/// Adds the layers of tollgate to a [`ServiceBuilder`], between other people's.
///
/// The order is yours; the first one is the outermost. `Stack` has the order that
/// works best.
///
/// Closed: only this crate implements it.
///
/// # Examples
///
#[cfg_attr(
    all(feature = "classify", feature = "limit", feature = "retry"),
    doc = "```"
)]
#[cfg_attr(
    not(all(feature = "classify", feature = "limit", feature = "retry")),
    doc = "```text"
)]
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use std::time::Duration;
/// use tollgate::{LimitLayer, RetryLayer, ServiceBuilderExt, core::check};
/// use tower::{ServiceBuilder, service_fn};
///
/// let client = ServiceBuilder::new()
///     .deadline(Duration::from_secs(60))
///     .replay()
///     .retries(RetryLayer::new())
///     .limit(LimitLayer::new())
///     .concurrency_limit(20) // tower's own
///     .classify()
///     .service(service_fn(|request: Request<_>| async move {
///         # let _: &tollgate::core::ReplayBody<Full<Bytes>> = request.body();
///         Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::default()))
///     }));
/// let client = check::<_, Full<Bytes>>(client);
/// # let _ = client;
/// ```
pub trait ServiceBuilderExt<L>: sealed::Sealed {
    /// Gives each call a deadline; see [`DeadlineLayer`].
    fn deadline(self, time: Duration) -> ServiceBuilder<Stack<DeadlineLayer, L>>;

    /// Puts response bodies into a box, so that their type can be named; see [`BoxBodyLayer`].
    fn box_body(self) -> ServiceBuilder<Stack<BoxBodyLayer, L>>;

    /// Keeps request bodies of up to 1 MiB, so that they can be sent again; see [`ReplayLayer`].
    fn replay(self) -> ServiceBuilder<Stack<ReplayLayer, L>>;

    /// Sends calls along routes; see [`RouteLayer`](crate::RouteLayer).
    #[cfg(feature = "route")]
    fn route<O>(
        self,
        layer: crate::RouteLayer<O>,
    ) -> ServiceBuilder<Stack<crate::RouteLayer<O>, L>>;

    /// Retries; see [`RetryLayer`](crate::RetryLayer). In the plural, because tower's builder has a
    /// `retry` of its own wherever somebody turns on tower's feature of that name.
    #[cfg(feature = "retry")]
    fn retries<O>(
        self,
        layer: crate::RetryLayer<O>,
    ) -> ServiceBuilder<Stack<crate::RetryLayer<O>, L>>;

    /// Shuts off who is ill; see [`BreakerLayer`](crate::BreakerLayer).
    #[cfg(feature = "breaker")]
    fn breaker<O>(
        self,
        layer: crate::BreakerLayer<O>,
    ) -> ServiceBuilder<Stack<crate::BreakerLayer<O>, L>>;

    /// Follows the limits; see [`LimitLayer`](crate::LimitLayer).
    #[cfg(feature = "limit")]
    fn limit<O, I>(
        self,
        layer: crate::LimitLayer<O, I>,
    ) -> ServiceBuilder<Stack<crate::LimitLayer<O, I>, L>>;

    /// Limits the time of an attempt; see [`TimeoutLayer`](crate::route::timeout::TimeoutLayer).
    #[cfg(feature = "route")]
    fn timeouts(
        self,
        layer: crate::route::timeout::TimeoutLayer,
    ) -> ServiceBuilder<Stack<crate::route::timeout::TimeoutLayer, L>>;

    /// Reads what answers mean; see [`ClassifyLayer`](crate::ClassifyLayer).
    #[cfg(feature = "classify")]
    fn classify(self) -> ServiceBuilder<Stack<crate::ClassifyLayer, L>>;

    /// The same with a layer of one's own: with other bounds, a classifier, an observer.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tollgate::{ClassifyLayer, ServiceBuilderExt};
    ///
    /// let layer = ClassifyLayer::builder().peek_time(Duration::from_secs(1)).build()?;
    /// let builder = tower::ServiceBuilder::new().classify_with(layer);
    /// # let _ = builder;
    /// # Ok::<_, tollgate::classify::ConfigError>(())
    /// ```
    #[cfg(feature = "classify")]
    fn classify_with<C, O>(
        self,
        layer: crate::ClassifyLayer<C, O>,
    ) -> ServiceBuilder<Stack<crate::ClassifyLayer<C, O>, L>>;
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else implements the extension")]
    pub trait Sealed {}
}

impl<L> sealed::Sealed for ServiceBuilder<L> {}

impl<L> ServiceBuilderExt<L> for ServiceBuilder<L> {
    fn deadline(self, time: Duration) -> ServiceBuilder<Stack<DeadlineLayer, L>> {
        self.layer(DeadlineLayer::new(time))
    }

    fn box_body(self) -> ServiceBuilder<Stack<BoxBodyLayer, L>> {
        self.layer(BoxBodyLayer::new())
    }

    fn replay(self) -> ServiceBuilder<Stack<ReplayLayer, L>> {
        self.layer(ReplayLayer::new())
    }

    #[cfg(feature = "route")]
    fn route<O>(
        self,
        layer: crate::RouteLayer<O>,
    ) -> ServiceBuilder<Stack<crate::RouteLayer<O>, L>> {
        self.layer(layer)
    }

    #[cfg(feature = "retry")]
    fn retries<O>(
        self,
        layer: crate::RetryLayer<O>,
    ) -> ServiceBuilder<Stack<crate::RetryLayer<O>, L>> {
        self.layer(layer)
    }

    #[cfg(feature = "breaker")]
    fn breaker<O>(
        self,
        layer: crate::BreakerLayer<O>,
    ) -> ServiceBuilder<Stack<crate::BreakerLayer<O>, L>> {
        self.layer(layer)
    }

    #[cfg(feature = "limit")]
    fn limit<O, I>(
        self,
        layer: crate::LimitLayer<O, I>,
    ) -> ServiceBuilder<Stack<crate::LimitLayer<O, I>, L>> {
        self.layer(layer)
    }

    #[cfg(feature = "route")]
    fn timeouts(
        self,
        layer: crate::route::timeout::TimeoutLayer,
    ) -> ServiceBuilder<Stack<crate::route::timeout::TimeoutLayer, L>> {
        self.layer(layer)
    }

    #[cfg(feature = "classify")]
    fn classify(self) -> ServiceBuilder<Stack<crate::ClassifyLayer, L>> {
        self.layer(crate::ClassifyLayer::new())
    }

    #[cfg(feature = "classify")]
    fn classify_with<C, O>(
        self,
        layer: crate::ClassifyLayer<C, O>,
    ) -> ServiceBuilder<Stack<crate::ClassifyLayer<C, O>, L>> {
        self.layer(layer)
    }
}
