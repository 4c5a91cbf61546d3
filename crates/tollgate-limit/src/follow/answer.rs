//! The interval rule: what an answer proves about the provider's count.

use tollgate_core::{Dimension, Window};

use super::Follow;
use crate::{
    Ignored,
    learn::{Kind, Reading},
    ledger::{GUARD, ORDER},
    limit::{Limit, Shape},
    meter::{Bucket, Fixed, Log, Meter, fixed::Length},
    time::{END, SECOND, Time, span},
};

/// A log that turns out to have this part of the limit more than it thought, after the stated end of
/// a window, was a window (scenario 1, fixed-37).
const REOPENED: f64 = 0.3;

/// However much others take, this part of the refill is counted on: else no call would go that could
/// find out that they are gone. More of it, and calls are turned away (scenario 4, bucket-10).
const LEAST: f64 = 0.05;

/// The latest reset that is believed where no window is named: a day. A reset belongs to one window,
/// so that a named one bounds it to its own length; a little more is the provider's clock (test
/// `what_is_not_believed_is_said`).
fn farthest(said: &Dimension) -> Time {
    let length = said
        .window
        .map_or(span(Window::Day.length()), |window| span(window.length()));
    length
        .saturating_add(length / 20)
        .saturating_add(2 * SECOND)
}

/// What of this is not believed, and bounded or left out.
pub(crate) fn doubt(said: &Dimension) -> Option<Ignored> {
    if said.limit == Some(0) {
        Some(Ignored::NoLimit)
    } else if said.limit.is_some_and(|limit| said.remaining > Some(limit)) {
        Some(Ignored::AboveLimit)
    } else if said.reset.is_some_and(|reset| span(reset) > farthest(said)) {
        Some(Ignored::FarReset)
    } else {
        None
    }
}

/// What is known about the call that an answer belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) number: u64,
    pub(crate) at: Time,
    /// What the provider has counted for it.
    pub(crate) counted: u64,
    /// It was turned away, and would have cost this much.
    pub(crate) refused: Option<u64>,
}

impl Follow {
    pub(super) fn heed(&mut self, said: &Dimension, told: Option<&Limit>, sent: Sent, now: Time) {
        let Some(reading) = reading(said, told, sent, now) else {
            return;
        };
        self.evidence.add(&reading);
        // Of a shared limit, what remains is for all who share it; only when windows end is for each.
        if !told.is_some_and(Limit::is_shared) {
            self.follow(&reading, told, now);
            self.bound(&reading, sent, now);
        }
    }

    /// Has the meter be of the kind that is known by now.
    fn follow(&mut self, reading: &Reading, told: Option<&Limit>, now: Time) {
        let shape = told.and_then(|limit| Some((limit, limit.shape()?)));
        let kind = match shape {
            Some((limit, shape)) => kind_told(limit, shape),
            None => self.kind_by_now(reading),
        };
        let end = self.evidence.end().map_or(END, |end| end.high() as Time);
        let mut level = self.meter.as_ref().map(|meter| meter.level(now));
        let limit = reading.limit;
        let mut meter = match (kind, self.meter.take()) {
            (Kind::Bucket { rate }, Some(Meter::Bucket(old))) if old.burst() == limit => {
                self.rate = rate;
                Meter::Bucket(old)
            }
            (Kind::Bucket { rate }, _) => {
                self.rate = rate;
                Meter::Bucket(Bucket::with_rate(limit, rate, ORDER).for_disorder(ORDER, 1))
            }
            (Kind::Log { period }, Some(Meter::Log(mut old))) => {
                old.limit = limit;
                old.period = period;
                Meter::Log(old)
            }
            (Kind::Log { period }, _) => {
                level = None;
                Meter::Log(Log::new(limit, period, ORDER))
            }
            (Kind::Fixed { period }, Some(Meter::Fixed(mut old))) => {
                old.limit = limit;
                old.length = Length::Every(period);
                Meter::Fixed(old)
            }
            (Kind::Fixed { period }, _) => {
                let mut fixed = Fixed::new(limit, Length::Every(period), end, GUARD);
                fixed.restart(end, reading.sent.saturating_sub(ORDER));
                Meter::Fixed(fixed)
            }
        };
        match level {
            Some(level) => meter.set_level(level, now),
            // A new log, or the first answer: all that is known is what was sent oneself.
            None => {
                self.history
                    .after(0)
                    .for_each(|(at, n, _)| meter.take(n, at));
                meter.advance(now);
            }
        }
        self.meter = Some(meter);
        if shape.is_none() {
            self.spread_out(limit, now);
        }
    }

    fn kind_by_now(&self, reading: &Reading) -> Kind {
        let period = self.evidence.period();
        match (&self.meter, self.evidence.proven()) {
            (_, Some(Kind::Bucket { rate })) => Kind::Bucket { rate },
            (Some(Meter::Fixed(_)), None) => Kind::Fixed { period },
            (Some(Meter::Log(log)), None) if self.evidence.maybe_next_window() => {
                let since = reading.sent.saturating_sub(ORDER);
                let unseen = self.history.most_after(since).saturating_add(self.open);
                let least = reading.remaining as f64 - unseen as f64;
                let more = least - log.level(reading.received);
                if more > REOPENED * reading.limit as f64 {
                    Kind::Fixed { period }
                } else {
                    Kind::Log { period }
                }
            }
            (_, Some(kind)) => kind,
            (_, None) => Kind::Log { period },
        }
    }

