//! What outlives a process: how much was taken, and until when the gate is closed.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tollgate_core::LimitKind;

use super::{
    Account,
    guard::{Guard, Meter},
    pacer::Gate,
    time::{END, Time, seconds, span},
};

/// The use of an account, written down: what was taken of each configured limit, and until when the
/// provider stated that no call goes.
///
/// For programs that run for seconds against limits of a day. What was learned about a provider
/// beyond that is found again with the first answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Saved {
    limits: Vec<SavedLimit>,
    #[serde(default)]
    closed: Option<SavedGate>,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedLimit {
    kind: LimitKind,
    period_ns: u64,
    taken: Taken,
}

/// What was taken, with times of day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Taken {
    /// When a bucket is full again.
    FullAt(Stamp),
    /// What was taken when.
    Log(Vec<(Stamp, u64)>),
    /// What was taken of a day, and when it ends.
    Day(u64, Stamp),
}

/// The closed gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedGate {
    kind: Option<LimitKind>,
    until: Stamp,
}

/// A time of day: nanoseconds since 1970, which last until 2554.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Stamp(u64);

/// Translates between the account's time and times of day.
#[derive(Debug, Clone, Copy)]
struct Daytime {
    now: Time,
    wall: u64,
}

impl Daytime {
    fn new(now: Time, wall: SystemTime) -> Self {
        let since = wall.duration_since(SystemTime::UNIX_EPOCH);
        let wall = u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX);
        Self { now, wall }
    }

    fn stamp(&self, time: Time) -> Stamp {
        let later = time.saturating_sub(self.now);
        let earlier = self.now.saturating_sub(time);
        Stamp(self.wall.saturating_add(later).saturating_sub(earlier))
    }

    /// Times before the account's own begin with it.
    fn time(&self, stamp: Stamp) -> Time {
        let later = stamp.0.saturating_sub(self.wall);
        let earlier = self.wall.saturating_sub(stamp.0);
        let time = self.now.saturating_add(later).saturating_sub(earlier);
        time.min(END)
    }
}

impl Account {
    /// Writes down what was taken. `wall` is the time of day at `now`.
    pub fn save(&mut self, now: Instant, wall: SystemTime) -> Saved {
        let now = self.advance(now);
        let day = Daytime::new(now, wall);
        let gate = self.learned.as_ref().map(|learned| learned.pacer.gate);
        let closed = gate.filter(|gate| gate.is_stated && gate.until > seconds(now));
        Saved {
            limits: self.guards.iter().map(|guard| save(guard, day)).collect(),
            closed: closed.map(|gate| SavedGate {
                kind: gate.kind,
                until: day.stamp((gate.until * 1e9) as Time),
            }),
        }
    }

    /// Takes over what was written down, by this process or an earlier one: of each limit the larger
    /// use counts, and the gate stays closed until the later time. What came back since then is back.
    /// Times in a file can be anything: a gate that opens in more than a day is ignored.
    pub fn restore(&mut self, saved: &Saved, now: Instant, wall: SystemTime) {
        let now = self.advance(now);
        let day = Daytime::new(now, wall);
        for guard in &mut self.guards {
            let period = span(guard.limit.period());
            let same = |it: &&SavedLimit| it.kind == guard.kind() && it.period_ns == period;
            if let Some(saved) = saved.limits.iter().find(same) {
                restore(guard, &saved.taken, day, now);
            }
        }
        let latest = now.saturating_add(span(LONGEST));
        let Some((closed, learned)) = saved.closed.as_ref().zip(self.learned.as_mut()) else {
            return;
        };
        let until = day.time(closed.until);
        if until <= latest && seconds(until) > learned.pacer.gate.until.max(seconds(now)) {
            learned.pacer.gate = Gate::restored(closed.kind, seconds(until), seconds(now));
            learned.is_explained = false;
        }
    }
}

fn save(guard: &Guard, day: Daytime) -> SavedLimit {
    let taken = match guard.meter() {
        Meter::Bucket(bucket) => Taken::FullAt(day.stamp(bucket.full_at())),
        Meter::Log(log) => Taken::Log(log.entries().map(|(at, n)| (day.stamp(at), n)).collect()),
        Meter::Day(of) => Taken::Day(of.used(), day.stamp(of.end())),
    };
    SavedLimit {
        kind: guard.kind(),
        period_ns: span(guard.limit.period()),
        taken,
    }
}

/// Counts what an earlier process took, where that is more.
fn restore(guard: &mut Guard, taken: &Taken, day: Daytime, now: Time) {
    let mut earlier = guard.emptied(now);
    match (earlier.meter_mut(), taken) {
        (Meter::Bucket(bucket), Taken::FullAt(at)) => bucket.fill_at(day.time(*at), now),
        (Meter::Log(log), Taken::Log(entries)) => {
            let mut newest = 0;
            for (at, n) in entries {
                newest = day.time(*at).clamp(newest, now.max(newest));
                log.owe(*n, newest);
            }
        }
        (Meter::Day(of), Taken::Day(used, end)) if day.time(*end) > now => of.owe(*used),
        // The shape is another than it was: what was taken is not known in its terms.
        _ => return,
    }
    earlier.advance(now);
    if earlier.level(now) < guard.level(now) {
        *guard = earlier;
    }
}

/// No gate stays closed for longer.
const LONGEST: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests;
