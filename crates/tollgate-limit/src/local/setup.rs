//! A key as it was configured.

use std::time::SystemTime;

use tokio::time::Instant;
use tollgate_core::Random;

use super::{dial::Dial, state::State, waiting::Waiting};
use crate::{
    Account, Learned, LimitError, Limits,
    queue::Queue,
    slots::{Slots, Spacing},
};

impl State {
    pub(crate) fn new(
        rules: &Limits,
        waiting: Waiting,
        random: Random,
        now: Instant,
        wall: SystemTime,
    ) -> Result<Self, LimitError> {
        let mut state = Self {
            account: Account::new(&rules.limits, random, now, wall)?,
            slots: Slots::default(),
            spacing: Spacing::default(),
            queue: Queue::new(),
            dial: Dial::new(now),
            waiting,
            paused: false,
            gone: false,
            learned: Learned::new(),
            used: now,
            home: None,
            head: None,
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
        self.account.reconfigure(&rules.limits, now, wall)?;
        self.slots.configure(rules.concurrency);
        self.spacing.configure(rules.spacing);
        self.waiting = waiting;
        Ok(())
    }
}
