//! A sliding log.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::{Count, Wait};

/// What was used before the first call lies in so many portions.
const PORTIONS: u64 = 60;

/// Remembers each use until it is one window old.
#[derive(Debug)]
pub(super) struct Sliding {
    limit: u64,
    window: Duration,
    log: VecDeque<Use>,
    used: u64,
}

#[derive(Debug)]
struct Use {
    at: Instant,
    ticket: u64,
    cost: u64,
}

impl Sliding {
    pub(super) const fn new(limit: u64, window: Duration) -> Self {
        Self {
            limit,
            window,
            log: VecDeque::new(),
            used: 0,
        }
    }

    fn expire(&mut self, now: Instant) {
        while let Some(oldest) = self.log.front() {
            if now.saturating_duration_since(oldest.at) < self.window {
                break;
            }
            self.used = self.used.saturating_sub(oldest.cost);
            self.log.pop_front();
        }
    }

    fn leaves(&self, entry: &Use, now: Instant) -> Duration {
        self.window
            .saturating_sub(now.saturating_duration_since(entry.at))
    }
}

impl Count for Sliding {
    fn wait(&mut self, cost: u64, now: Instant) -> Wait {
        self.expire(now);
        if cost > self.limit {
            return Wait::Never;
        }
        let mut used = self.used.saturating_add(cost);
        let mut wait = Wait::Now;
        for entry in &self.log {
            if used <= self.limit {
                break;
            }
            used = used.saturating_sub(entry.cost);
            wait = Wait::For(self.leaves(entry, now));
        }
        wait
    }

    fn take(&mut self, cost: u64, ticket: u64, now: Instant) {
        self.expire(now);
        if cost > 0 {
            self.used = self.used.saturating_add(cost);
            self.log.push_back(Use {
                at: now,
                ticket,
                cost,
            });
        }
    }

    fn begin(&mut self, used: u64, start: Instant) {
        let share = |portion: u64| used * portion / PORTIONS;
        for portion in 0..PORTIONS {
            let age = self.window * u32::try_from(PORTIONS - portion).expect("small");
            let age = age / u32::try_from(PORTIONS).expect("small");
            // A clock that began less than a window ago knows no earlier time.
            let at = start.checked_sub(age).unwrap_or(start);
            let cost = share(portion + 1) - share(portion);
            if cost > 0 {
                self.used = self.used.saturating_add(cost);
                self.log.push_back(Use {
                    at,
                    ticket: 0,
                    cost,
                });
            }
        }
    }

    fn refund(&mut self, cost: u64, ticket: u64, _: Instant, now: Instant) {
        self.expire(now);
        if let Some(entry) = self.log.iter_mut().find(|entry| entry.ticket == ticket) {
            let back = cost.min(entry.cost);
            entry.cost -= back;
            self.used = self.used.saturating_sub(back);
        }
        self.log.retain(|entry| entry.cost > 0);
    }

    fn level(&mut self, now: Instant) -> (u64, Duration) {
        self.expire(now);
        let next = self.log.front().map(|oldest| self.leaves(oldest, now));
        (self.used, next.unwrap_or_default())
    }
}
