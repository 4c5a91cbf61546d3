//! Time as an account counts it: nanoseconds since a little before the account was opened.

use std::time::Duration;

use tokio::time::Instant;

/// Nanoseconds since [`LEAD`] before the account was opened.
pub(crate) type Time = u64;

/// The same in seconds, for rates.
pub(crate) type Seconds = f64;

/// The last moment: 146 years. Far enough for anything, near enough that sums do not overflow.
pub(crate) const END: Time = 1 << 62;

/// One second.
pub(crate) const SECOND: Time = 1_000_000_000;

/// How long before the account's opening its time begins, so that what an earlier process sent within
/// a day has a time as well.
const LEAD: Time = (2 * 86_400 + 10) * SECOND;

/// A span, capped at [`END`].
#[inline]
pub(crate) fn span(duration: Duration) -> Time {
    let seconds = duration.as_secs().min(END / SECOND);
    (seconds * SECOND + Time::from(duration.subsec_nanos())).min(END)
}

/// A time in seconds.
#[inline]
pub(crate) fn seconds(time: Time) -> Seconds {
    time as f64 * 1e-9
}

/// Translates between the clock and the account's own time, which never runs backwards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Epoch {
    base: Instant,
    last: Time,
}

impl Epoch {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            base: now,
            last: LEAD,
        }
    }

    #[inline]
    pub(crate) fn read(&mut self, now: Instant) -> Time {
        self.last = self.last.max(self.peek(now));
        self.last
    }

    #[inline]
    pub(crate) fn peek(&self, now: Instant) -> Time {
        let since = span(now.saturating_duration_since(self.base));
        since.saturating_add(LEAD).max(self.last)
    }

    pub(crate) fn instant(&self, time: Time) -> Instant {
        let far = Duration::from_secs(30 * 365 * 86_400);
        let since = Duration::from_nanos(time.saturating_sub(LEAD));
        self.base
            .checked_add(since)
            .unwrap_or_else(|| self.base + far)
    }

    /// The first moment that is not before `time`, and after `now`.
    pub(crate) fn instant_of(&self, time: Seconds, now: Time) -> Instant {
        // A cast from float saturates.
        let time = ((time * 1e9).ceil() as Time).min(END);
        self.instant(time.max(now + 1))
    }
}
