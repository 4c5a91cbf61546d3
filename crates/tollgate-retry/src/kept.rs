//! The copy of a request that is kept for the next attempt.

use std::time::Duration;

use http::{HeaderName, Request};
use tokio::time::Instant;
use tollgate_core::{Call, Replay};

use crate::{Why, config::Policy};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

/// A request that can be sent again. Its `Call` is kept beside it, because putting it into the
/// copy's extensions would allocate for each call instead of for each resend.
pub(crate) struct Kept<B> {
    request: Request<B>,
    call: Option<Call>,
    arrival: Instant,
}

impl<B: Replay> Kept<B> {
    /// Copies a request, if it may and can be sent again.
    pub(crate) fn of(request: &Request<B>, policy: &Policy) -> Result<Self, Why> {
        if policy.attempts() <= 1 {
            return Err(Why::Attempts);
        }
        let safe =
            || request.method().is_idempotent() || request.headers().contains_key(IDEMPOTENCY_KEY);
        if policy.only_safe && !safe() {
            return Err(Why::NotSafe);
        }
        let body = request.body().try_clone().ok_or(Why::NotReplayable)?;
        let call = Call::of(request).cloned();
        let arrival = call.as_ref().and_then(Call::arrival);
        Ok(Self {
            request: copy(request, body, call.is_some()),
            call,
            // Read now, not at the first failure: a resend must not lose its place in a queue to
            // calls that came while its first attempt was under way.
            arrival: arrival.unwrap_or_else(Instant::now),
        })
    }

    /// The request to send after `made` attempts, and the copy for one more where there may be one.
    ///
    /// The request says in its `Call` which attempt it is, when the first one arrived, and what is
    /// left of the wait budget after `spent`.
    pub(crate) fn next(
        mut self,
        policy: &Policy,
        made: u32,
        spent: Duration,
    ) -> (Request<B>, Result<Self, Why>) {
        let again = if made.saturating_add(1) < policy.attempts() {
            self.duplicate()
        } else {
            Err(Why::Attempts)
        };
        let call = self.call.unwrap_or_default();
        let attempt = call.attempt().saturating_add(made);
        let left = call
            .wait_budget()
            .map(|budget| budget.saturating_sub(spent));
        let call = call
            .with_arrival(self.arrival)
            .with_attempt(attempt)
            .with_wait_budget(left);
        self.request.extensions_mut().insert(call);
        if policy.count_header {
            self.request
                .headers_mut()
                .insert(RETRY_COUNT, attempt.into());
        }
        (self.request, again)
    }

    fn duplicate(&self) -> Result<Self, Why> {
        let body = self.request.body().try_clone().ok_or(Why::NotReplayable)?;
        Ok(Self {
            request: copy(&self.request, body, false),
            call: self.call.clone(),
            arrival: self.arrival,
        })
    }
}

impl<B> Kept<B> {
    pub(crate) const fn call(&self) -> Option<&Call> {
        self.call.as_ref()
    }

    pub(crate) const fn request(&self) -> &Request<B> {
        &self.request
    }
}

/// Copies a request but for its `Call`; `with_call` says that it has one.
fn copy<B>(request: &Request<B>, body: B, with_call: bool) -> Request<B> {
    let mut copy = Request::new(body);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    if request.extensions().len() > usize::from(with_call) {
        *copy.extensions_mut() = request.extensions().clone();
        copy.extensions_mut().remove::<Call>();
    }
    copy
}
