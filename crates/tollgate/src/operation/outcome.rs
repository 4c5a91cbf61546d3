//! What a result says about a call.

use std::error::Error;

use http::{Response, StatusCode};
use tollgate_core::{Class, Classification, Rejected, Target, as_error};

use crate::event::Outcome;

/// How a call or an attempt ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) status: Option<StatusCode>,
    /// Who it was, where the result says so.
    pub(crate) target: Option<Target>,
}

impl Ended {
    /// The caller dropped it.
    pub(crate) const CANCELLED: Self = Self {
        outcome: Outcome::Cancelled,
        status: None,
        target: None,
    };

    pub(crate) fn of<R, E: 'static>(result: &Result<Response<R>, E>) -> Self {
        match result {
            Ok(response) => Self {
                outcome: Outcome::Answered(Classification::of(response).class()),
                status: Some(response.status()),
                target: served(response),
            },
            Err(error) => Self::of_error(error),
        }
    }

    fn of_error<E: 'static>(error: &E) -> Self {
        let plain = as_error(error);
        let rejected = plain.and_then(Rejected::find);
        let outcome = match rejected {
            Some(rejected) => Outcome::Rejected(rejected.reason()),
            None if plain.is_some_and(is_bad_request) => Outcome::Failed(Class::InvalidRequest),
            None => Outcome::Failed(Class::of_any(error).unwrap_or(Class::Transport)),
        };
        let of_rejected = || rejected.and_then(Rejected::target).cloned();
        Self {
            outcome,
            status: None,
            target: plain.and_then(asked_last).or_else(of_rejected),
        }
    }
}

#[cfg(feature = "route")]
fn served<R>(response: &Response<R>) -> Option<Target> {
    tollgate_route::Served::of(response).map(|served| served.target().clone())
}

#[cfg(not(feature = "route"))]
const fn served<R>(_: &Response<R>) -> Option<Target> {
    None
}

/// The last one the router asked, before it had nobody left.
#[cfg(feature = "route")]
fn asked_last(error: &(dyn Error + 'static)) -> Option<Target> {
    let exhausted: &tollgate_route::Exhausted = tollgate_core::find_error(error)?;
    let mut attempts = exhausted.attempts().iter().rev();
    let asked = attempts.find(|attempt| attempt.took().is_some());
    asked.map(|attempt| attempt.target().clone())
}

#[cfg(not(feature = "route"))]
const fn asked_last(_: &(dyn Error + 'static)) -> Option<Target> {
    None
}

/// The router could not write this request for anybody.
#[cfg(feature = "route")]
fn is_bad_request(error: &(dyn Error + 'static)) -> bool {
    tollgate_core::find_error::<tollgate_route::BadRequest>(error).is_some()
        || tollgate_core::find_error::<tollgate_route::NoRoute>(error).is_some()
}

#[cfg(not(feature = "route"))]
const fn is_bad_request(_: &(dyn Error + 'static)) -> bool {
    false
}
