//! What only a router says.

use std::error::Error;

use http::StatusCode;
use tollgate_core::{Class, Reason, Rejected, find_error as find};
use tollgate_route::{Attempt, BadBody, BadRequest, Exhausted, NoRoute};

pub(super) fn own<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a dyn Error> {
    let exhausted = find::<Exhausted>(error).map(|error| error as &dyn Error);
    let bad = || find::<BadRequest>(error).map(|error| error as &dyn Error);
    let no_route = || find::<NoRoute>(error).map(|error| error as &dyn Error);
    exhausted.or_else(bad).or_else(no_route)
}

pub(super) fn meaning(error: &(dyn Error + 'static)) -> Option<(StatusCode, &'static str)> {
    if let Some(bad) = find::<BadRequest>(error) {
        return Some(match bad.body() {
            Some(BadBody::NotKept) => {
                (StatusCode::PAYLOAD_TOO_LARGE, Reason::BodyTooLarge.as_str())
            }
            _ => (StatusCode::BAD_REQUEST, "bad_request"),
        });
    }
    if find::<NoRoute>(error).is_some() {
        return Some((StatusCode::NOT_FOUND, "no_route"));
    }
    let exhausted = find::<Exhausted>(error)?;
    let reason = Rejected::find(exhausted).map(Rejected::reason);
    if reason == Some(Reason::DeadlineExceeded) {
        return Some((
            StatusCode::GATEWAY_TIMEOUT,
            Reason::DeadlineExceeded.as_str(),
        ));
    }
    let all = |is: fn(Class) -> bool| {
        let mut classes = exhausted.attempts().iter().map(Attempt::class);
        classes.all(|class| class.is_some_and(is))
    };
    let told = exhausted.status().filter(StatusCode::is_client_error);
    let status = if exhausted.attempts().is_empty() {
        // The call itself forbids every target.
        StatusCode::BAD_REQUEST
    } else if all(|class| matches!(class, Class::RateLimited | Class::QuotaExhausted)) {
        StatusCode::TOO_MANY_REQUESTS
    } else if all(|class| class == Class::InvalidRequest) {
        // A model that is not there, or a call too long for all: the same again is as wrong.
        told.unwrap_or(StatusCode::BAD_REQUEST)
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    Some((status, "no_target"))
}
