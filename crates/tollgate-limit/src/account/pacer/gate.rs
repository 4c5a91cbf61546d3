//! No call goes before a time, after a rejection.

use tollgate_core::LimitKind;

use crate::account::{ticket::Held, time::Seconds};

/// A stated wait above this is a claim: while it lasts, a call now and then tests it.
const CLAIM: Seconds = 60.0;

/// The first test of a claim comes after this time, each further one after twice as long. A provider
/// that states a wait only now and then is tested from 2 s on.
const TEST: (Seconds, Seconds) = (15.0, 2.0);

/// Closed until a time.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::account) struct Gate {
    pub(in crate::account) until: Seconds,
    /// Only calls that take some of this are held.
    pub(in crate::account) kind: Option<LimitKind>,
    /// The provider stated it; else it is a pause.
    pub(in crate::account) is_stated: bool,
    /// When one call tests what the provider stated, and how long after that the next one does.
    test: Option<(Seconds, Seconds)>,
    /// When the pause would have been over that ended before its time.
    interrupted: Option<Seconds>,
}

impl Gate {
    /// A wait that the provider stated, to an earlier process.
    pub(in crate::account) fn restored(
        kind: Option<LimitKind>,
        until: Seconds,
        now: Seconds,
    ) -> Self {
        let mut gate = Self::closed(until, kind, true);
        gate.test(until - now, &Self::default(), false, now);
        gate
    }

    pub(super) fn closed(until: Seconds, kind: Option<LimitKind>, is_stated: bool) -> Self {
        Self {
            until,
            kind,
            is_stated,
            ..Self::default()
        }
    }

    /// May a call go that the gate is meant for? `true` where it tests what the provider stated, and
    /// goes whatever else is known.
    pub(super) fn pass(&mut self, now: Seconds) -> Result<bool, (Seconds, Held)> {
        if now >= self.until {
            return Ok(false);
        }
        let why = match self.is_stated {
            true => Held::Stated,
            false => Held::Pause,
        };
        match &mut self.test {
            Some((at, next)) if now >= *at => {
                *at = now + *next;
                *next *= 2.0;
                Ok(true)
            }
            Some((at, _)) => Err((at.min(self.until), why)),
            None => Err((self.until, why)),
        }
    }

    /// Calls test the gate from time to time.
    #[inline]
    pub(super) const fn is_tested(&self) -> bool {
        self.test.is_some()
    }

    /// A call that tested the gate was served: what the provider stated is not so.
    pub(super) fn open(&mut self, now: Seconds) {
        (self.until, self.test) = (now, None);
    }

    /// Has calls test a wait that was just stated, unless `old` had the same end from another
    /// rejection, which confirms it. A provider that states waits only now and then confirms nothing.
    pub(super) fn test(&mut self, wait: Seconds, old: &Self, is_mixed: bool, now: Seconds) {
        let (claim, first) = match is_mixed {
            true => (TEST.1, TEST.1),
            false => (CLAIM, TEST.0),
        };
        if wait <= claim {
            return;
        }
        let is_same = old.is_stated && (old.until - self.until).abs() <= 2.0;
        if is_same && !is_mixed {
            return;
        }
        let next = old.test.map_or(first, |(_, next)| next);
        self.test = Some((now + next, (2.0 * next).min(4.0 * first)));
    }

    /// A pause ends before its time. It goes on if the next call is rejected.
    pub(in crate::account) fn end_pause(&mut self, now: Seconds) {
        if !self.is_stated && now < self.until {
            self.interrupted = Some(self.until);
            self.until = now;
        }
    }

    /// Goes on with a pause that ended before its time.
    pub(super) fn resume(&mut self, now: Seconds) -> bool {
        let until = self.interrupted.take().filter(|until| *until > now);
        if let Some(until) = until {
            self.until = until;
        }
        until.is_some()
    }
}
