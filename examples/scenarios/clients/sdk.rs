//! What the SDKs of the providers do: two retries, each call on its own.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::time::sleep;
use tollgate_core::Random;
use tower::ServiceExt;

use super::{Job, all};
use crate::{request::request, twist::Twist, wire::Wire};

const RETRIES: i32 = 2;
/// A told wait is obeyed up to this length; beyond it the backoff is used.
const LONGEST: f64 = 60.0;

pub(super) async fn run(job: Job<'_>) {
    all(job.case, job.calls, |n| {
        call(job.wire.clone(), n, job.case.twist, job.random.clone())
    })
    .await;
}

async fn call(wire: Wire, n: usize, twist: Twist, random: Random) {
    for attempt in 0..=RETRIES {
        let Ok(response) = wire.clone().oneshot(request(n, twist)).await else {
            return;
        };
        if response.status() != StatusCode::TOO_MANY_REQUESTS || attempt == RETRIES {
            return;
        }
        sleep(told(response.headers()).unwrap_or_else(|| backoff(attempt, &random))).await;
    }
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
