//! What others take out of a bucket.

use crate::time::{SECOND, Time};

/// Two counts are compared when they are this far apart: `remaining` is rounded, and over less time
/// the rounding is all one sees (scenario 1, bucket-10).
const APART: Time = SECOND;

/// How much a new figure counts. At 1, each gust of others' calls is taken for their pace (scenario 4,
/// bucket-10).
const WEIGHT: f64 = 0.25;

/// Less than this, in units a second, is noise. With no use of others believed, they are turned away
/// (scenario 4, bucket-10).
const NOISE: f64 = 0.5;

/// How many standard deviations of their use are left for others, so that they are served and we are
/// not turned away (scenario 4, bucket-10).
const KEEP: f64 = 1.8;

/// The use of others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drain {
    /// What remained, and when it was counted.
    last: Option<(Time, f64)>,
    /// Units a second.
    rate: f64,
    /// How old counts are when they come, in seconds.
    delay: f64,
}

impl Drain {
    /// A count taken at `sent` came at `now`. `own` tells what was sent oneself between two times,
    /// and `refill` units come back a second, up to `cap`.
    pub(crate) fn count(
        &mut self,
        remaining: f64,
        (sent, now): (Time, Time),
        (refill, cap): (f64, f64),
        own: impl FnOnce(Time, Time) -> u64,
    ) {
        let delay = now.saturating_sub(sent) as f64 / SECOND as f64;
        // Rejections are quick; what counts is how long one does not see what others do.
        self.delay = delay.max(self.delay + WEIGHT * (delay - self.delay) / 8.0);
        let Some((at, before)) = self.last else {
            self.last = Some((sent, remaining));
            return;
        };
        if sent < at.saturating_add(APART) {
            return;
        }
        self.last = Some((sent, remaining));
        let time = (sent - at) as f64 / SECOND as f64;
        let expected = (before + refill * time - own(at, sent) as f64).min(cap);
        let others = ((expected - remaining) / time).clamp(0.0, refill);
        self.rate += WEIGHT * (others - self.rate);
    }

    /// Units a second that others take.
    pub(crate) fn rate(&self) -> f64 {
        if self.rate < NOISE { 0.0 } else { self.rate }
    }

    /// What is left for them.
    pub(crate) fn floor(&self) -> u64 {
        (KEEP * (self.rate() * self.delay).sqrt()).round() as u64
    }
}
