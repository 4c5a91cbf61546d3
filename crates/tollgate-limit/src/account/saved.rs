//! What outlives a process: how much was taken, and until when gates are closed.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tollgate_core::{LimitKind, Window};

use super::{Account, LEDGERS};
use crate::{
    gate::Gate,
    ledger::Ledger,
    meter::Meter,
    time::{Time, span},
};

/// The use of an account, written down: what was taken of each limit, and until when it is closed.
///
/// For programs that run for seconds against limits of a day. What was learned about a provider
/// beyond that is found again with the first answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Saved {
    limits: Vec<SavedLimit>,
    #[serde(default)]
    closed: Vec<SavedGate>,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedLimit {
    kind: LimitKind,
    window: Option<Window>,
    /// One's own count of a configured limit.
    own: Option<SavedMeter>,
    /// The provider's count.
    provider: Option<SavedMeter>,
}

/// A count, with times of day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedMeter {
    Bucket {
        burst: u64,
        every_ns: u64,
        full_at: Stamp,
    },
    Fixed {
        limit: u64,
        used: u64,
        period_ns: u64,
        ends_at: Stamp,
    },
    /// Each unit with the time at which it comes back.
    Log {
        limit: u64,
        period_ns: u64,
        back: Vec<(Stamp, u64)>,
    },
}

/// A closed gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedGate {
    kind: Option<LimitKind>,
    until: Stamp,
}

/// A time of day: nanoseconds since 1970, which last until 2554.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Stamp(u64);

/// Translates between the account's time and times of day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Daytime {
    now: Time,
    wall: u64,
}

impl Daytime {
    fn new(now: Time, wall: SystemTime) -> Self {
        let since = wall.duration_since(SystemTime::UNIX_EPOCH);
        let wall = u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX);
        Self { now, wall }
    }

    pub(crate) fn stamp(&self, time: Time) -> Stamp {
        let later = time.saturating_sub(self.now);
        let earlier = self.now.saturating_sub(time);
        Stamp(self.wall.saturating_add(later).saturating_sub(earlier))
    }

    /// Times before the account's own begin with it.
    pub(crate) fn time(&self, stamp: Stamp) -> Time {
        let later = stamp.0.saturating_sub(self.wall);
        let earlier = self.wall.saturating_sub(stamp.0);
        let time = self.now.saturating_add(later).saturating_sub(earlier);
        time.min(crate::time::END)
    }
}

impl Account {
    /// Writes down what was taken. `wall` is the time of day at `now`.
    pub fn save(&mut self, now: Instant, wall: SystemTime) -> Saved {
        let now = self.advance(now);
        let day = Daytime::new(now, wall);
        let limit = |ledger: &Ledger| {
            let (own, provider) = ledger.counts();
            SavedLimit {
                kind: ledger.kind,
                window: ledger.window,
                own: own.map(|meter| meter.save(&day)),
                provider: provider.map(|meter| meter.save(&day)),
            }
        };
        let closed = self.gates.iter().filter_map(|gate| {
            let until = gate.closed_until().filter(|until| *until > now)?;
            Some(SavedGate {
                kind: gate.kind,
                until: day.stamp(until),
            })
        });
        Saved {
            limits: self.ledgers.iter().map(limit).collect(),
            closed: closed.collect(),
        }
    }

    /// Takes over what was written down, by this process or an earlier one: of each limit the
    /// larger use counts, and gates stay closed until the later time. What came back since then is
    /// back. Times in a file can be anything: what lies more than a day ahead is ignored for gates.
    pub fn restore(&mut self, saved: &Saved, now: Instant, wall: SystemTime) {
        let now = self.advance(now);
        let day = Daytime::new(now, wall);
        for limit in saved.limits.iter().take(LEDGERS) {
            let same = |l: &Ledger| l.kind == limit.kind && l.window == limit.window;
            let known = self.ledgers.iter().position(same);
            let (own, provider) = (limit.own.as_ref(), limit.provider.as_ref());
            let provider = provider.and_then(|saved| Meter::restore(saved, &day, now));
            let own = own.and_then(|saved| Meter::restore(saved, &day, now));
            match known {
                Some(at) => self.ledgers[at].take_over(own.as_ref(), provider, now),
                None if self.ledgers.len() < LEDGERS && provider.is_some() => {
                    let mut ledger = Ledger::learned(limit.kind, limit.window);
                    ledger.take_over(None, provider, now);
                    self.ledgers.push(ledger);
                }
                None => {}
            }
        }
        let latest = now.saturating_add(span(LONGEST));
        for closed in saved.closed.iter().take(GATES) {
            let until = day.time(closed.until);
            if until <= now || until > latest {
                continue;
            }
            let at = self.gate_of(closed.kind);
            self.gates[at].close_until(until, self.tickets + 1);
        }
        self.look();
    }

    /// Where the gate for this kind is; a new one where there is none.
    pub(super) fn gate_of(&mut self, kind: Option<LimitKind>) -> usize {
        let known = self.gates.iter().position(|gate| gate.kind == kind);
        known.unwrap_or_else(|| {
            self.gates.push(Gate::new(kind));
            self.gates.len() - 1
        })
    }
}

/// No gate stays closed for longer.
const LONGEST: Duration = Duration::from_secs(86_400);

/// One for each kind of limit, and one for all.
const GATES: usize = 8;

#[cfg(test)]
mod tests;
