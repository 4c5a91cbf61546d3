//! What only a router says.

use std::error::Error;

use http::StatusCode;
use tollgate_core::Class;
use tollgate_route::{BadRequest, Exhausted, NoRoute};

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

pub(super) fn own<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a dyn Error> {
    let exhausted = find::<Exhausted>(error).map(|error| error as &dyn Error);
    let bad = || find::<BadRequest>(error).map(|error| error as &dyn Error);
    let no_route = || find::<NoRoute>(error).map(|error| error as &dyn Error);
    exhausted.or_else(bad).or_else(no_route)
}

pub(super) fn meaning(error: &(dyn Error + 'static)) -> Option<(StatusCode, &'static str)> {
    if find::<BadRequest>(error).is_some() {
        return Some((StatusCode::BAD_REQUEST, "bad_request"));
    }
    if find::<NoRoute>(error).is_some() {
        return Some((StatusCode::NOT_FOUND, "no_route"));
    }
    let exhausted = find::<Exhausted>(error)?;
    let limited =
        |class: Option<Class>| matches!(class, Some(Class::RateLimited | Class::QuotaExhausted));
    let mut attempts = exhausted.attempts().iter();
    let status = match attempts.all(|attempt| limited(attempt.class())) {
        true => StatusCode::TOO_MANY_REQUESTS,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    Some((status, "no_target"))
}
