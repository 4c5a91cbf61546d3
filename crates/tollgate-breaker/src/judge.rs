//! What an answer says about the provider.

use http::Response;
use tollgate_core::{BoxError, Class, Classification, StaleConnection};

use crate::{
    config::Settings,
    time::{Nanos, nanos},
};

/// What an answer counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// The provider works.
    Success,
    /// The provider is ill.
    Failure,
    /// It says nothing about the provider: neither counted nor held against it, nor does it help to
    /// close a breaker that is half open.
    Neutral,
}

/// What a call counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Success,
    Failure,
    /// Only as a sign of life, where the provider was shut off.
    Answer,
    Nothing,
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) mark: Mark,
    /// The wait that the provider told.
    pub(crate) told: Nanos,
    /// No answer came in time.
    pub(crate) timed_out: bool,
    /// The connection broke before an answer came.
    pub(crate) broke: bool,
}

pub(crate) const SUCCESS: Seen = Seen {
    mark: Mark::Success,
    told: 0,
    timed_out: false,
    broke: false,
};

/// Judges a response by its head.
#[inline]
pub(crate) fn response<R>(settings: &Settings, response: &Response<R>) -> Seen {
    let plain = response.status().as_u16() < 400 && response.extensions().is_empty();
    if plain && settings.judge.is_none() {
        return SUCCESS;
    }
    judge(settings, &Classification::of(response), Mark::Answer)
}

/// Judges an error. What a layer below refused was not the provider's doing.
pub(crate) fn error(settings: &Settings, error: &BoxError) -> Seen {
    // The server closed a connection that was idle: that is no fault of the provider.
    if StaleConnection::find(error.as_ref()).is_some() {
        return of_class(settings, None);
    }
    let class = Class::of_error(error.as_ref());
    Seen {
        broke: class == Some(Class::Transport),
        timed_out: class == Some(Class::Timeout),
        ..of_class(settings, class)
    }
}

/// Judges an error event in the body of a stream.
pub(crate) fn event(settings: &Settings, error: &Classification) -> Seen {
    judge(settings, error, Mark::Answer)
}

/// Judges an error of whatever type in the body.
pub(crate) fn body<E: 'static>(settings: &Settings, error: &E) -> Seen {
    of_class(settings, Class::of_any(error))
}

fn of_class(settings: &Settings, class: Option<Class>) -> Seen {
    match class {
        Some(class) => judge(settings, &Classification::new(class), Mark::Nothing),
        None => Seen {
            mark: Mark::Nothing,
            ..SUCCESS
        },
    }
}

/// `otherwise`: where it is neutral by its class.
fn judge(settings: &Settings, seen: &Classification, otherwise: Mark) -> Seen {
    let own = settings.judge.as_ref().and_then(|judge| judge(seen));
    let mark = match (own, seen.class()) {
        (Some(Verdict::Success), _) | (None, Class::Ok) => Mark::Success,
        (Some(Verdict::Failure), _) => Mark::Failure,
        // By one's own word it is really neutral.
        (Some(Verdict::Neutral), _) => Mark::Nothing,
        (None, class) if settings.classes.contains(&class) => Mark::Failure,
        (None, _) => otherwise,
    };
    Seen {
        mark,
        told: seen.wait().map_or(0, nanos),
        // An answer that says so is one.
        timed_out: false,
        broke: false,
    }
}
