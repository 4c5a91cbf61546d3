//! `tower::retry` with its exponential backoff, and random numbers that can be repeated.

use std::{io, time::Duration};

use http::StatusCode;
use tokio::time::Sleep;
use tollgate_core::Random;
use tower::{
    ServiceExt,
    retry::{
        Policy, Retry,
        backoff::{Backoff, ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff},
    },
    util::rng::Rng,
};

use super::{BACKOFF, Job, RETRIES, all};
use crate::{
    request::{Req, request},
    wire::Res,
};

/// All calls draw from one stream. tower's own would give each call the same jitter, because a
/// clone of it starts over: that is kinder here.
#[derive(Clone)]
struct Shared(Random);

impl Rng for Shared {
    fn next_u64(&mut self) -> u64 {
        // Never zero: the backoff does not allow it.
        (self.0.unit() * u64::MAX as f64) as u64 | 1 << 11
    }
}

#[derive(Clone)]
struct Again {
    left: usize,
    backoff: ExponentialBackoff<Shared>,
}

impl Policy<Req, Res, io::Error> for Again {
    type Future = Sleep;

    fn retry(&mut self, _: &mut Req, result: &mut io::Result<Res>) -> Option<Sleep> {
        let limited = |answer: &Res| answer.status() == StatusCode::TOO_MANY_REQUESTS;
        if self.left == 0 || !result.as_ref().is_ok_and(limited) {
            return None;
        }
        self.left -= 1;
        Some(self.backoff.next_backoff())
    }

    fn clone_request(&mut self, request: &Req) -> Option<Req> {
        Some(request.clone())
    }
}

pub(super) async fn run(job: Job<'_>) {
    let (least, most): (Duration, Duration) = BACKOFF;
    let maker = ExponentialBackoffMaker::new(least, most, 0.99, Shared(job.random));
    let policy = Again {
        left: RETRIES,
        backoff: maker.expect("a good backoff").make_backoff(),
    };
    all(job.case, job.calls, |n| {
        let call = Retry::new(policy.clone(), job.wire.clone()).oneshot(request(n, job.case.twist));
        async move { drop(call.await) }
    })
    .await;
}
