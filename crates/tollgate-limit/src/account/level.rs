//! What the provider's headers state about one limit: the interval rule, and whether it is a bucket.

use tollgate_core::{Dimension, LimitKind, Window};

use super::time::Seconds;

/// A measured rate is used a little below: calls are sent an interval apart and may arrive closer.
const SHY: f64 = 0.985;

/// Where calls are far apart, each one lost costs a whole interval: still lower below 3 a second.
const SHY_SLOW: f64 = 0.955;

/// What is read from a header of whole seconds or milliseconds is exact to this.
const EXACT: Seconds = 0.002;

/// The highest and the lowest rate that fit an answer are at most so far apart, or it says nothing.
const CLEAR: f64 = 1.5;

/// A bucket that fills in an odd time needs so many votes.
const ODD: u32 = 6;

/// What others took of a bucket is forgotten by half in this time, without news.
const FADE: Seconds = 5.0;

/// See [`Level::is_brief`].
const BRIEF: Seconds = 3.0;

/// A part of a rate by which two observations may differ and still agree.
const AGREE: f64 = 1.02;

pub(crate) fn shy(rate: f64) -> f64 {
    rate * if rate > 3.0 { SHY } else { SHY_SLOW }
}

/// Is it a whole number of seconds, and so perhaps rounded up by as much as one?
pub(crate) fn is_whole(seconds: Seconds) -> bool {
    (seconds - seconds.round()).abs() < EXACT
}

/// The shortest wait that a provider may have stated so. A whole second may be as little as nothing.
pub(crate) fn shortest(wait: Seconds) -> Seconds {
    wait - if is_whole(wait) { 1.0 } else { 0.05 }
}

/// The provider's count of one limit, as far as its headers tell.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub(crate) kind: LimitKind,
    pub(crate) window: Option<Window>,
    /// The most that can be left; zero where no header said.
    pub(crate) limit: f64,
    /// What is left, where that is known.
    level: Option<f64>,
    at: Seconds,
    /// When the call was sent whose answer is the newest.
    newest: Seconds,
    /// When what the newest answer said is over.
    end: Seconds,
    /// That was stated in whole seconds.
    is_rounded: bool,
    /// When the last window was noticed to have ended.
    ended: Seconds,
    refill: Refill,
    others: Others,
}

/// What others take of a bucket.
#[derive(Debug, Clone, Default)]
struct Others {
    /// An answer: when its call was sent, and what remained then.
    mark: Option<(Seconds, f64)>,
    /// Units a second.
    rate: f64,
}

/// Does it refill evenly, and how fast?
#[derive(Debug, Clone, Default)]
struct Refill {
    /// The rate lies in between.
    between: Option<(f64, f64)>,
    /// How many answers with different amounts used agree.
    votes: u32,
    last_used: f64,
    limit: f64,
    /// It is proven that it does not.
    never: bool,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fate {
    Served,
    /// With the wait that the provider stated.
    Rejected(Option<Seconds>),
}

/// What one answer says, with what was sent around its own call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    pub(crate) remaining: f64,
    pub(crate) limit: Option<f64>,
    pub(crate) reset: Option<Seconds>,
    /// When its call was sent.
    pub(crate) sent: Seconds,
    /// Own units that may have been counted after the answer.
    pub(crate) perhaps: f64,
    /// Own units that were certainly counted after it.
    pub(crate) certainly: f64,
    pub(crate) fate: Fate,
    /// By how much calls overtake each other.
    pub(crate) disorder: Seconds,
    /// Own units that were sent since [`Level::mark`].
    pub(crate) own: f64,
}

impl Level {
    pub(crate) fn new(said: &Dimension) -> Self {
        Self {
            kind: said.kind,
            window: said.window,
            limit: 0.0,
            level: None,
            at: 0.0,
            newest: 0.0,
            end: 0.0,
            is_rounded: false,
            ended: 0.0,
            refill: Refill::default(),
            others: Others::default(),
        }
    }

