//! How a limit gives back what was taken: the three kinds.

pub(crate) mod bucket;
pub(crate) mod fixed;
pub(crate) mod log;
mod saved;

pub(crate) use bucket::Bucket;
pub(crate) use fixed::Fixed;
pub(crate) use log::Log;

use crate::{
    Counts,
    time::{END, Time},
};

/// May a cost be taken?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// Yes.
    Now,
    /// Not before this time.
    At(Time),
    /// No: the limit is this much.
    Never(u64),
}

impl Room {
    /// Both must have room.
    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never(a), Self::Never(b)) => Self::Never(a.min(b)),
            (Self::Never(a), _) | (_, Self::Never(a)) => Self::Never(a),
            (Self::At(a), Self::At(b)) => Self::At(a.max(b)),
            (Self::At(a), Self::Now) | (Self::Now, Self::At(a)) => Self::At(a),
            (Self::Now, Self::Now) => Self::Now,
        }
    }
}

/// One limit's count.
#[derive(Debug, Clone)]
pub(crate) enum Meter {
    /// Refills evenly, up to a burst.
    Bucket(Bucket),
    /// Starts afresh at a known time.
    Fixed(Fixed),
    /// Gives back each unit one period after it was taken.
    Log(Log),
}

/// Calls the same method on whichever kind it is.
macro_rules! each {
    ($self:expr, $meter:ident => $call:expr) => {
        match $self {
            Meter::Bucket($meter) => $call,
            Meter::Fixed($meter) => $call,
            Meter::Log($meter) => $call,
        }
    };
}

impl Meter {
    /// Lets time pass.
    pub(crate) fn advance(&mut self, now: Time) {
        match self {
            Self::Bucket(_) => {}
            Self::Fixed(fixed) => fixed.advance(now),
            Self::Log(log) => log.advance(now),
        }
    }

    /// May `n` be taken at `now`, to which the meter was advanced?
    pub(crate) fn room(&self, n: u64, now: Time) -> Room {
        if n == 0 {
            return Room::Now;
        }
        each!(self, meter => meter.room(n, now))
    }

    /// May `n` be taken if `floor` must be left? What is more than half of the limit leaves less.
    pub(crate) fn room_above(&self, floor: u64, n: u64, now: Time) -> Room {
        let floor = floor.min(self.limit().saturating_sub(n));
        match n {
            0 => Room::Now,
            n => self.room(n.saturating_add(floor), now),
        }
    }

    /// When `n` could have been taken in all, part after part and as soon as possible, from `now`
    /// on, to which the meter was advanced. `n` may be more than the limit.
    pub(crate) fn forecast(&self, n: u64, now: Time) -> Time {
        if n == 0 {
            return now;
        }
        each!(self, meter => meter.forecast(n, now)).min(END)
    }

    /// Nothing was taken that is not back.
    pub(crate) fn is_full(&self, now: Time) -> bool {
        match self {
            Self::Bucket(bucket) => bucket.is_full(now),
            Self::Fixed(fixed) => fixed.is_full(),
            Self::Log(log) => log.is_full(),
        }
    }

    /// Takes `n`, whether there is room or not: what was sent was sent.
    pub(crate) fn take(&mut self, n: u64, now: Time) {
        if n > 0 {
            each!(self, meter => meter.take(n, now));
        }
    }

    /// Gives back `n` of what was taken at `taken`.
    pub(crate) fn give(&mut self, n: u64, taken: Time) {
        each!(self, meter => meter.give(n, taken));
    }

    /// What was taken at `taken` as `reserved` was `used` in the end.
    pub(crate) fn settle(&mut self, reserved: u64, used: u64, taken: Time, now: Time) {
        if used > reserved {
            self.take(used - reserved, now);
        } else if used < reserved {
            self.give(reserved - used, taken);
        }
    }

    /// How much is left; negative when more was taken than there was.
    pub(crate) fn level(&self, now: Time) -> f64 {
        each!(self, meter => meter.level(now))
    }

    /// Corrects how much is left.
    pub(crate) fn set_level(&mut self, level: f64, now: Time) {
        if level == self.level(now) {
            return;
        }
        each!(self, meter => meter.set_level(level, now));
    }

    /// Another count of the same knows of more that was taken. Where both are of one kind, it comes
    /// back as there.
    pub(crate) fn catch_up(&mut self, other: &Self, now: Time) {
        let missing = |meter: &Self| meter.limit() as f64 - meter.level(now);
        let more = missing(other) - missing(self);
        if more <= 0.0 {
            return;
        }
        match (&mut *self, other) {
            (Self::Log(own), Self::Log(other)) if own.period == other.period => {
                own.back_as(other);
            }
            _ => self.take(more as u64, now),
        }
    }

    /// When it gives back next, or has given back all; `None` where nothing was taken.
    pub(crate) fn resets(&self, now: Time) -> Option<Time> {
        each!(self, meter => meter.resets(now))
    }

    /// Which of them it is.
    pub(crate) fn counts(&self) -> Counts {
        match self {
            Self::Bucket(_) => Counts::Bucket,
            Self::Fixed(_) => Counts::Window,
            Self::Log(_) => Counts::Log,
        }
    }

    /// The most that can be left.
    pub(crate) fn limit(&self) -> u64 {
        match self {
            Self::Bucket(bucket) => bucket.burst(),
            Self::Fixed(fixed) => fixed.limit,
            Self::Log(log) => log.limit,
        }
    }
}

#[cfg(test)]
mod tests;
