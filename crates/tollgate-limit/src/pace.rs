//! Finding a limit that no header tells.
//!
//! Calls start slowly and double their pace every 650 ms until one is turned away. Rejections come
//! within milliseconds, so the overshoot is the pace times that. What follows depends on the wait that
//! is asked for: seconds mean a bucket, whose rate is what was accepted between two rejections; more
//! means a window.

mod found;

use std::time::Duration;

use crate::{
    history::History,
    meter::{Bucket, Meter, Room},
    time::{MS, SECOND, Time, span},
};
use found::Found;

/// The first pace, in calls a second.
///
/// From here on the largest limit is met within seconds, and the smallest is not overrun by much
/// (scenario 1, sliding; scenario 7h at a sixteenth of it).
const START: f64 = 8.0;

/// How long a pace is kept before it doubles. At twice this, a window that is met late goes by half
/// used (scenario 1, fixed-37).
const DOUBLES: Time = 650 * MS;

/// A pace of which less than this part was used is not known to be possible (test
/// `a_pace_that_is_not_used_does_not_grow`).
const USED: f64 = 0.5;

/// After a rejection that tells no rate the pace falls to this part (scenario 1, bucket-600).
const FALL: f64 = 0.1;

/// A measured rate is used up to this part of it at first, so that it is not overrun at once; much
/// less is lost time (scenario 1, bucket-10).
const BELOW: f64 = 0.985;

/// And grows, in parts of it a second, and in parts a second each second: a rate measured too low
/// must be found out (scenario 1, bucket-10).
const GROWTH: (f64, f64) = (0.01, 0.001);

/// Fewer accepted calls than this between two rejections measure nothing (scenario 7, fixed).
const ENOUGH: u64 = 8;

/// And less time than this: what is sent within it is on the way together (test
/// `one_burst_is_no_rate`).
const SHORTEST: Time = 100 * MS;

/// A longer wait than this is that of a window of a minute. Shorter windows are met as buckets
/// (scenario 1w).
const WINDOW: Duration = Duration::from_secs(10);

/// The same, where the wait is not what the provider asked for: our own guess says less (scenario 7,
/// sliding).
const GUESSED: Duration = Duration::from_secs(3);

/// Calls that may go at once: what the pace allows within this time.
const BURST: Time = 20 * MS;

/// The search for a hidden limit.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Calls a second.
    rate: f64,
    /// When this pace began.
    since: Time,
    /// The measured rate.
    base: Option<f64>,
    spacing: Meter,
    sent: History,
    /// A moment at which nothing was left.
    empty: Option<Time>,
    found: Option<Found>,
    /// A rejection was met.
    met: bool,
}

impl Pace {
    pub(crate) fn new(sent: History, now: Time) -> Self {
        let mut pace = Self {
            rate: START,
            since: now,
            base: None,
            spacing: Meter::Bucket(Bucket::with_rate(1, START, 0)),
            sent,
            empty: None,
            found: None,
            met: false,
        };
        pace.set_rate(START, now);
        pace
    }

    /// No rejection has been met yet.
    pub(crate) fn is_climbing(&self) -> bool {
        !self.met
    }

    /// The window that was found.
    pub(crate) fn found(&self) -> Option<&Meter> {
        self.found.as_ref().map(Found::meter)
    }

    /// The rate that was measured, in calls a second.
    pub(crate) const fn measured(&self) -> Option<f64> {
        self.base
    }

    pub(crate) fn advance(&mut self, now: Time) {
        if let Some(found) = &mut self.found {
            found.advance(now, &self.sent);
            return;
        }
        let passed = now.saturating_sub(self.since);
        if let Some(base) = self.base {
            let t = passed as f64 / SECOND as f64;
            let grown = base * (BELOW + GROWTH.0 * t + GROWTH.1 * t * t);
            // Steps of one per cent: setting a rate costs a little.
            if grown > 1.01 * self.rate && self.is_used(now) {
                self.set_rate(grown.min(2.0 * base), now);
            }
        } else if passed >= DOUBLES {
            let rate = if self.is_used(now) {
                2.0 * self.rate
            } else {
                self.rate
            };
            self.set_rate(rate, now);
            self.since = now;
        }
    }

