//! tower-resilience: its retry around its rate limiter, which is told the rate.

use std::{io, time::Duration};

use http::StatusCode;
use tollgate_core::Random;
use tower::{Layer, ServiceExt};
use tower_resilience::{
    ratelimiter::{RateLimiterLayer, RateLimiterServiceError},
    retry::{IntervalFunction, RetryLayer},
};

use super::{BACKOFF, Job, RETRIES, all};
use crate::{
    case::Case,
    model::{A_MINUTE, MINUTE, Model},
    request::{Req, request},
    wire::Res,
};

/// Its own exponential backoff with half of it random; only, the random numbers can be repeated.
struct Exponential(Random);

impl IntervalFunction for Exponential {
    fn next_interval(&self, attempt: usize) -> Duration {
        let doubled = 2_f64.powi(i32::try_from(attempt).unwrap_or(i32::MAX));
        let base = (BACKOFF.0.as_secs_f64() * doubled).min(BACKOFF.1.as_secs_f64());
        Duration::from_secs_f64(base * (0.5 + self.0.unit()))
    }
}

pub(super) async fn run(job: Job<'_>) {
    let retry = RetryLayer::<Req, Res, RateLimiterServiceError<io::Error>>::builder()
        .max_attempts(RETRIES + 1)
        .backoff(Exponential(job.random))
        .retry_on(|_| false)
        .retry_on_response(|answer| answer.status() == StatusCode::TOO_MANY_REQUESTS)
        .build();
    let service = retry.layer(limiter(job.case).layer(job.wire));
    all(job.case, job.calls, |n| {
        let call = service.clone().oneshot(request(n, job.case.twist));
        async move { drop(call.await) }
    })
    .await;
}

/// The rate, in the form that suits the provider best: evenly for the small bucket, 600 a minute for
/// the others. Each process gets its part.
fn limiter(case: &Case) -> RateLimiterLayer {
    let processes = case.processes;
    let (limit, period) = match case.model {
        Model::Bucket10 => {
            let evenly = Duration::from_millis(200);
            (2, evenly * u32::try_from(processes).expect("few"))
        }
        Model::Fast100 => (100 / processes, Duration::from_secs(1)),
        _ => (
            usize::try_from(A_MINUTE).expect("small") / processes,
            MINUTE,
        ),
    };
    RateLimiterLayer::builder()
        .limit_for_period(limit)
        .refresh_period(period)
        .timeout_duration(Duration::from_secs(86_400))
        .build()
        .expect("a good limit")
}
