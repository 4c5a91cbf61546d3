//! The two clients, as services that say how a call ended.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use tollgate_breaker::{BreakerLayer, Event};
use tollgate_classify::ClassifyLayer;
use tollgate_core::{BoxError, Observe, Random, check_resend};
use tollgate_limit::LimitLayer;
use tollgate_retry::RetryLayer;
use tollgate_route::{RouteLayer, timeout::TimeoutLayer};
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};

use super::{end::End, internet::Internet, world::World};
use crate::{
    clients::sdk,
    request::{CALL, Req},
};

pub(super) type Caller = BoxCloneSyncService<Req, End, BoxError>;

/// How long an attempt may take.
pub(super) const ATTEMPT: Duration = Duration::from_secs(5);

/// How long the breaker is open: the first time, and at most. Where another provider answers
/// meanwhile, a probe a minute costs next to nothing.
const OPEN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

/// All five layers, configured with no limits but those of the world.
pub(super) fn tollgate(
    world: &World,
    internet: Internet,
    random: &Random,
    observer: impl Observe<Event> + Send + Sync + 'static,
) -> Caller {
    let (limit, limits) = LimitLayer::builder()
        .limits(world.limits.clone())
        .random(random.fork())
        .build_with_handle()
        .expect("the defaults are good");
    let (breaker, breakers) = BreakerLayer::builder()
        .random(random.fork())
        .open_time(OPEN.0, OPEN.1)
        .observer(observer)
        .build_with_handle()
        .expect("good times");
    let route = RouteLayer::builder(world.route.clone())
        .outlook(limits)
        .outlook(breakers)
        .random(random.fork())
        .keep_header(CALL)
        .build();
    let retry = RetryLayer::builder().random(random.fork()).build();
    let client = ServiceBuilder::new()
        .layer(route.expect("a good route"))
        .layer(retry.expect("the defaults are good"))
        .layer(breaker)
        .layer(limit)
        .layer(timeouts())
        .layer(ClassifyLayer::new())
        .service(internet);
    let client = check_resend::<_, Full<Bytes>>(client);
    let told = client.then(|result| async { Ok(End::of(result).await) });
    BoxCloneSyncService::new(told)
}

/// Two retries at the first provider, which is the only one it knows.
pub(super) fn sdk(internet: &Internet, random: &Random) -> Caller {
    let wire = timeouts().layer(internet.first());
    let random = random.fork();
    BoxCloneSyncService::new(service_fn(move |request: Req| {
        let (wire, random) = (wire.clone(), random.clone());
        async move { Ok(End::of(sdk::call(wire, request, random).await).await) }
    }))
}

fn timeouts() -> TimeoutLayer {
    let timeouts = TimeoutLayer::builder().attempt(ATTEMPT).build();
    timeouts.expect("a good limit")
}
