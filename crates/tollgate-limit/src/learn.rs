//! What kind of limit it is, read out of `reset`.
//!
//! Providers mean different things by `reset`: the time until a bucket is full, the end of a window,
//! or the next free slot of a sliding log. Each answer is held against all of them. A bucket's
//! answers agree on a rate, a window's on an end; what agrees on neither is a sliding log.

mod moment;
mod range;

use crate::{
    ledger::ORDER,
    time::{MS, SECOND, Time},
};
use moment::Moment;
pub(crate) use range::Range;

/// Periods that limits really have.
const PERIODS: [Time; 4] = [SECOND, 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND];

/// How far a stated figure may be off, besides its rounding: 2 %. Providers have clocks of their own
/// (test `a_bucket_whose_clock_trembles_is_one`).
const TOLERANCE: f64 = 0.02;

/// A reset that was not exceeded for so many times its length is that of a whole period (scenario 1w,
/// sliding).
const SETTLED: u64 = 3;

/// A rate is known when its bounds are this close, or a period that limits really have lies between.
const CLOSE: f64 = 1.10;

/// A rate is no coincidence when the used part was seen to grow by this factor.
const SPREAD: f64 = 1.5;

/// How many answers must agree before a kind is believed.
///
/// Two are needed at least: any single answer can be read as any kind. With none believed, a small
/// bucket is taken for a log for ever (scenario 1, bucket-10).
const VOTES: u32 = 3;

/// What one answer says of a limit, cleaned: `remaining` is at most `limit`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) limit: u64,
    pub(crate) remaining: u64,
    pub(crate) reset: Option<Time>,
    pub(crate) sent: Time,
    pub(crate) received: Time,
}

impl Reading {
    fn used(&self) -> u64 {
        self.limit - self.remaining
    }

    /// How coarsely `reset` is stated.
    fn step(reset: Time) -> Time {
        if reset % SECOND == 0 { SECOND } else { MS }
    }

    /// When the reset is, as far as this answer tells: the count was taken some time between sending
    /// and receiving, or, where `prompt`, when the call arrived.
    fn end(&self, prompt: bool) -> Option<Range> {
        let reset = self.reset?;
        let earliest = (self.sent + reset).saturating_sub(Self::step(reset));
        let counted = if prompt {
            self.received.min(self.sent + ORDER)
        } else {
            self.received
        };
        Some(Range::new(earliest as f64, (counted + reset) as f64))
    }

    /// At which rate, in units a second, the used part would be back by then.
    fn rate(&self) -> Option<Range> {
        self.rate_within(Self::step(self.reset?), 0)
    }

    /// The same, where the reset is a time of day in whole seconds that was held against the date of
    /// the answer, in whole seconds as well: it may be up to two seconds less than it seems. If answers
    /// are dated when they are written, and not when they are counted, it may be more (scenario 1m,
    /// buckets).
    fn coarse_rate(&self) -> Option<Range> {
        let whole = self.reset? % SECOND == 0;
        whole.then(|| self.rate_within(2 * SECOND, self.received - self.sent))?
    }

    /// The rate, where the reset may be less or more by so much.
    fn rate_within(&self, less: Time, more: Time) -> Option<Range> {
        let reset = self.reset?;
        // Of an empty bucket the debt is not told, and of a full one nothing is.
        if self.remaining == 0 || self.used() == 0 {
            return None;
        }
        let seconds = |time: Time| time as f64 / SECOND as f64;
        let used = self.used() as f64;
        let shortest = seconds(reset.saturating_sub(less));
        let least = (used - 1.0) / seconds(reset.saturating_add(more)).max(1e-9);
        let most = if shortest > 0.0 {
            used / shortest
        } else {
            f64::INFINITY
        };
        Some(Range::new(
            least * (1.0 - TOLERANCE),
            most * (1.0 + TOLERANCE),
        ))
    }
}

/// A kind of limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Refills so many units a second.
    Bucket { rate: f64 },
    /// Starts afresh; a window is so long.
    Fixed { period: Time },
    /// Gives back each unit after so long.
    Log { period: Time },
}

/// What the answers so far agree on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    rate: Agreed,
    /// The rate, if resets are coarser than they look.
    coarse: Agreed,
    end: Agreed,
    moment: Moment,
    /// Length of the window, once two ends in a row were seen.
    period: Option<Time>,
    longest: Time,
    /// When the first answer came, and the last.
    span: Option<(Time, Time)>,
    limit: u64,
    least_used: u64,
    most_used: u64,
}

#[derive(Debug, Clone, Default)]
struct Agreed {
    range: Option<Range>,
    votes: u32,
    broken: bool,
}