    /// What is left, where that is known.
    pub(crate) fn left(&self) -> Option<f64> {
        self.level
    }

    /// When what is known of it ends.
    pub(crate) const fn end(&self) -> Seconds {
        self.end
    }

    /// It was stated to end within a few seconds, in whole ones: that is often the time until a bucket
    /// is full, and up to a second too long.
    pub(crate) fn is_brief(&self) -> bool {
        self.is_rounded && self.end - self.newest < BRIEF
    }

    /// When its last window was noticed to have ended.
    pub(crate) const fn ended_at(&self) -> Seconds {
        self.ended
    }

    /// Units a second of a proven bucket, without those that others take.
    pub(crate) fn rate(&self) -> Option<f64> {
        let rate = self.refill.rate()?;
        Some((shy(rate) - self.others()).max(0.05 * rate))
    }

    /// What others take of it a second.
    fn others(&self) -> f64 {
        let age = self.others.mark.map_or(0.0, |(sent, _)| self.at - sent);
        self.others.rate * (-(age - FADE).max(0.0) / FADE).exp2()
    }

    /// Left to others, who take it between an answer and the next call.
    pub(crate) fn floor(&self) -> f64 {
        if self.others.rate == 0.0 {
            return 0.0;
        }
        1.2 * (self.others() * 0.1).sqrt()
    }

    /// Since when the own units of a [`Statement`] are counted.
    pub(crate) fn mark(&self) -> Option<Seconds> {
        self.others.mark.map(|(sent, _)| sent)
    }

    /// Lets time pass. `true` where a window ended.
    pub(crate) fn advance(&mut self, now: Seconds) -> bool {
        let rate = self.rate();
        let Some(level) = &mut self.level else {
            return false;
        };
        let mut has_ended = false;
        if let Some(rate) = rate {
            *level = (*level + rate * (now - self.at).max(0.0)).min(self.limit);
        } else if now >= self.end {
            has_ended = true;
            self.ended = now;
            // A new window has begun: at least as much is left. How much more is unknown.
            if *level >= 1.0 {
                self.end = now + 60.0;
            } else {
                self.level = None;
            }
        }
        self.at = now;
        has_ended
    }

    /// It is no bucket, or not one of its own.
    pub(crate) fn no_bucket(&mut self) {
        self.refill.never = true;
    }

    pub(crate) fn take(&mut self, n: f64) {
        if let Some(level) = &mut self.level {
            *level -= n;
        }
    }

    /// At least `n` are left: a stated wait for them is over.
    pub(crate) fn raise(&mut self, n: f64) {
        if let Some(level) = &mut self.level {
            *level = level.max(n);
        }
    }

    /// Takes in an answer. Its count was taken at some moment on the way, and calls overtake each
    /// other: what is left lies between `low` and `high`.
    pub(crate) fn apply(&mut self, said: Statement, now: Seconds) {
        self.refill.apply(&said, self.limit);
        if let Some(limit) = said.limit {
            self.limit = limit;
        }
        let limit = if self.limit > 0.0 {
            self.limit
        } else {
            said.remaining
        };
        self.watch_others(&said);
        // The count is half a way older than the answer of a quick rejection, at least.
        let rate = self.rate();
        let refilled = rate.map_or(0.0, |rate| {
            rate * (now - said.sent - said.disorder / 2.0).max(0.0)
        });
        let low = (said.remaining - said.perhaps + refilled).min(limit);
        let high = (said.remaining + 1.0 - said.certainly + refilled).min(limit);
        let end = said.sent + said.reset.unwrap_or(60.0) + said.disorder;
        let is_rounded = said.reset.is_some_and(is_whole);
        self.advance(now);
        let Some(level) = &mut self.level else {
            if end >= now || rate.is_some() {
                (self.level, self.at) = (Some(low), now);
                (self.newest, self.end, self.is_rounded) = (said.sent, end, is_rounded);
            }
            return;
        };
        *level = level.min(high);
        if said.sent >= self.newest {
            (self.newest, self.end, self.is_rounded) = (said.sent, end, is_rounded);
            *level = level.max(low);
        }
    }
}

