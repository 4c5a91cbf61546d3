//! Days that end at midnight somewhere.

use std::time::{Duration, SystemTime};

use jiff::{Timestamp, ToSpan, tz::TimeZone};

use crate::time::{END, SECOND, Time, span};

/// A day of the calendar in a time zone, 23 to 25 hours long.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    zone: TimeZone,
    /// The time of day at the ledger's zero.
    zero: Duration,
}

impl Day {
    /// Days of `zone`, told that it is `wall` at `now`.
    pub(crate) fn new(zone: TimeZone, wall: SystemTime, now: Time) -> Self {
        let since = wall
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let zero = since.saturating_sub(Duration::from_nanos(now));
        Self { zone, zero }
    }

    /// The first midnight after `now`.
    pub(crate) fn end(&self, now: Time) -> Time {
        self.midnight(now)
            .unwrap_or_else(|| now.saturating_add(86_400 * SECOND).min(END))
    }

    fn midnight(&self, now: Time) -> Option<Time> {
        let wall = self.zero.checked_add(Duration::from_nanos(now))?;
        let seconds = i64::try_from(wall.as_secs()).ok()?;
        let here = Timestamp::from_second(seconds)
            .ok()?
            .to_zoned(self.zone.clone());
        let tomorrow = here.checked_add(1.day()).ok()?.start_of_day().ok()?;
        let end = u64::try_from(tomorrow.timestamp().as_second()).ok()?;
        let until = Duration::from_secs(end).checked_sub(self.zero)?;
        Some(span(until).max(now + 1))
    }
}
