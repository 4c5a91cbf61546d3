//! What answers and rejections changed, for events.

use tokio::time::Instant;
use tollgate_core::{LimitKind, Window};

use super::{Account, Counts};

/// How many changes are kept until somebody asks for them. One answer makes a handful at most.
const KEPT: usize = 32;

/// Something an account learned or decided since it was last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// A rejection closed a gate, or confirmed until when it stays closed.
    Closed {
        /// Only calls that take some of this are held back; all where it is `None`.
        kind: Option<LimitKind>,
        /// When one call tries.
        until: Instant,
    },
    /// A gate is open again: a call was served, or none was turned away for long enough.
    Reopened {
        /// The kind of the gate, as it was closed.
        kind: Option<LimitKind>,
    },
    /// Something an answer said was not believed.
    Ignored {
        /// Of which limit it spoke, where it said so.
        kind: Option<LimitKind>,
        /// What it was.
        what: Ignored,
    },
}

/// What was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ignored {
    /// A limit of zero. Taken as not stated.
    NoLimit,
    /// More remains than the limit allows. Taken as the whole limit.
    AboveLimit,
    /// A reset later than the named window is long, or, where none is named, than a day. Taken as not
    /// stated.
    FarReset,
    /// A wait of more than a day. Taken as not stated.
    FarWait,
    /// A rejection says that enough was left: another limit binds, one that is not told.
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
    /// [`admit`](Self::admit), [`answer`](Self::answer), [`reject`](Self::reject),
    /// [`settle`](Self::settle) and [`finish`](Self::finish).
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
    /// let Admission::Admitted(ticket) = account.admit(&Cost::default(), now) else { panic!() };
    ///
    /// let mut quota = Quota::new();
    /// let requests = quota.entry(LimitKind::Requests, None).expect("room");
    /// (requests.limit, requests.remaining) = (Some(60), Some(0));
    /// let seen = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(3));
    /// account.reject(ticket, &seen, &quota, now);
    ///
    /// let mut changes = account.changes();
    /// assert!(matches!(changes.next(), Some(Change::Closed { kind: None, .. })));
    /// assert!(matches!(changes.next(), Some(Change::Learned { limit: 60, .. })));
    /// # Ok::<(), tollgate_limit::LimitError>(())
    /// ```
    pub fn changes(&mut self) -> impl Iterator<Item = Change> {
        self.changes.drain(..)
    }

    pub(super) fn note(&mut self, change: Change) {
        if self.changes.len() < KEPT {
            self.changes.push(change);
        }
    }
}
