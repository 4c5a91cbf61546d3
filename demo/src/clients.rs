//! The clients: with retries alone, with the limiter below them, and with a router above a breaker.

use std::{sync::Arc, time::Duration};

use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tollgate_breaker::{Breaker, BreakerLayer, Event as BreakerEvent};
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{Observe, check_resend};
use tollgate_limit::{LimitLayer, LimitService};
use tollgate_retry::{Event, Retry, RetryLayer};
use tollgate_route::{Route, RouteLayer, Router, provider::preset};
use tower::ServiceBuilder;

use super::{
    calls::{Body, Failure},
    providers::Site,
    tally::Tally,
};

/// How long the breaker is open: the first time, and at most.
const OPEN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(1));

pub(crate) type Http = Client<HttpConnector, Body>;

/// The client people use already.
fn http() -> Http {
    Client::builder(TokioExecutor::new()).build_http()
}

/// Sends again what was turned away, when the provider says so.
pub(crate) fn retrying(
    tally: &Arc<Tally>,
) -> Result<Retry<Classify<Http>, impl Observe<Event> + use<>>, Failure> {
    let client = ServiceBuilder::new()
        .layer(retry(tally)?)
        .layer(ClassifyLayer::new())
        .service(http());
    Ok(check_resend::<_, Body>(client))
}

/// The same, but calls wait for their turn before they are sent. No limit is told: it learns them.
pub(crate) fn limited(
    tally: &Arc<Tally>,
) -> Result<Retry<LimitService<Classify<Http>>, impl Observe<Event> + use<>>, Failure> {
    let client = ServiceBuilder::new()
        .layer(retry(tally)?)
        .layer(LimitLayer::new())
        .layer(ClassifyLayer::new())
        .service(http());
    Ok(check_resend::<_, Body>(client))
}

fn retry(tally: &Arc<Tally>) -> Result<RetryLayer<impl Observe<Event> + use<>>, Failure> {
    let heard = tally.clone();
    let retry = RetryLayer::builder().observer(move |event: &Event| match event {
        Event::Retrying { host, wait, .. } => heard.waited(host, *wait),
        Event::Recovered { .. } => heard.saved(),
        _ => {}
    });
    Ok(retry.build()?)
}

/// Asks the first provider, and the second where the first fails or its breaker is open.
pub(crate) fn routed<O>(
    [first, second]: &[Site; 2],
    hears: O,
) -> Result<Router<Breaker<Classify<Http>, O>>, Failure>
where
    O: Observe<BreakerEvent> + Send + Sync + 'static,
{
    let breaker = BreakerLayer::builder().open_time(OPEN.0, OPEN.1);
    let (breaker, breakers) = breaker.observer(hears).build_with_handle()?;
    let openai = preset::openai().base(first.base()).key("k");
    let groq = preset::groq().base(second.base()).key("k");
    let route = Route::new("chat").ordered([openai.model(first.model)]);
    let route = RouteLayer::builder(route.ordered([groq.model(second.model)]));
    let client = ServiceBuilder::new()
        .layer(route.outlook(breakers).build()?)
        .layer(breaker)
        .layer(ClassifyLayer::new())
        .service(http());
    Ok(check_resend::<_, Body>(client))
}
