//! What came back, and whether it is worth another attempt at all.

use std::time::Duration;

use http::{HeaderMap, HeaderName, Response};
use tollgate_core::{Class, Classification, Note, StaleConnection, TimeLimit, TimedOut, as_error};

use crate::{Why, config::Policy};

const X_SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// Limits of windows from here on are not waited for without a stated wait.
const HOUR: Duration = Duration::from_secs(3_600);

/// A failed attempt, as far as the decision needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    /// `None` where a layer below refused the call, which is final.
    pub(crate) class: Option<Class>,
    /// The wait that the provider told.
    pub(crate) hint: Option<Duration>,
    /// For how long a limiter below holds the next attempt, if at least for that wait.
    pub(crate) gated: Option<Duration>,
    /// Why it is not to be retried, whatever else holds.
    pub(crate) stop: Option<Why>,
    /// A reused connection broke before the head came: the call is sent again at once.
    pub(crate) stale: bool,
}

/// Judges a response; `None` is a success.
pub(crate) fn response<R>(policy: &Policy, response: &Response<R>) -> Option<Failure> {
    let status = response.status();
    if status.as_u16() < 400 && response.extensions().is_empty() && policy.statuses.is_empty() {
        return None;
    }
    let seen = Classification::of(response);
    let class = seen.class();
    let listed = policy.statuses.contains(&status) && class == Class::of_status(status);
    if class == Class::Ok && !listed {
        return None;
    }
    // A status that was listed stands for its bare class; of a class that is retried anyway, a
    // classifier knows better which answers will not pass.
    let wanted = match policy.classes.contains(&class) {
        true => seen.retry_same(),
        false => listed,
    };
    // The end of a day is not waited for in half a minute.
    let long = seen.window().is_some_and(|window| window.length() >= HOUR);
    let hopeless = class == Class::RateLimited && seen.wait().is_none() && long;
    let stop = match should_retry(response.headers()) {
        Some(true) => None,
        Some(false) => Some(Why::ToldNotTo),
        None if hopeless => Some(Why::WaitTooLong),
        None => (!wanted).then_some(Why::Final),
    };
    Some(Failure {
        class: Some(class),
        hint: seen.wait(),
        gated: Note::of(response)
            .and_then(Note::gated)
            .filter(|_| class == Class::RateLimited),
        stop,
        stale: false,
    })
}

/// Judges an error.
pub(crate) fn error<E: 'static>(policy: &Policy, error: &E) -> Failure {
    let class = Class::of_any(error);
    let unwanted = class.is_some_and(|class| !policy.classes.contains(&class));
    let late = as_error(error).and_then(TimedOut::find);
    let stop = match late.map(TimedOut::limit) {
        // The call has no time left, or none for this target: another one is to be asked.
        Some(TimeLimit::Deadline) => Some(Why::Deadline),
        Some(TimeLimit::Share) => Some(Why::Share),
        _ => unwanted.then_some(Why::Final),
    };
    Failure {
        class,
        hint: None,
        gated: None,
        stop,
        stale: as_error(error).and_then(StaleConnection::find).is_some(),
    }
}

/// The word of the server, which knows best.
fn should_retry(headers: &HeaderMap) -> Option<bool> {
    let text = headers.get(X_SHOULD_RETRY)?.as_bytes().trim_ascii();
    if text.eq_ignore_ascii_case(b"true") {
        return Some(true);
    }
    text.eq_ignore_ascii_case(b"false").then_some(false)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tollgate_core::BoxError;

    use super::*;

    #[test]
    fn a_share_of_the_time_is_not_the_deadline() {
        for (limit, why) in [
            (TimeLimit::Deadline, Some(Why::Deadline)),
            (TimeLimit::Share, Some(Why::Share)),
            (TimeLimit::Attempt, None),
        ] {
            let late: BoxError = TimedOut::new(limit, Duration::from_secs(1)).into_error();
            let failure = error(&Policy::default(), &late);
            assert_eq!(failure.stop, why, "{limit}");
        }
    }
}
