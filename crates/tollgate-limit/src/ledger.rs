//! The count of one limit.

use std::time::SystemTime;

use tollgate_core::{LimitKind, Window};

use crate::{
    calendar::Day,
    charge::Charge,
    history::History,
    limit::{Limit, Shape},
    meter::{Bucket, Fixed, Log, Meter, Room, fixed::Length},
    time::{END, MS, SECOND, Time, span},
};

/// Calls overtake each other by at most this much on the way to the provider.
///
/// Without it a burst that arrives re-ordered looks like calls of others.
pub(crate) const ORDER: Time = 60 * MS;

/// How long after the stated end of a window calls go again: the end is known no better than the way
/// of a call is long.
pub(crate) const GUARD: Time = 80 * MS;

/// How long an answer may take before it is no longer waited for.
pub(crate) const PATIENCE: Time = 120 * SECOND;

/// One limit of an account.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) kind: LimitKind,
    pub(crate) window: Option<Window>,
    /// What a person said, and the count that keeps it whatever the provider says.
    configured: Option<Limit>,
    guard: Option<Meter>,
    history: History,
    /// Reserved for output of calls whose answers are not complete.
    open: u64,
}

impl Ledger {
    /// The count of a limit one knows of.
    pub(crate) fn configured(limit: &Limit, now: Time, wall: SystemTime) -> Self {
        Self {
            kind: limit.kind(),
            window: limit.window(),
            guard: Some(guard(limit, now, wall)),
            configured: Some(limit.clone()),
            history: History::new(),
            open: 0,
        }
    }

    pub(crate) fn advance(&mut self, now: Time) {
        if let Some(guard) = &mut self.guard {
            guard.advance(now);
        }
    }

    pub(crate) fn room(&self, charge: Charge, now: Time) -> Room {
        let guard = self.guard.as_ref();
        guard.map_or(Room::Now, |guard| guard.room(charge.total(), now))
    }

    pub(crate) fn take(&mut self, charge: Charge, now: Time) {
        self.history.send(charge.now, now);
        self.open = self.open.saturating_add(charge.later);
        if let Some(guard) = &mut self.guard {
            guard.take(charge.total(), now);
        }
    }

    /// The call was not counted after all.
    pub(crate) fn refund(&mut self, charge: Charge, sent: Time) {
        self.history.correct(charge.now, 0, sent);
        self.open = self.open.saturating_sub(charge.later);
        if let Some(guard) = &mut self.guard {
            guard.give(charge.total(), sent);
        }
    }

    /// The call is complete, and took `used` where `charge` was reserved.
    pub(crate) fn settle(&mut self, charge: Charge, used: Charge, sent: Time, now: Time) {
        self.history.correct(charge.now, used.now, sent);
        self.open = self.open.saturating_sub(charge.later);
        self.history.complete(used.later, now);
        let (reserved, took) = (charge.total(), used.total());
        if let Some(guard) = &mut self.guard {
            match took.checked_sub(reserved) {
                Some(more) if more > 0 => guard.take(more, now),
                Some(_) => {}
                None => guard.give(reserved - took, sent),
            }
        }
    }
}

fn guard(limit: &Limit, now: Time, wall: SystemTime) -> Meter {
    let (amount, period) = (limit.amount(), span(limit.period()));
    match limit.shape() {
        Some(Shape::Bucket { burst }) => {
            let burst = limit.part_of(*burst);
            match Bucket::new(burst, limit.every(), ORDER) {
                Some(bucket) => Meter::Bucket(bucket),
                // A burst of nothing: everything is too large.
                None => Meter::Log(Log::new(0, period, ORDER)),
            }
        }
        Some(Shape::Day(zone)) => {
            let day = Day::new(zone.clone(), wall, now);
            let end = day.end(now).min(END);
            Meter::Fixed(Fixed::new(amount, Length::Day(day), end, GUARD))
        }
        // When windows end is not known yet; the sliding log keeps to any of them.
        Some(Shape::Fixed | Shape::Sliding) | None => {
            Meter::Log(Log::new(amount, period, ORDER))
        }
    }
}
