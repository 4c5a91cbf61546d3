//! The copy of a request that is kept for the next attempt.

use std::{mem, time::Duration};

use http::{HeaderName, Request};
use tokio::time::Instant;
use tollgate_core::{Call, Replay};

use crate::{Why, config::Policy};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

/// What is kept of a call for its next attempt. The `Call` is kept beside the copy of the request,
/// because putting it into the copy's extensions would allocate for each call instead of for each
/// resend.
pub(crate) struct Kept<B> {
    request: Result<Request<B>, Why>,
    call: Option<Call>,
    arrival: Instant,
}

impl<B: Replay> Kept<B> {
    /// Copies a request, if it may and can be sent again.
    #[inline]
    pub(crate) fn of(request: &Request<B>, policy: &Policy) -> Self {
        let call = Call::of(request);
        Self {
            request: may_resend(request, policy).and_then(|()| copy(request, call.is_some())),
            call: call.cloned(),
            // Read now, not at the first failure: a resend must not lose its place in a queue to
            // calls that came while its first attempt was under way.
            arrival: call.and_then(Call::arrival).unwrap_or_else(Instant::now),
        }
    }

    /// The request to send after `made` attempts, of which `counted` count, if there is one; a copy is kept
    /// for one more if there may be one, be it only in place of one that met a stale connection.
    ///
    /// The request says in its `Call` which attempt it is, when the first one arrived, and what is
    /// left of the wait budget after `spent`.
    pub(crate) fn next(
        &mut self,
        policy: &Policy,
        made: u32,
        counted: u32,
        replaceable: bool,
        spent: Duration,
    ) -> Option<Request<B>> {
        let last = counted.saturating_add(1) >= policy.attempts() && !replaceable;
        let again = match &self.request {
            Ok(request) if !last => copy(request, false),
            _ => Err(Why::Attempts),
        };
        let mut request = mem::replace(&mut self.request, again).ok()?;
        let call = self.call.clone().unwrap_or_default();
        let attempt = call.attempt().saturating_add(made);
        let left = call.budget_left(spent);
        let call = call
            .with_arrival(self.arrival)
            .with_attempt(attempt)
            .with_wait_budget(left);
        request.extensions_mut().insert(call);
        if policy.count_header {
            request.headers_mut().insert(RETRY_COUNT, attempt.into());
        }
        Some(request)
    }
}

impl<B> Kept<B> {
    /// The `Call` that came with the request.
    pub(crate) const fn call(&self) -> Option<&Call> {
        self.call.as_ref()
    }

    /// The copy of the request, or why there is none.
    pub(crate) fn request(&self) -> Result<&Request<B>, Why> {
        self.request.as_ref().map_err(|why| *why)
    }
}

fn may_resend<B>(request: &Request<B>, policy: &Policy) -> Result<(), Why> {
    if policy.attempts() <= 1 {
        return Err(Why::Attempts);
    }
    let safe =
        || request.method().is_idempotent() || request.headers().contains_key(IDEMPOTENCY_KEY);
    if policy.only_safe && !safe() {
        return Err(Why::NotSafe);
    }
    Ok(())
}

/// Copies a request. If it comes `with_call` and no other extension, it is copied without any: the
/// `Call` is kept by itself, and is put on when the copy is sent.
#[inline]
fn copy<B: Replay>(request: &Request<B>, with_call: bool) -> Result<Request<B>, Why> {
    let body = request.body().try_clone().ok_or(Why::NotReplayable)?;
    let mut copy = Request::new(body);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    if request.extensions().len() > usize::from(with_call) {
        *copy.extensions_mut() = request.extensions().clone();
    }
    Ok(copy)
}
