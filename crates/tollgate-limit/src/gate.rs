//! After a rejection: closed for all until the stated time, then one probe.

use std::time::Duration;

use tollgate_core::{Class, LimitKind, Random};

use crate::time::{MS, SECOND, Time, span};

/// Waits without a hint start here and double. Polite rather than proven: no scenario needs it.
const FIRST: Time = 500 * MS;

/// They end here where a provider never tells how long to wait: a window of a minute is met no later
/// than a quarter of it.
const UNTOLD: Time = 15 * SECOND;

/// And here where credits or a plan are used up, which takes a human or a day.
const EXHAUSTED: Time = 300 * SECOND;

/// And here, with the hints themselves, where a provider gives them only now and then, or contradicts
/// itself (scenario 7).
const DOUBT: Time = 5 * SECOND;

/// A single rejection is believed this long; more than one that name the same end, as long as they say.
///
/// One makes a claim; two make it a fact. A claim of an hour costs one call a minute later (scenario
/// 7, bucket-600).
const CLAIM: Time = 60 * SECOND;

/// The longest wait that is believed at all.
const LONGEST: Time = 86_400 * SECOND;

/// Two rejections name the same end if it is no further apart than this: waits come in whole seconds.
const SAME: Time = 1_200 * MS;

/// Added to each wait, at most: 5 % of it, and half a second. It keeps processes that were told the
/// same from coming back together.
const JITTER: (Time, Time) = (20, 500 * MS);

/// A probe that was not rejected after this time is taken as admitted: rejections are quick, and
/// waiting for the answer itself may take minutes. Ten times as long, and what came back meanwhile goes
/// out at once (scenario 4, bucket-600).
pub(crate) const QUIET: Time = 250 * MS;

/// The same, in times that the last rejection took, where that is less: a small bucket runs over
/// while one waits (scenario 1, bucket-10).
const QUIET_WAYS: u64 = 2;

/// Keeps calls of one kind back.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// Only calls that take some of this; all, if nothing was named.
    pub(crate) kind: Option<LimitKind>,
    until: Time,
    /// Tickets below this number were sent before the gate closed: their rejections say nothing new.
    first: u64,
    /// The ticket that tries, and when it went.
    probe: Option<(u64, Time)>,
    open: bool,
    strikes: u32,
    /// The end that the last rejection named.
    named: Option<Time>,
    /// How many named it too, and how many named another or none.
    agree: u32,
    differ: u32,
    /// Rejections came without a hint, and with one.
    hints: [bool; 2],
    quiet: Time,
}

/// What a rejection does to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It closes it.
    Closed,
    /// It was sent before the gate closed, and confirms until when it should be closed.
    Confirmed,
    /// It was sent before the gate closed and says nothing new.
    Old,
}

impl Gate {
    pub(crate) const fn new(kind: Option<LimitKind>) -> Self {
        Self {
            kind,
            until: 0,
            first: 0,
            probe: None,
            open: true,
            strikes: 0,
            named: None,
            agree: 0,
            differ: 0,
            hints: [false; 2],
            quiet: QUIET,
        }
    }

    /// No limit asks for that.
    pub(crate) fn is_too_far(told: Duration) -> bool {
        span(told) > LONGEST
    }

    /// More than one rejection named the end.
    pub(crate) fn is_sure(&self) -> bool {
        self.agree > 1 && self.differ == 0 && self.is_reliable()
    }

    /// Rejections come with a hint always, or never.
    fn is_reliable(&self) -> bool {
        self.hints != [true; 2]
    }