impl Evidence {
    /// Takes an answer into account.
    pub(crate) fn add(&mut self, reading: &Reading) {
        if reading.limit != self.limit {
            *self = Self {
                limit: reading.limit,
                ..Self::default()
            };
        }
        self.longest = self.longest.max(reading.reset.unwrap_or(0));
        let first = self.span.map_or(reading.received, |(first, _)| first);
        self.span = Some((first, reading.received));
        if let Some(rate) = reading.rate() {
            let used = reading.used();
            self.least_used = if self.rate.votes == 0 {
                used
            } else {
                self.least_used.min(used)
            };
            self.most_used = self.most_used.max(used);
            self.rate.meet(rate);
            match reading.coarse_rate() {
                Some(rate) => self.coarse.meet(rate),
                None => self.coarse.broken = true,
            }
        }
        let prompt = self.moment.add(reading);
        if let Some(end) = reading.end(prompt) {
            self.add_end(end);
        }
    }

    /// The end that this answer speaks of.
    pub(crate) fn end_of(&self, reading: &Reading) -> Option<Range> {
        reading.end(self.moment.is_arrival())
    }

    fn add_end(&mut self, end: Range) {
        let Some(current) = self.end.range else {
            self.end.meet(end);
            return;
        };
        if current.and(end).is_some() {
            self.end.meet(end);
            return;
        }
        // Two ends in a row are a period apart; one that moves by less is no window's end.
        let step = end.middle() - current.middle();
        let apart = step.abs() * 2.0 >= self.longest as f64;
        if !apart {
            self.end.broken = true;
        }
        if step > 0.0 {
            if apart {
                self.period = Some(step as Time);
            }
            self.end.range = Some(end);
        }
    }

    /// The end of the current window, or the next slot: between these times.
    pub(crate) fn end(&self) -> Option<Range> {
        self.end.range
    }

    /// The rate, if the answers so far agree on one.
    fn agreed_rate(&self) -> Option<f64> {
        let agreed = [&self.rate, &self.coarse];
        let range = agreed.into_iter().find(|rate| !rate.broken)?.range?;
        let rate_of = |period: &Time| self.limit as f64 * SECOND as f64 / *period as f64;
        let mut real = PERIODS
            .iter()
            .map(rate_of)
            .filter(|rate| range.contains(*rate));
        match (real.next(), real.next()) {
            (Some(rate), None) if self.rate.votes >= VOTES => Some(rate),
            (None, _) if range.ratio() <= CLOSE && self.spread() => Some(range.low()),
            _ => None,
        }
    }

    /// The used part was seen at values that differ enough to tell a rate from a coincidence.
    fn spread(&self) -> bool {
        self.most_used as f64 >= SPREAD * self.least_used as f64 && self.rate.votes >= VOTES
    }

    /// The kind that is proven. A window is not proven here but by what happens at its end.
    pub(crate) fn proven(&self) -> Option<Kind> {
        if let Some(rate) = self.agreed_rate() {
            return Some(Kind::Bucket { rate });
        }
        let period = self.period();
        (self.rate.broken && self.end.broken).then_some(Kind::Log { period })
    }

    /// All ends so far could be those of windows, no rate explains them, and one of them is over.
    pub(crate) fn maybe_next_window(&self) -> bool {
        self.rate.broken && !self.end.broken && self.period.is_some()
    }

    /// The length of the window: measured where two ends were seen; the longest reset once that did not
    /// grow for long; else the shortest that limits really have and that explains it.
    pub(crate) fn period(&self) -> Time {
        match self.period {
            Some(period) if !self.end.broken => period,
            _ if self.is_settled() => self.standard().min(self.longest.max(MS)),
            _ => self.standard(),
        }
    }

    /// [`period`](Self::period) is more than a guess.
    pub(crate) fn is_timed(&self) -> bool {
        (self.period.is_some() && !self.end.broken) || self.is_settled()
    }

    fn is_settled(&self) -> bool {
        let long = |(first, last): (Time, Time)| last - first > SETTLED * self.longest;
        self.span.is_some_and(long)
    }

    /// The shortest period that limits really have and that explains the longest reset.
    pub(crate) fn standard(&self) -> Time {
        let fits = |period: &&Time| **period + **period / 50 >= self.longest;
        *PERIODS.iter().find(fits).unwrap_or(&PERIODS[3])
    }
}

impl Agreed {
    fn meet(&mut self, range: Range) {
        match self.range {
            None => self.range = Some(range),
            Some(known) => match known.and(range) {
                Some(both) => self.range = Some(both),
                None => self.broken = true,
            },
        }
        self.votes += 1;
    }
}

#[cfg(test)]
mod tests;
