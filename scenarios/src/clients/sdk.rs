//! What the SDKs of the providers do: two retries, each call on its own.

use std::time::Duration;

use http::{HeaderMap, Response, StatusCode};
use tokio::time::sleep;
use tollgate_core::Random;
use tower::{Service, ServiceExt};

use super::{Job, all};
use crate::request::{Req, request};

const RETRIES: i32 = 2;
/// A told wait is obeyed up to this length; beyond it the backoff is used.
const LONGEST: f64 = 60.0;

pub(super) async fn run(job: Job<'_>) {
    all(job.case, job.calls, |n| {
        let request = request(n, job.case.twist);
        let answer = call(job.wire.clone(), request, job.random.clone());
        async move { drop(answer.await) }
    })
    .await;
}

/// Sends again what was turned away, failed, or was not answered.
pub(crate) async fn call<S, R>(
    service: S,
    request: Req,
    random: Random,
) -> Result<S::Response, S::Error>
where
    S: Service<Req, Response = Response<R>> + Clone,
{
    for attempt in 0..RETRIES {
        let answer = service.clone().oneshot(request.clone()).await;
        let wait = match &answer {
            Ok(it) if is_final(it.status()) => return answer,
            Ok(it) => told(it.headers()),
            Err(_) => None,
        };
        drop(answer);
        sleep(wait.unwrap_or_else(|| backoff(attempt, &random))).await;
    }
    service.oneshot(request).await
}

fn is_final(status: StatusCode) -> bool {
    status != StatusCode::TOO_MANY_REQUESTS && !status.is_server_error()
}

/// `retry-after-ms`, else `retry-after` in seconds.
fn told(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<f64>().ok();
    let millis = number("retry-after-ms").map(|ms| ms / 1_000.0);
    let seconds = millis.or_else(|| number("retry-after"))?;
    let obeyed = seconds > 0.0 && seconds <= LONGEST;
    obeyed.then(|| Duration::from_secs_f64(seconds))
}

/// From 0.5 s to 8 s, less up to a quarter.
fn backoff(attempt: i32, random: &Random) -> Duration {
    let seconds = (0.5 * 2_f64.powi(attempt)).min(8.0);
    Duration::from_secs_f64(seconds * (1.0 - 0.25 * random.unit()))
}
