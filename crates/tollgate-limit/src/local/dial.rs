//! Instants as plain numbers, for the queue.

use std::time::Duration;

use tokio::time::Instant;

use crate::account::time::{END, SECOND, Time, span};

/// How far before its key a call may have arrived: a retry, or a fallback that comes late.
const LEAD: Time = 86_400 * SECOND;

/// Counts nanoseconds from a day before the key was first used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dial {
    base: Instant,
}

impl Dial {
    pub(crate) const fn new(base: Instant) -> Self {
        Self { base }
    }

    pub(crate) fn time(&self, at: Instant) -> Time {
        let after = span(at.saturating_duration_since(self.base));
        let before = span(self.base.saturating_duration_since(at));
        LEAD.saturating_sub(before).saturating_add(after).min(END)
    }

    /// The time at which something ends; the end of all times where it does not.
    pub(crate) fn end(&self, at: Option<Instant>) -> Time {
        at.map_or(END, |at| self.time(at))
    }

    /// The moment after a time; `None` after the end of all times.
    pub(crate) fn after(&self, time: Time) -> Option<Instant> {
        if time >= END {
            return None;
        }
        let since = Duration::from_nanos(time.saturating_sub(LEAD).saturating_add(1));
        self.base.checked_add(since)
    }
}
