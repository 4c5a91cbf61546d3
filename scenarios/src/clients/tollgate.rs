//! tollgate: its limiter around its classifier, and a breaker around both. Who is turned away asks
//! again and keeps its place.

use http_body_util::BodyExt;
use tokio::time::Instant;
use tollgate_breaker::{Breaker, BreakerLayer, Status};
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{Call, Cost, Target};
use tollgate_limit::{Builder, LimitLayer, LimitService};
use tower::{Layer, ServiceExt};

use super::{Job, all};
use crate::{case::Case, request::request, tokens, twist::Twist, wire::Wire, world};

/// More attempts than any call should need.
const ATTEMPTS: u32 = 1_000;

type Service = Breaker<LimitService<Classify<Wire>>>;

pub(super) async fn run(job: Job<'_>) {
    let builder = LimitLayer::builder()
        .random(job.random)
        .max_wait(job.case.max_wait);
    let builder = job.case.limits().into_iter().fold(builder, Builder::limit);
    let builder = match job.case.twist {
        Twist::Slow => builder.concurrency(world::AT_ONCE),
        _ => builder,
    };
    let layer = builder.build().expect("limits that can be kept");
    let (breaker, wire) = (BreakerLayer::outages(), job.wire.clone());
    let breakers = breaker.handle();
    let service = breaker.layer(layer.layer(ClassifyLayer::new().layer(wire.clone())));
    let costs = costs(job.case, job.seed);
    all(job.case, job.calls, |n| {
        call(
            service.clone(),
            job.wire.clone(),
            n,
            costs[n],
            job.case.twist,
        )
    })
    .await;
    wire.flapped(breakers.list().iter().map(Status::changes).sum());
}

async fn call(service: Service, wire: Wire, n: usize, cost: Option<Cost>, twist: Twist) {
    let arrival = Instant::now();
    let about = Call::new()
        .with_target(Target::provider_only("provider"))
        .with_cost(cost)
        .with_arrival(arrival);
    for attempt in 0..ATTEMPTS {
        let mut request = request(n, twist);
        request
            .extensions_mut()
            .insert(about.clone().with_attempt(attempt));
        let Ok(response) = service.clone().oneshot(request).await else {
            return wire.refused(n, arrival.elapsed());
        };
        if response.status().is_success() {
            return drop(response.into_body().collect().await);
        }
    }
}

/// What each call reserves, by its number, where that is not left to the limiter.
fn costs(case: &Case, seed: u64) -> Vec<Option<Cost>> {
    match case.twist {
        Twist::Tokens => {
            let usages = tokens::usages(case.calls, seed);
            usages.iter().map(|it| Some(tokens::reserved(it))).collect()
        }
        _ => vec![None; case.calls],
    }
}
