//! One chat call: its request, and what became of it.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use serde_json::json;
use tokio::time::Instant;
use tollgate_core::{Call as Extension, Target};
use tower::{Service, ServiceExt};

use super::{
    judge,
    providers::Site,
    tally::{Call, Tally},
};

pub(crate) type Body = Full<Bytes>;

const PATIENCE: Duration = Duration::from_secs(25);

/// Every fourth call wants its answer as a stream.
const fn streams(n: usize) -> bool {
    n % 4 == 3
}

/// Makes the call of this number, and adds what became of it to the tally.
pub(crate) fn run<S, R>(
    client: S,
    site: &Site,
    n: usize,
    tally: Arc<Tally>,
) -> impl Future<Output = ()> + Send + use<S, R>
where
    S: Service<Request<Body>, Response = Response<R>, Error: Into<Failure> + Send, Future: Send>
        + Send,
    R: http_body::Body<Data = Bytes, Error: Error> + Send,
{
    let (provider, request) = (site.name, request(site, n));
    async move {
        let start = Instant::now();
        let end = match client.oneshot(request).await {
            Ok(response) => judge::answer(response, streams(n)).await,
            Err(error) => judge::failure(&*error.into()),
        };
        tally.ended(Call {
            provider,
            end,
            took: start.elapsed(),
        });
    }
}

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

fn request(site: &Site, n: usize) -> Request<Body> {
    let body = json!({
        "model": site.model,
        "max_tokens": 64,
        "stream": streams(n),
        "messages": [{"role": "user", "content": format!("What is {n} times {n}?")}],
    });
    let call = Extension::new()
        .with_target(Target::new(site.name, site.model))
        .with_deadline_in(PATIENCE);
    Request::post(site.uri())
        .header("content-type", "application/json")
        .extension(call)
        .body(Full::new(Bytes::from(body.to_string())))
        .expect("the parts are good")
}
