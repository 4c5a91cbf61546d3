//! What answers and rejections changed, for events.

use tokio::time::Instant;
use tollgate_core::{LimitKind, Window};

use super::{Account, Counts};

/// How many changes are kept until somebody asks for them. One answer makes a handful at most.
const KEPT: usize = 32;

/// Something an account learned or decided since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Change {
    /// A limit became known, or its size or the way it gives back turned out to be another.
    Learned {
        /// What it counts.
        kind: LimitKind,
        /// The span it counts over, where that is known.
        window: Option<Window>,
        /// The most that can be taken.
        limit: u64,
        /// How it gives back.
        counts: Counts,
    },
    /// A rejection closed the gate.
    Closed {
        /// Only calls that take some of this are held back; all where it is `None`.
        kind: Option<LimitKind>,
        /// When the next call may go.
        until: Instant,
    },
    /// The gate is open before its time: a call was served that tested it.
    Reopened {
        /// The kind of the gate, as it was closed.
        kind: Option<LimitKind>,
    },
    /// Something an answer said is not believed.
    Ignored {
        /// Of which limit it spoke, where it said so.
        kind: Option<LimitKind>,
        /// What it was.
        what: Ignored,
    },
    /// Calls go slower than a configured limit allows.
    Below(Below),
}

/// A key that runs below what is configured for it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Below {
    /// What the configured limit counts.
    pub kind: LimitKind,
    /// Units a minute that the configured limit allows in the long run.
    pub configured: f64,
    /// Units a minute that the provider allows, as far as one knows.
    pub actual: f64,
    /// How that is known.
    pub reason: Reason,
}

/// How a limit below the configured one was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The pace between two rejections is lower.
    Pace,
    /// The provider rejected calls of a window before the configured amount was sent.
    Window,
    /// The provider's headers state a smaller limit.
    Headers,
}

impl Reason {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pace => "measured_pace",
            Self::Window => "rejected_early",
            Self::Headers => "headers",
        }
    }
}

/// What is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// A limit of zero. Taken as not stated.
    NoLimit,
    /// More remains than the limit allows. Taken as the whole limit.
    AboveLimit,
    /// A reset later than the named window is long twice, or, where none is named, than two days.
    /// Taken as not stated.
    FarReset,
    /// A wait of more than a day. Taken as not stated.
    FarWait,
    /// A rejection says that enough was left: another limit binds, one that no header names.
    EnoughLeft,
}

impl Ignored {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoLimit => "no_limit",
            Self::AboveLimit => "above_limit",
            Self::FarReset => "far_reset",
            Self::FarWait => "far_wait",
            Self::EnoughLeft => "enough_left",
        }
    }
}

impl Account {
    /// What changed since this was last asked, oldest first; at most 32 changes are kept. Ask after
    /// [`admit`](Self::admit), [`answer`](Self::answer) and [`reject`](Self::reject).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tokio::time::Instant;
    /// use tollgate_core::{Class, Classification, Cost, LimitKind, Quota, Random};
    /// use tollgate_limit::{Account, Admission, Change};
    ///
    /// let now = Instant::now();
    /// let mut account = Account::new(&[], Random::seeded(7), now, SystemTime::UNIX_EPOCH)?;
    /// let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, now) else { panic!() };
    ///
    /// let mut quota = Quota::new();
    /// let requests = quota.entry(LimitKind::Requests, None).expect("room");
    /// (requests.limit, requests.remaining) = (Some(60), Some(0));
    /// let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(3));
    /// account.reject(ticket, &seen, &quota, now);
    ///
    /// let mut changes = account.changes();
    /// assert!(matches!(changes.next(), Some(Change::Learned { limit: 60, .. })));
    /// assert!(matches!(changes.next(), Some(Change::Closed { kind: None, .. })));
    /// # Ok::<(), tollgate_limit::LimitError>(())
    /// ```
    pub fn changes(&mut self) -> impl Iterator<Item = Change> {
        self.changes.drain(..)
    }

    #[inline]
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    pub(super) fn note(&mut self, change: Change) {
        if self.changes.len() < KEPT {
            self.changes.push(change);
        }
    }
}
