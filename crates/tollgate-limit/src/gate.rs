//! After a rejection: closed for all until the stated time, then one probe.

use std::time::Duration;

use tollgate_core::{Class, LimitKind, Random};

use crate::{
    ledger::PATIENCE,
    time::{MS, SECOND, Time, span},
};

/// Waits without a hint start here and double. Polite rather than proven (test
/// `without_hints_waits_double`).
const FIRST: Time = 500 * MS;

/// They end here where a provider never tells how long to wait: a window of a minute is met no later
/// than a quarter of it (test `without_hints_waits_double`).
const UNTOLD: Time = 15 * SECOND;

/// And here, however long it takes, and at once where credits or a plan are used up, which takes a
/// human or a day.
const EXHAUSTED: Time = 300 * SECOND;

/// And here, with the hints themselves, where a provider gives them only now and then, or contradicts
/// itself (scenario 7).
const DOUBT: Time = 5 * SECOND;

/// Of what is not known, so much of the time waited so far is waited again, a quarter: however long it
/// takes, few calls find out, and the end is missed by a quarter at most (test
/// `hints_now_and_then_are_believed_for_a_little`).
const AGAIN: u64 = 4;

/// A longer wait than this, a minute rounded up, is a claim: one call tests it after this time, and then whenever as long
/// again has passed. It is a fact once a rejection later than the first names the same end.
///
/// Rejections of the same moment prove nothing: "in an hour" is another end each time (scenario 7,
/// fixed; test `a_claim_is_tested_by_one_call_alone`). A claim of an hour that is true costs one call.
const CLAIM: Time = 61 * SECOND;

/// The longest wait that is believed at all.
const LONGEST: Time = 86_400 * SECOND;

/// Two rejections name the same end if it is no further apart than this: waits come in whole seconds
/// (test `the_same_end_named_later_is_a_fact`).
const SAME: Time = 1_200 * MS;

/// And are of different moments if they are so much further apart that an end which moves along would
/// have been seen to.
const LATER: Time = 2 * SAME;

/// Added to each wait, at most: 5 % of it, and half a second. It keeps processes that were told the
/// same from coming back together.
const JITTER: (Time, Time) = (20, 500 * MS);

/// A probe that was not rejected after this time is taken as admitted: rejections are quick, and
/// waiting for the answer itself may take minutes. Ten times as long, and what came back meanwhile goes
/// out at once (scenario 4, bucket-600).
pub(crate) const QUIET: Time = 250 * MS;

/// The same, in times that the last rejection took: a small bucket runs over while one waits (scenario
/// 1, bucket-10).
const QUIET_WAYS: u64 = 2;

/// Its bounds: what takes longer than this is no rejection's way (test `a_quiet_probe_opens`).
const QUIET_BOUNDS: (Time, Time) = (50 * MS, 2 * SECOND);

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
    /// How often it was closed without a call served in between, and when first.
    strikes: u32,
    since: Time,
    /// When it was closed last, and the end that was named then.
    closed: Time,
    named: Option<Time>,
    /// A claim is tested: only an answer opens.
    strict: bool,
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
            since: 0,
            closed: 0,
            named: None,
            strict: false,
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
        self.quiet = way.clamp(QUIET_BOUNDS.0, QUIET_BOUNDS.1);
        // A hint of nothing is none.
        let told = told.map(span).filter(|told| *told > 0 && *told <= LONGEST);
        self.hints[usize::from(told.is_some())] = true;
        let end = told.map(|told| now.saturating_add(told));
        let named = end.zip(self.named);
        let agrees = named.is_some_and(|(a, b)| a.abs_diff(b) <= SAME);
        if number < self.first {
            return self.hear(agrees);
        }
        if !agrees {
            (self.agree, self.differ) = (0, 0);
        }
        self.agree = self.agree.saturating_add(1);
        if self.strikes == 0 {
            self.since = now;
        }
        self.strikes = self.strikes.saturating_add(1);
        let fact = agrees && now >= self.closed.saturating_add(LATER);
        let wait = match told {
            Some(told) => self.believed(told, fact, now),
            None => self.guessed(class, now),
        };
        let most = (wait / JITTER.0).min(JITTER.1);
        let jitter = span(random.up_to(Duration::from_nanos(most)));
        self.until = now.saturating_add(wait).saturating_add(jitter);
        self.strict = told > Some(CLAIM);
        (self.closed, self.named) = (now, end);
        self.first = next;
        self.probe = None;
        self.open = false;
        Verdict::Closed
    }

    /// A rejection came that was sent before the gate closed.
    fn hear(&mut self, agrees: bool) -> Verdict {
        if self.open {
            return Verdict::Old;
        }
        let was_sure = self.is_sure();
        let count = if agrees {
            &mut self.agree
        } else {
            &mut self.differ
        };
        *count = count.saturating_add(1);
        if self.is_sure() && !was_sure {
            Verdict::Confirmed
        } else {
            Verdict::Old
        }
    }

    /// How much of a hint is waited for.
    fn believed(&self, told: Time, fact: bool, now: Time) -> Time {
        let waited = now.saturating_sub(self.since);
        let (least, again) = match (self.is_reliable(), fact) {
            (true, true) => return told,
            (true, false) => (CLAIM, 1),
            (false, _) => (DOUBT, AGAIN),
        };
        let wait = told.min(least.max(waited / again));
        // A hint that did not help is not enough.
        let doubted = self.strikes > 1 && !self.is_sure();
        if doubted {
            wait.max(self.backoff().min(least) / 4)
        } else {
            wait
        }
    }

    /// How long to wait where nothing was told.
    fn guessed(&self, class: Class, now: Time) -> Time {
        let most = match class {
            Class::QuotaExhausted => EXHAUSTED,
            _ if self.is_reliable() => UNTOLD,
            _ => DOUBT,
        };
        let waited = now.saturating_sub(self.since);
        self.backoff().min(most.max(waited / AGAIN).min(EXHAUSTED))
    }

    fn backoff(&self) -> Time {
        FIRST.saturating_mul(1 << self.strikes.min(20).saturating_sub(1))
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
        let opens = match self.probe {
            _ if self.open => 0,
            Some((_, sent)) if self.strict => sent.saturating_add(PATIENCE),
            Some((_, sent)) => sent.saturating_add(self.quiet),
            None => self.until,
        };
        if now >= opens { 0 } else { opens }
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.open
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
        if self.probe.is_none() || self.strict {
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
        (self.strikes, self.strict) = (0, false);
        !std::mem::replace(&mut self.open, true)
    }

    /// A call never went, or nobody waits for its answer any more, so it can not be the probe.
    pub(crate) fn forget(&mut self, number: u64) {
        if self.probe.is_some_and(|(probe, _)| probe == number) {
            self.probe = None;
        }
    }
}

#[cfg(test)]
mod tests;
