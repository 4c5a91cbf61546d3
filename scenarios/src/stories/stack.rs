//! The two clients, as services that say how a call ended.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tollgate::{Event, ReplayBody, Stack};
use tollgate_breaker::Event as Told;
use tollgate_core::{BoxError, Observe, Random};
use tollgate_route::timeout::TimeoutLayer;
use tower::{Layer, Service, ServiceExt, service_fn, util::BoxCloneSyncService};

use super::{end::End, internet::Internet, world::World};
use crate::{
    clients::sdk,
    request::{CALL, Req},
};

pub(super) type Caller = BoxCloneSyncService<Req, End, BoxError>;

/// How long an attempt may take in the stories that do not leave it to the defaults.
pub(super) const ATTEMPT: Duration = Duration::from_secs(5);

/// The whole stack, configured with no limits but those of the world.
pub(super) fn tollgate(
    world: &World,
    internet: Internet,
    random: &Random,
    observer: impl Observe<Told> + Clone + Send + Sync + 'static,
) -> Caller {
    let stack = Stack::new()
        .route(world.route.clone())
        .router(|it| it.random(random.fork()).keep_header(CALL))
        .retry(|it| it.random(random.fork()))
        .breaker(|it| it.random(random.fork()))
        .limit(|it| it.limits(world.limits.clone()).random(random.fork()))
        .timeouts(|it| match world.attempt {
            Some(time) => it.attempt(time),
            None => it,
        })
        .observer(move |event: &Event<'_>| {
            if let Event::Breaker(told) = event {
                observer.observe(told);
            }
        });
    let stack = match world.deadline {
        Some(time) => stack.deadline(time),
        None => stack,
    };
    // What is kept of a body is sent as it was.
    let network = service_fn(move |request: Request<ReplayBody<Full<Bytes>>>| {
        let whole = |body: &ReplayBody<_>| tollgate_core::Replay::bytes(body).unwrap_or_default();
        let request = request.map(|body| Full::new(whole(&body)));
        internet.clone().call(request)
    });
    let client = stack.around(network).expect("good settings");
    let told = client.then(|result| async { Ok(End::of(result).await) });
    BoxCloneSyncService::new(told)
}

/// Two retries at the first provider, which is the only one it knows.
pub(super) fn sdk(internet: &Internet, random: &Random) -> Caller {
    let timeouts = TimeoutLayer::builder().attempt(ATTEMPT).build();
    let wire = timeouts.expect("a good limit").layer(internet.first());
    let random = random.fork();
    BoxCloneSyncService::new(service_fn(move |request: Req| {
        let (wire, random) = (wire.clone(), random.clone());
        async move { Ok(End::of(sdk::call(wire, request, random).await).await) }
    }))
}