    /// Calls go about as fast as they may: otherwise nothing was tried out. A slow pace is looked at
    /// for as long as two calls take.
    fn is_used(&self, now: Time) -> bool {
        let two = (2.0 * SECOND as f64 / self.rate) as Time;
        let lately = two.clamp(DOUBLES, crate::ledger::PATIENCE);
        let sent = self.sent.least_after(now.saturating_sub(lately)) as f64;
        sent >= USED * self.rate * lately as f64 / SECOND as f64
    }

    fn set_rate(&mut self, rate: f64, now: Time) {
        self.rate = rate.clamp(0.01, 1e6);
        let burst = (self.rate * BURST as f64 / SECOND as f64).ceil() as u64;
        let mut spacing = Meter::Bucket(Bucket::with_rate(burst.max(1), self.rate, 0));
        let level = self.spacing.level(now).min(spacing.limit() as f64);
        spacing.set_level(level, now);
        self.spacing = spacing;
    }

    pub(crate) fn room(&self, n: u64, now: Time) -> Room {
        match &self.found {
            Some(found) => found.room(n, now),
            None => self.spacing.room(n.min(self.spacing.limit()), now),
        }
    }

    /// When `n` could have been taken in all, as far as a limit was found.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        match (&self.found, self.base) {
            (Some(found), _) => found.forecast(n, now),
            (None, Some(_)) => self.spacing.forecast(n, now),
            (None, None) => now,
        }
    }

    /// Nothing was sent for so long that no limit can remember it.
    pub(crate) fn is_idle(&self, now: Time) -> bool {
        self.sent.most_after(now.saturating_sub(60 * SECOND)) == 0
    }

    pub(crate) fn take(&mut self, number: u64, n: u64, now: Time) {
        self.sent.send(n, now);
        self.spacing.take(n, now);
        if let Some(found) = &mut self.found {
            found.take(number, n, now);
        }
    }

    /// A call was not counted; `refused` if the provider turned it away.
    pub(crate) fn give(&mut self, number: u64, n: u64, sent: Time, refused: bool) {
        self.sent.correct(n, 0, sent);
        if let Some(found) = &mut self.found {
            found.give(number, n, sent, refused);
        }
    }

    /// A call was turned away, its cost already given back. `wait` is what is to be believed of the
    /// time it was told, `sure` that others were told the same. Calls go again at `opens`.
    pub(crate) fn reject(
        &mut self,
        sent: Time,
        wait: Option<Duration>,
        sure: bool,
        (now, opens): (Time, Time),
    ) {
        let waits = opens.saturating_sub(now);
        let kept = wait.filter(|told| span(*told) <= waits);
        if let Some(found) = &mut self.found {
            let end = kept.map(|told| now.saturating_add(span(told)));
            found.reject(&self.sent, (sent, now), end, opens);
            return;
        }
        if sure {
            self.confirm(wait, now);
        }
        let measured = self.empty.and_then(|empty| {
            let (n, time) = (self.sent.between(empty, sent), sent.saturating_sub(empty));
            let enough = n >= ENOUGH && time >= SHORTEST;
            enough.then(|| n as f64 * SECOND as f64 / time as f64)
        });
        if let Some(rate) = measured {
            self.base = Some(rate);
            self.set_rate(BELOW * rate, now);
        } else if self.base.is_none() {
            self.set_rate((FALL * self.rate).max(START), now);
        }
        self.since = opens;
        // A bucket is full again after a long time; how much came back then is not known.
        let kept = kept.is_some_and(|told| told <= WINDOW);
        let short = waits <= span(if kept { WINDOW } else { GUESSED });
        self.empty = short.then_some(sent);
        self.met = true;
    }

    /// More than one rejection names the same end.
    pub(crate) fn confirm(&mut self, wait: Option<Duration>, now: Time) {
        let Some(wait) = wait.filter(|wait| *wait > WINDOW) else {
            return;
        };
        if self.found.is_none() {
            self.found = Found::new(&self.sent, now, now.saturating_add(span(wait)));
        }
    }
}

#[cfg(test)]
mod tests;
