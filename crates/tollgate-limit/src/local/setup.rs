//! A key as it was configured.

use std::time::SystemTime;

use tokio::time::Instant;
use tollgate_core::Random;

use super::{
    dial::Dial,
    queue::Queue,
    slots::{Slots, Spacing},
    state::State,
    waiting::Waiting,
};
use crate::{Account, Learned, LimitError, Limits};

impl State {
    pub(crate) fn new(
        rules: &Limits,
        waiting: Waiting,
        random: Random,
        now: Instant,
        wall: SystemTime,
    ) -> Result<Self, LimitError> {
        let account = Account::new(&rules.limits, random, now, wall)?;
        let mut state = Self {
            has_calendar: account.has_calendar(),
            account,
            slots: Slots::default(),
            spacing: Spacing::default(),
            queue: Queue::new(),
            dial: Dial::new(now),
            wall: None,
            waiting,
            paused: false,
            rule: None,
            shared: false,
            gone: false,
            learned: Learned::new(),
            used: now,
            home: None,
            head: None,
            held: None,
            passes: None,
        };
        state.slots.configure(rules.concurrency);
        state.spacing.configure(rules.spacing);
        Ok(state)
    }

    /// Other rules from now on. What is taken stays taken, and who waits stays.
    pub(crate) fn reconfigure(
        &mut self,
        rules: &Limits,
        waiting: Waiting,
        now: Instant,
        wall: SystemTime,
    ) -> Result<(), LimitError> {
        self.look_at_clock(now);
        self.account.reconfigure(&rules.limits, now, wall)?;
        self.has_calendar = self.account.has_calendar();
        self.slots.configure(rules.concurrency);
        self.spacing.configure(rules.spacing);
        self.waiting = waiting;
        Ok(())
    }
}
