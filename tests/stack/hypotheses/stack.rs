//! The whole stack as people build it, and what can be seen of it from outside.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use tollgate_breaker::BreakerLayer;
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{BoxError, Random};
use tollgate_limit::LimitLayer;
use tollgate_retry::RetryLayer;
use tollgate_route::{Route, RouteLayer, timeout::TimeoutLayer};
use tower::{Layer, Service, ServiceBuilder, util::BoxCloneSyncService};

use super::{internet::Internet, told::Told};
use crate::Body;

/// The body of every answer, whatever the layers put around it.
pub(super) type Answer = Response<UnsyncBoxBody<Bytes, BoxError>>;

pub(super) type Client = BoxCloneSyncService<Request<Body>, Answer, BoxError>;

/// What can be seen of a stack.
pub(super) struct Watch {
    pub(super) told: Told,
    limits: tollgate_limit::Handle,
    breakers: tollgate_breaker::Handle,
    internet: Internet,
}

/// All five layers with their defaults, and time limits for single attempts.
pub(super) fn stack(route: Route, internet: &Internet, seed: u64) -> (Client, Watch) {
    let (told, random) = (Told::default(), Random::seeded(seed));
    let (limit, limits) = LimitLayer::builder()
        .random(random.fork())
        .observer(told.clone())
        .build_with_handle()
        .expect("the defaults are good");
    let (breaker, breakers) = BreakerLayer::builder()
        .random(random.fork())
        .observer(told.clone())
        .build_with_handle()
        .expect("the defaults are good");
    let route = RouteLayer::builder(route)
        .outlook(limits.clone())
        .outlook(breakers.clone())
        .random(random.fork())
        .observer(told.clone())
        .build();
    let retry = RetryLayer::builder()
        .random(random.fork())
        .observer(told.clone())
        .build();
    let patience = Duration::from_secs(5);
    let timeouts = TimeoutLayer::builder()
        .attempt(patience)
        .first_event(patience)
        .idle(patience)
        .build();
    let classify = ClassifyLayer::builder().observer(told.clone()).build();
    let client = ServiceBuilder::new()
        .layer(route.expect("a good route"))
        .map_response(|answer: Response<_>| answer.map(boxed))
        .layer(retry.expect("the defaults are good"))
        .layer(breaker)
        .layer(limit)
        .layer(timeouts.expect("good limits"))
        .layer(classify.expect("the defaults are good"))
        .service(internet.clone());
    let watch = Watch {
        told,
        limits,
        breakers,
        internet: internet.clone(),
    };
    (Client::new(client), watch)
}

/// One layer alone, over the classifier.
pub(super) fn one<L, R>(layer: L, internet: &Internet) -> Client
where
    L: Layer<Classify<Internet>>,
    L::Service: Service<Request<Body>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
    R: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let client = ServiceBuilder::new()
        .map_response(|answer: Response<R>| answer.map(boxed))
        .map_err(Into::into)
        .layer(layer)
        .layer(ClassifyLayer::new())
        .service(internet.clone());
    Client::new(client)
}

fn boxed<B>(body: B) -> UnsyncBoxBody<Bytes, BoxError>
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(Into::into).boxed_unsync()
}

/// What somebody holds although no call is left.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Leaks {
    permits: u32,
    waiters: usize,
    /// Requests and tokens.
    reserved: u64,
    probes: usize,
    bodies: usize,
    running: u64,
}

impl Watch {
    /// What is held now; after the last call all of it should be nothing.
    pub(super) fn leaks(&self) -> Leaks {
        let keys = self.limits.states();
        let breakers = self.breakers.list();
        Leaks {
            permits: keys.iter().map(|key| key.in_flight).sum(),
            waiters: keys.iter().map(|key| key.queued).sum(),
            reserved: keys
                .iter()
                .map(|key| key.reserved.requests() + key.reserved.tokens())
                .sum(),
            probes: breakers.iter().map(tollgate_breaker::Status::probes).sum(),
            bodies: self.internet.open_bodies(),
            running: self.internet.running(),
        }
    }
}
