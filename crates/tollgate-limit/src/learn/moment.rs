//! When the provider takes the count it states: as the call arrives, or later.
//!
//! An answer that takes a minute may tell the count of a minute ago. Answers to one window that took
//! differently long decide it: counted from sending they agree on its end, or counted from receiving.

use super::Reading;
use crate::{
    ledger::ORDER,
    time::{SECOND, Time},
};

/// Ends that are so many times closer together, counted from sending, show that counts are taken then
/// (scenario 1k, fixed).
const CLOSER: Time = 3;

/// How many answers must be compared.
const VOTES: u32 = 3;

/// What the answers to the current window say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moment {
    from_sending: Spread,
    from_receiving: Spread,
    votes: u32,
    arrival: bool,
    never: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    first: Time,
    last: Time,
}

impl Moment {
    /// Takes an answer into account. True if counts are known to be taken when calls arrive.
    pub(super) fn add(&mut self, reading: &Reading) -> bool {
        let Some(reset) = reading.reset.filter(|reset| reset % SECOND != 0) else {
            return self.is_arrival();
        };
        let (sent, received) = (reading.sent + reset, reading.received + reset);
        let window = self.votes > 0 && self.from_sending.near(sent);
        if !window {
            self.votes = 0;
            self.from_sending = Spread::at(sent);
            self.from_receiving = Spread::at(received);
        }
        self.votes += 1;
        self.from_sending.add(sent);
        self.from_receiving.add(received);
        let (sending, receiving) = (self.from_sending.width(), self.from_receiving.width());
        if self.votes >= VOTES && receiving > CLOSER * sending.max(ORDER / 6) {
            self.arrival = true;
        }
        if self.votes >= VOTES && sending > CLOSER * receiving.max(ORDER / 6) {
            self.never = true;
        }
        self.is_arrival()
    }

    /// Counts are taken when calls arrive.
    pub(super) fn is_arrival(&self) -> bool {
        self.arrival && !self.never
    }
}

impl Spread {
    fn at(time: Time) -> Self {
        Self {
            first: time,
            last: time,
        }
    }

    fn near(&self, time: Time) -> bool {
        let room = 2 * SECOND;
        time.saturating_add(room) >= self.first && time <= self.last.saturating_add(room)
    }

    fn add(&mut self, time: Time) {
        self.first = self.first.min(time);
        self.last = self.last.max(time);
    }

    fn width(&self) -> Time {
        self.last - self.first
    }
}