    /// A rejection came for a ticket; `next` is the number of the next one.
    pub(crate) fn reject(
        &mut self,
        (number, sent): (u64, Time),
        next: u64,
        (class, told): (Class, Option<Duration>),
        random: &Random,
        now: Time,
    ) -> Verdict {
        let way = now.saturating_sub(sent).saturating_mul(QUIET_WAYS);
        self.quiet = way.clamp(QUIET / 5, QUIET);
        // A hint of nothing is none.
        let told = told.map(span).filter(|told| *told > 0 && *told <= LONGEST);
        self.hints[usize::from(told.is_some())] = true;
        let end = told.map(|told| now.saturating_add(told));
        let agrees = end
            .zip(self.named)
            .is_some_and(|(a, b)| a.abs_diff(b) <= SAME);
        if number < self.first {
            if self.open {
                return Verdict::Old;
            }
            let was_sure = self.is_sure();
            *(if agrees {
                &mut self.agree
            } else {
                &mut self.differ
            }) += 1;
            return match self.named {
                Some(named) if self.is_sure() && !was_sure => {
                    self.until = self.until.max(named);
                    Verdict::Confirmed
                }
                _ => Verdict::Old,
            };
        }
        self.agree = if agrees {
            self.agree.saturating_add(1)
        } else {
            1
        };
        self.differ = if agrees { self.differ } else { 0 };
        self.named = end;
        self.strikes = self.strikes.saturating_add(1);
        let backoff = FIRST.saturating_mul(1 << self.strikes.min(20).saturating_sub(1));
        let backoff = backoff.min(match class {
            Class::QuotaExhausted => EXHAUSTED,
            _ if self.is_reliable() => UNTOLD,
            _ => DOUBT,
        });
        let believed = if self.is_reliable() { CLAIM } else { DOUBT };
        let wait = match told {
            Some(told) if self.is_sure() => told,
            // A hint that did not help is not enough.
            Some(told) if self.strikes > 1 => told.min(believed).max(backoff / 4),
            Some(told) => told.min(believed),
            None => backoff,
        };
        let most = (wait / JITTER.0).min(JITTER.1);
        let jitter = span(random.up_to(Duration::from_nanos(most)));
        self.until = now.saturating_add(wait).saturating_add(jitter);
        self.first = next;
        self.probe = None;
        self.open = false;
        Verdict::Closed
    }

    /// Until when it is closed, if it is.
    pub(crate) const fn closed_until(&self) -> Option<Time> {
        if self.open { None } else { Some(self.until) }
    }

    /// Somebody knows that it is closed, at least until then.
    pub(crate) fn close_until(&mut self, until: Time, next: u64) {
        if self.open || until > self.until {
            (self.until, self.first) = (until, next);
            (self.open, self.probe) = (false, None);
            self.strikes = self.strikes.max(1);
        }
    }

    /// The time from which a call may pass; zero if it may now.
    pub(crate) fn opens(&self, now: Time) -> Time {
        match self.probe {
            _ if self.open => 0,
            Some((_, sent)) if now >= sent.saturating_add(self.quiet) => 0,
            Some((_, sent)) => sent.saturating_add(self.quiet),
            None if now >= self.until => 0,
            None => self.until,
        }
    }

    /// When it opens, and whether the call that tries is under way; `None` if it is open.
    pub(crate) fn closed(&self, now: Time) -> Option<(Time, bool)> {
        let opens = self.opens(now);
        (opens > now).then_some((opens, self.probe.is_some()))
    }

    /// A call passes. True if that opens the gate.
    pub(crate) fn pass(&mut self, number: u64, now: Time) -> bool {
        if self.open {
            return false;
        }
        if self.probe.is_none() {
            self.probe = Some((number, now));
            return false;
        }
        self.reopen()
    }

    /// A call was served. True if that opens the gate.
    pub(crate) fn serve(&mut self, number: u64) -> bool {
        number >= self.first && self.reopen()
    }

    fn reopen(&mut self) -> bool {
        self.strikes = 0;
        !std::mem::replace(&mut self.open, true)
    }

    /// A call never went, so it can not be the probe.
    pub(crate) fn forget(&mut self, number: u64) {
        if self.probe.is_some_and(|(probe, _)| probe == number) {
            self.probe = None;
        }
    }
}
