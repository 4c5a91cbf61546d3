//! The two clients: with retries alone, and with the limiter below them.

use std::sync::Arc;

use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tollgate_classify::{Classify, ClassifyLayer};
use tollgate_core::{Observe, check_resend};
use tollgate_limit::{LimitLayer, LimitService};
use tollgate_retry::{Event, Retry, RetryLayer};
use tower::ServiceBuilder;

use super::{
    calls::{Body, Failure},
    tally::Tally,
};

pub(crate) type Http = Client<HttpConnector, Body>;

/// The client people use already.
pub(crate) fn http() -> Http {
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
