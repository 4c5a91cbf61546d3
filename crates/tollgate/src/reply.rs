//! Errors of the stack as HTTP answers, for those who serve HTTP themselves.

#[cfg(feature = "route")]
mod route;

use std::{error::Error, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde::Serialize;
use tollgate_core::{Class, Reason, Rejected};

/// What a server answers when a call through the stack ends in an error.
///
/// | error | status | `code` |
/// |---|---|---|
/// | [`Rejected`]: queue full, wait too long | 429 | the reason |
/// | [`Rejected`]: circuit open, store unavailable, closed | 503 | the reason |
/// | [`Rejected`]: deadline exceeded | 504 | the reason |
/// | [`Rejected`]: too large, body too large | 413 | the reason |
/// | no target left | 429 where limits and quotas are all that stands in the way, the last status where the call is wrong for each of them, 400 where the call allows none, else 503 | `no_target` |
/// | a body that is too large to be written for its target | 413 | `body_too_large` |
/// | another request that cannot be written for its target | 400 | `bad_request` |
/// | a route that does not exist | 404 | `no_route` |
/// | time-outs | 504 | `timeout` |
/// | anything else | 502 | `transport` |
///
/// The body is JSON in the shape of OpenAI's errors: `error` with `message`, `type`, `param` (always
/// null) and `code`. The message is a sentence; what other people's errors say is left out, because
/// it may hold addresses. Where the time of the next try is known, `retry-after` has it in whole
/// seconds and `retry-after-ms` in milliseconds, both rounded up.
///
/// `x-should-retry: false` keeps SDKs above from multiplying retries: the stack has done them. Only a stack
/// that was closed says `true`: the next call reaches another process.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate::core::{Reason, Rejected};
///
/// let error = Rejected::new(Reason::QueueFull).with_retry_after(Duration::from_millis(1200));
/// let response = tollgate::reply(&error);
/// assert_eq!(response.status(), 429);
/// assert_eq!(response.headers()["retry-after"], "2");
/// assert_eq!(response.headers()["retry-after-ms"], "1200");
/// assert_eq!(response.headers()["x-should-retry"], "false");
/// ```
#[must_use]
pub fn reply(error: &(dyn Error + 'static)) -> Response<Full<Bytes>> {
    let (status, code) = meaning(error);
    let rejected = Rejected::find(error);
    let wait = rejected.and_then(Rejected::retry_after);
    let mut response = answer(status, code, &sentence(error, status));
    let headers = response.headers_mut();
    // Another process may serve it.
    if rejected.is_some_and(|rejected| rejected.reason() == Reason::Closed) {
        headers.insert("x-should-retry", HeaderValue::from_static("true"));
    }
    if let Some(wait) = wait {
        headers.insert(header::RETRY_AFTER, rounded_up(wait, 1_000_000_000));
        headers.insert("retry-after-ms", rounded_up(wait, 1_000_000));
    }
    response
}

/// An error answer of one's own in the same shape: `code` is for programs, `message` for people.
///
/// # Examples
///
/// ```
/// use http::StatusCode;
///
/// let response = tollgate::reply::answer(StatusCode::BAD_REQUEST, "no_model", "Which model?");
/// assert_eq!(response.status(), 400);
/// assert_eq!(response.headers()["content-type"], "application/json");
/// ```
#[must_use]
pub fn answer(
    status: StatusCode,
    code: &str,
    message: &(impl fmt::Display + ?Sized),
) -> Response<Full<Bytes>> {
    let kind = match status {
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        _ if status.is_client_error() => "invalid_request_error",
        _ => "server_error",
    };
    let body = Body {
        error: Fields {
            message: message.to_string(),
            kind,
            param: None,
            code,
        },
    };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert("x-should-retry", HeaderValue::from_static("false"));
    response
}

#[derive(Serialize)]
struct Body<'a> {
    error: Fields<'a>,
}

#[derive(Serialize)]
struct Fields<'a> {
    message: String,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'a str>,
    code: &'a str,
}

fn meaning(error: &(dyn Error + 'static)) -> (StatusCode, &'static str) {
    #[cfg(feature = "route")]
    if let Some(meaning) = route::meaning(error) {
        return meaning;
    }
    let Some(rejected) = Rejected::find(error) else {
        return match Class::of_error(error) {
            Some(Class::Timeout) => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
            _ => (StatusCode::BAD_GATEWAY, "transport"),
        };
    };
    let reason = rejected.reason();
    let status = match reason {
        Reason::QueueFull | Reason::WaitTooLong => StatusCode::TOO_MANY_REQUESTS,
        Reason::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Reason::TooLarge | Reason::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, reason.as_str())
}

/// What to tell people: our own words only.
fn sentence(error: &(dyn Error + 'static), status: StatusCode) -> String {
    #[cfg(feature = "route")]
    if let Some(own) = route::own(error) {
        return own.to_string();
    }
    match (Rejected::find(error), status) {
        (Some(rejected), _) => rejected.to_string(),
        (None, StatusCode::GATEWAY_TIMEOUT) => "the provider did not answer in time".to_owned(),
        (None, _) => "the provider could not be reached".to_owned(),
    }
}

fn rounded_up(wait: Duration, unit: u128) -> HeaderValue {
    let amount = u64::try_from(wait.as_nanos().div_ceil(unit));
    HeaderValue::from(amount.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