    /// The provider's count lies between two bounds; the nearer bound is the correction.
    fn bound(&mut self, reading: &Reading, sent: Sent, now: Time) {
        let Some(meter) = &mut self.meter else {
            return;
        };
        let remaining = reading.remaining as f64;
        let early = sent.at.saturating_sub(ORDER);
        let late = sent.at.saturating_add(ORDER);
        let unseen = self
            .history
            .most_after(early)
            .saturating_sub(sent.counted)
            .saturating_add(self.open);
        let later = self.history.least_after(late);
        let (low, high) = match meter {
            Meter::Bucket(bucket) => {
                let cap = bucket.burst() as f64;
                let rate = self.rate;
                if sent.number >= self.newest {
                    let times = (sent.at, now);
                    let own = |from, to| self.history.between(from, to);
                    self.drain.count(remaining, times, (rate, cap), own);
                }
                let net = (rate - self.drain.rate()).max(LEAST * rate);
                bucket.set_rate(net, now);
                let refill = |rate| Refill {
                    cap,
                    rate: rate / SECOND as f64,
                };
                let own =
                    |(at, sent, completed): (Time, u64, u64)| (at, sent.saturating_add(completed));
                let least = self.history.after(early).map(own);
                let low = refill(net).replay(remaining + sent.counted as f64, late, least, now);
                let own = |(at, sent, _)| (at, sent);
                // What is left is rounded down.
                let most = self.history.after(late).map(own);
                let top = sent
                    .refused
                    .map_or(remaining + 1.0, |cost| (remaining + 1.0).min(cost as f64));
                let high = refill(rate).replay(top, sent.at, most, now);
                (low - self.open as f64, high)
            }
            Meter::Log(log) => {
                if sent.number >= self.newest {
                    log.heard(now);
                    self.others.roll(now, log.period, log.limit);
                    // What is just coming back was one's own, until others are known.
                    let edge = if self.others.are_known() {
                        sent.at
                    } else {
                        early
                    };
                    let from = edge.saturating_sub(log.period);
                    self.others
                        .count(reading.remaining, self.history.between(from, late), now);
                }
                let low = remaining + log.came_back_since(late.saturating_add(ORDER)) as f64;
                let high = remaining + log.came_back_since(sent.at) as f64;
                (low - unseen as f64, high - later as f64)
            }
            Meter::Fixed(fixed) => {
                match self.evidence.end_of(reading).map(|end| fixed.place(end)) {
                    Some(std::cmp::Ordering::Less) => return,
                    Some(std::cmp::Ordering::Greater) => {
                        let end = self.evidence.end().map_or(END, |end| end.high() as Time);
                        fixed.restart(end, now);
                        self.lowest = u64::MAX;
                    }
                    Some(std::cmp::Ordering::Equal) => {
                        if let Some(end) = self.evidence.end() {
                            fixed.end = end.high() as Time;
                        }
                    }
                    None => {}
                }
                self.others
                    .begin_if_new(fixed.start, fixed.end, fixed.limit);
                // The newest count may have come before this was known to be a window.
                let (at, least) = self.newest_count;
                for (at, remaining) in [(at, least), (sent.at, reading.remaining)] {
                    if at >= fixed.start {
                        let to = at.saturating_add(ORDER);
                        let own = self.history.between(fixed.start.saturating_sub(1), to);
                        self.others.count_window(remaining, own, at, now);
                    }
                }
                self.lowest = self.lowest.min(reading.remaining);
                let low = self.lowest as f64 - (self.unanswered.saturating_add(self.open)) as f64;
                let high = remaining - later as f64;
                if meter.level(now) < low {
                    meter.set_level(low, now);
                }
                (remaining - unseen as f64, high)
            }
        };
        // Down at once, up only by the newest: what an older answer leaves out others may have taken
        // since (scenario 4u, bucket-600).
        let level = meter.level(now);
        if level > high {
            meter.set_level(high, now);
        } else if level < low && sent.number >= self.newest {
            meter.set_level(low, now);
        }
        if sent.number >= self.newest {
            self.newest_count = (sent.at, reading.remaining);
        }
        self.newest = self.newest.max(sent.number);
    }
}

/// The part of an answer that can be used. A limit of nothing is no limit but a missing figure.
fn reading(said: &Dimension, told: Option<&Limit>, sent: Sent, now: Time) -> Option<Reading> {
    let known = told.map(Limit::amount);
    let limit = said.limit.or(known).filter(|limit| *limit > 0)?;
    Some(Reading {
        limit,
        remaining: said.remaining?.min(limit),
        reset: said
            .reset
            .map(span)
            .filter(|reset| *reset <= farthest(said)),
        sent: sent.at,
        received: now,
    })
}

/// The kind that a person stated.
fn kind_told(limit: &Limit, shape: &Shape) -> Kind {
    let period = span(limit.period());
    match shape {
        Shape::Bucket { .. } => Kind::Bucket {
            rate: SECOND as f64 / limit.every() as f64,
        },
        Shape::Sliding => Kind::Log { period },
        Shape::Fixed | Shape::Day(_) => Kind::Fixed { period },
    }
}

/// What a bucket does between two moments.
struct Refill {
    cap: f64,
    /// Units a nanosecond.
    rate: f64,
}

impl Refill {
    /// The level at `now` of a bucket that held `level` at `from`, when this was taken since.
    fn replay(
        &self,
        mut level: f64,
        mut from: Time,
        taken: impl Iterator<Item = (Time, u64)>,
        now: Time,
    ) -> f64 {
        let mut pass = |level: &mut f64, to: Time| {
            *level = (*level + to.saturating_sub(from) as f64 * self.rate).min(self.cap);
            from = from.max(to);
        };
        for (at, n) in taken {
            pass(&mut level, at);
            level -= n as f64;
        }
        pass(&mut level, now);
        level
    }
}
