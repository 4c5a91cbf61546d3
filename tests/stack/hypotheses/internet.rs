//! All providers, each at its host, and the bodies of their answers that somebody still holds.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use http::{Request, Response};
use tollgate_test::{KitBody, Provider, TrackedBody, Tracker};
use tower::{
    Service,
    util::{BoxCloneSyncService, MapResponse},
};

use crate::Body;

type Answer = Response<TrackedBody<KitBody>>;
type Site = BoxCloneSyncService<Request<Body>, Answer, io::Error>;

/// Sends each request to the provider at its host.
#[derive(Clone)]
pub(super) struct Internet {
    sites: HashMap<&'static str, Site>,
    pub(super) providers: Vec<Provider>,
    bodies: Arc<Mutex<Vec<Tracker>>>,
}

impl Internet {
    pub(super) fn of(providers: impl IntoIterator<Item = Provider>) -> Self {
        let providers: Vec<Provider> = providers.into_iter().collect();
        let bodies = Arc::<Mutex<Vec<Tracker>>>::default();
        let site = |provider: &Provider| {
            let bodies = bodies.clone();
            let track = move |answer: Response<KitBody>| {
                answer.map(|body| {
                    let (body, tracker) = TrackedBody::new(body);
                    let mut bodies = bodies.lock().unwrap_or_else(PoisonError::into_inner);
                    bodies.push(tracker);
                    body
                })
            };
            let site = Site::new(MapResponse::new(provider.service(), track));
            (provider.dialect().host(), site)
        };
        Self {
            sites: providers.iter().map(site).collect(),
            providers,
            bodies,
        }
    }

    /// How many bodies of answers were not let go of.
    pub(super) fn open_bodies(&self) -> usize {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.iter().filter(|body| !body.is_dropped()).count()
    }

    /// How many calls are still running at the providers.
    pub(super) fn running(&self) -> u64 {
        self.providers.iter().map(|it| it.stats().in_flight).sum()
    }

    /// How many calls reached a provider.
    pub(super) fn sent(&self) -> u64 {
        self.providers.iter().map(|it| it.stats().calls).sum()
    }
}

impl Service<Request<Body>> for Internet {
    type Response = Answer;
    type Error = io::Error;
    type Future = <Site as Service<Request<Body>>>::Future;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let host = request.uri().host().unwrap_or_default();
        let site = self.sites.get_mut(host).expect("somebody is there");
        site.call(request)
    }
}