impl Level {
    /// Between two answers, what is missing and was not taken here was taken by others.
    fn watch_others(&mut self, said: &Statement) {
        // Beside a rejected call others may be under way that are rejected too, so that it is not
        // known what was taken here.
        let Some(rate) = self.refill.rate().filter(|_| said.fate == Fate::Served) else {
            return;
        };
        let now = (said.sent, said.remaining);
        let Some((sent, remaining)) = self.others.mark else {
            self.others.mark = Some(now);
            return;
        };
        let time = said.sent - sent;
        if time < 1.0 {
            return;
        }
        self.others.mark = Some(now);
        // A full bucket does not refill, so what others took does not show.
        if said.remaining >= self.limit - 1.0 || time > 60.0 {
            self.others.rate = 0.0;
            return;
        }
        let taken = (remaining - said.remaining - said.own) / time + rate;
        self.others.rate += (taken.clamp(0.0, rate) - self.others.rate) / 4.0;
        if self.others.rate < 0.05 * rate {
            self.others.rate = 0.0;
        }
    }
}

impl Refill {
    /// Units a second, where they are proven.
    fn rate(&self) -> Option<f64> {
        let (low, high) = self.between?;
        if self.never || self.votes < 2 || low <= 0.0 {
            return None;
        }
        // Buckets fill in a second, a minute, an hour or a day, as a rule.
        let (from, to) = (self.limit / high, self.limit / low);
        let usual = [1.0, 60.0, 3_600.0, 86_400.0];
        let usual = usual
            .into_iter()
            .find(|time| from <= time * AGREE && to * AGREE >= *time);
        match usual {
            Some(time) if to < from * 2.0 => Some(self.limit / time),
            None if self.votes >= ODD && to < from * 1.3 => Some(low.max(high * 0.9)),
            _ => None,
        }
    }

    /// A bucket's resets, times to full, agree on one rate.
    fn apply(&mut self, said: &Statement, known_limit: f64) {
        let (Some(limit), Some(reset)) = (said.limit, said.reset) else {
            return;
        };
        if known_limit != limit {
            *self = Self::default();
        }
        self.limit = limit;
        let used = limit - said.remaining;
        if self.never || used < 0.5 || reset <= 0.0 {
            return;
        }
        let shortest = if is_whole(reset) {
            reset - 1.0
        } else {
            reset - EXACT
        };
        let low = (used - 1.0).max(0.0) / (reset + EXACT);
        let high = used / shortest.max(EXACT / 2.0);
        if let Fate::Rejected(Some(wait)) = said.fate {
            self.judge_wait(wait, said.remaining, (low, high));
            if self.never {
                return;
            }
        }
        let (a, b) = self.between.unwrap_or((0.0, f64::INFINITY));
        let (a, b) = (a.max(low), b.min(high));
        if a > b * AGREE {
            self.never = true;
            return;
        }
        self.between = Some((a.min(b), a.max(b)));
        // An answer that fits a bucket of any rate says nothing.
        if (used - self.last_used).abs() > 0.5 && high < CLEAR * low {
            self.votes += 1;
            self.last_used = used;
        }
    }

    /// A bucket's rejection states the wait of one call; that of a window states its end.
    fn judge_wait(&mut self, wait: Seconds, left: f64, (low, high): (f64, f64)) {
        if left >= 1.0 {
            return;
        }
        if wait > 2.0 && low * (wait - 1.0) > 3.0 && self.votes < 3 {
            self.never = true;
            return;
        }
        let shortest = shortest(wait);
        let (from, to) = (self.limit / high, self.limit / low.max(1e-9));
        let fills_in = |time: f64| from <= time * AGREE && to * AGREE >= time && to < from * 1.3;
        if shortest * low <= 1.5 && (fills_in(60.0) || fills_in(1.0)) {
            self.votes = self.votes.max(2);
        }
    }
}

#[cfg(test)]
mod tests;
