//! The whole stack as people build it, and what can be seen of it from outside.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use tollgate::{
    Route, Stack,
    stack::{BoxBody, BoxClient, CallError, Handle},
};
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{BoxError, Random};
use tower::{Layer, Service, ServiceBuilder};

use super::{internet::Internet, told::Told};
use crate::Body;

/// Every answer, whatever the layers put around its body.
pub(super) type Answer = Response<BoxBody>;

pub(super) type Client = BoxClient<Body>;

/// What can be seen of a stack.
pub(super) struct Watch {
    pub(super) told: Told,
    pub(super) handle: Handle,
    pub(super) internet: Internet,
}

/// All five layers with their defaults, and short time limits for single attempts.
pub(super) fn stack(route: Route, internet: &Internet, seed: u64) -> (Client, Watch) {
    let (told, random) = (Told::default(), Random::seeded(seed));
    let patience = Duration::from_secs(5);
    let stack = Stack::new()
        .route(route)
        .router(|it| it.random(random.fork()))
        .retry(|it| it.random(random.fork()))
        .breaker(|it| it.random(random.fork()))
        .limit(|it| it.random(random.fork()))
        .timeouts(|it| it.attempt(patience).first_event(patience).idle(patience))
        .observer(told.clone())
        .build()
        .expect("the defaults are good");
    let watch = Watch {
        told,
        handle: stack.handle(),
        internet: internet.clone(),
    };
    (stack.boxed(internet.clone()), watch)
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
        .map_err(CallError::new)
        .layer(layer)
        .layer(ClassifyLayer::new())
        .service(internet.clone());
    Client::new(client)
}

/// Any body, in a box.
pub(super) fn boxed<B>(body: B) -> BoxBody
where
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    body.map_err(CallError::new).boxed_unsync()
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
        let keys = self.handle.limit().expect("a limiter").states();
        let breakers = self.handle.breaker().expect("a breaker").list();
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
