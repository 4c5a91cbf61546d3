//! What the layer tells its observer.

use std::fmt;

use http::StatusCode;
use tollgate_core::{Classification, Target};

use crate::origin::Origin;

/// An answer was classified as something else than a plain success; or an error event came in a stream that
/// began as one.
///
/// The observer receives it after the decision, once per answer.
#[derive(Debug, Clone)]
pub struct Classified {
    pub(crate) status: StatusCode,
    pub(crate) origin: Origin,
    pub(crate) classification: Classification,
    pub(crate) peeked: usize,
    pub(crate) cut: Option<Cut>,
    pub(crate) late: bool,
}

/// Why a peek ended before the body, or its first event, did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cut {
    /// As much was read as may be.
    Size,
    /// The time for it was over.
    Time,
    /// The body ended in an error, which the caller still gets. A success that breaks so early is
    /// classified as [`Class::Transport`](tollgate_core::Class::Transport).
    Broken,
}

impl Classified {
    /// The status of the answer. An error inside a success has a 2xx here.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Who answered: the provider of the call's target, else the host in lower case.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_str()
    }

    /// The target of the call, where somebody set one.
    #[must_use]
    pub const fn target(&self) -> Option<&Target> {
        self.origin.target()
    }

    /// What the answer means.
    #[must_use]
    pub const fn classification(&self) -> &Classification {
        &self.classification
    }

    /// How many bytes of the body were read to find out; 0 when the head decided alone. The last
    /// frame counts as a whole, so this may be more than the layer's limit.
    #[must_use]
    pub const fn peeked(&self) -> usize {
        self.peeked
    }

    /// Why the peek ended early, if it did.
    #[must_use]
    pub const fn cut(&self) -> Option<Cut> {
        self.cut
    }

    /// It is an error event that came after the stream was handed on. The response and its note were
    /// those of a success; the error is in the [`StreamReport`](tollgate_core::StreamReport) too.
    #[must_use]
    pub const fn is_late(&self) -> bool {
        self.late
    }
}

/// `api.groq.com: 429 is rate_limited (tokens per day), wait 7s [error.code]`
impl fmt::Display for Classified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.origin().unwrap_or("an unnamed host");
        let status = self.status.as_u16();
        let later = if self.late {
            ", later in its stream"
        } else {
            ""
        };
        let seen = &self.classification;
        write!(f, "{origin}: {status} is {seen}{later}")
    }
}
