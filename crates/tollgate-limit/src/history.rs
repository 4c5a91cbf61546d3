//! What was sent lately, and when.
//!
//! An answer speaks of one moment in the past. What was sent after that moment must be added to what
//! it says, and only the client knows that.

use std::collections::VecDeque;

use crate::time::{MS, Time};

/// How many slots are kept. An answer that is older than all of them counts everything kept as sent
/// after it, which is the cautious side.
const SLOTS: usize = 1_024;

/// The finest step: sends of one millisecond share a slot.
const FINEST: Time = MS;

/// Amounts by time of sending.
#[derive(Debug, Clone)]
pub(crate) struct History {
    slots: VecDeque<Slot>,
    step: Time,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// The first and the last moment of the slot.
    from: Time,
    to: Time,
    /// Counted by every provider on arrival.
    sent: u64,
    /// Counted by some only then: output of answers completed at that time.
    completed: u64,
}

impl History {
    pub(crate) const fn new() -> Self {
        Self {
            slots: VecDeque::new(),
            step: FINEST,
        }
    }

    pub(crate) fn send(&mut self, n: u64, now: Time) {
        self.slot(now, |slot| slot.sent = slot.sent.saturating_add(n));
    }

    pub(crate) fn complete(&mut self, n: u64, now: Time) {
        self.slot(now, |slot| {
            slot.completed = slot.completed.saturating_add(n);
        });
    }

    /// Corrects what was sent at `sent`, from `was` to `is`.
    pub(crate) fn correct(&mut self, was: u64, is: u64, sent: Time) {
        let at = self.slots.partition_point(|slot| slot.to < sent);
        if let Some(slot) = self.slots.get_mut(at).filter(|slot| slot.from <= sent) {
            slot.sent = slot.sent.saturating_sub(was).saturating_add(is);
        }
    }

    /// The most that can have been counted after `time`.
    pub(crate) fn most_after(&self, time: Time) -> u64 {
        self.newest()
            .take_while(|slot| slot.to > time)
            .map(|slot| slot.sent.saturating_add(slot.completed))
            .fold(0, u64::saturating_add)
    }

    /// The least that must have been counted after `time`.
    pub(crate) fn least_after(&self, time: Time) -> u64 {
        self.newest()
            .take_while(|slot| slot.from > time)
            .map(|slot| slot.sent)
            .fold(0, u64::saturating_add)
    }

    /// What was sent after `from` and up to `to`.
    pub(crate) fn between(&self, from: Time, to: Time) -> u64 {
        let later = self.newest().skip_while(|slot| slot.from > to);
        later
            .take_while(|slot| slot.to > from)
            .map(|slot| slot.sent)
            .fold(0, u64::saturating_add)
    }

    /// Everything after `time`, oldest first: when, and how much was sent and completed.
    pub(crate) fn after(&self, time: Time) -> impl Iterator<Item = (Time, u64, u64)> {
        let from = self.slots.partition_point(|slot| slot.to <= time);
        let later = self.slots.range(from..);
        later.map(|slot| (slot.to, slot.sent, slot.completed))
    }

    fn newest(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().rev()
    }

    fn slot(&mut self, now: Time, change: impl FnOnce(&mut Slot)) {
        let step = self.step;
        match self.slots.back_mut() {
            Some(slot) if now / step == slot.from / step => {
                slot.to = slot.to.max(now);
                change(slot);
            }
            _ => {
                let mut slot = Slot {
                    from: now,
                    to: now,
                    ..Slot::default()
                };
                change(&mut slot);
                self.make_room(now);
                self.slots.push_back(slot);
            }
        }
    }

    /// Forgets what is too old for any answer; where that is not enough, makes the steps coarser.
    fn make_room(&mut self, now: Time) {
        if self.slots.len() < SLOTS {
            return;
        }
        let oldest = now.saturating_sub(crate::ledger::PATIENCE);
        self.slots
            .drain(..self.slots.partition_point(|slot| slot.to < oldest));
        if self.slots.len() < SLOTS / 2 {
            self.step = (self.step / 2).max(FINEST);
            return;
        }
        while self.slots.len() >= SLOTS {
            self.step *= 2;
            let (step, mut merged) = (self.step, VecDeque::<Slot>::with_capacity(SLOTS));
            for slot in self.slots.drain(..) {
                match merged.back_mut() {
                    Some(last) if last.from / step == slot.from / step => {
                        last.to = slot.to;
                        last.sent = last.sent.saturating_add(slot.sent);
                        last.completed = last.completed.saturating_add(slot.completed);
                    }
                    _ => merged.push_back(slot),
                }
            }
            self.slots = merged;
        }
    }
}

#[cfg(test)]
mod tests;
