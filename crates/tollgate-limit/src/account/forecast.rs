//! When calls could go, and whether ever.

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind};

use super::{
    Account, Guard, concerns,
    ticket::TooLarge,
    time::{Time, seconds},
};
use crate::charge::Charge;

impl Account {
    /// Could a call of this cost ever go? Only a configured limit with a shape says no, or any where
    /// [nothing else counts](Self::configured_only).
    ///
    /// # Errors
    ///
    /// When it takes more than such a limit as a whole.
    pub fn fits(&self, cost: &Cost) -> Result<(), TooLarge> {
        for guard in self.facts() {
            let (kind, n) = (guard.kind(), Charge::of(cost, guard.kind()).total());
            if n > guard.amount() {
                return Err(TooLarge::new(kind, n, guard.amount()));
            }
        }
        Ok(())
    }

    /// The limits that refuse: those with a shape, and all where nothing else counts.
    fn facts(&self) -> impl Iterator<Item = &Guard> {
        let all = self.is_configured_only();
        self.guards
            .iter()
            .filter(move |guard| all || guard.is_exact())
    }

    /// The most tokens that the limits which are known allow a call, and its answer alone.
    pub(crate) fn most_tokens(&self) -> (u64, u64) {
        let least = |kind| {
            let guards = self.guards.iter().filter(|guard| guard.kind() == kind);
            let levels = self
                .learned
                .iter()
                .flat_map(|learned| learned.levels.iter());
            let levels = levels.filter(|level| level.kind == kind && level.limit >= 1.0);
            let amounts = guards.map(Guard::amount);
            let all = amounts.chain(levels.map(|level| level.limit as u64));
            all.min().unwrap_or(u64::MAX)
        };
        (least(LimitKind::Tokens), least(LimitKind::OutputTokens))
    }

    /// The earliest time at which calls of this cost could all have gone, one after the other, as far
    /// as facts say: configured limits with a shape, and a wait that the provider stated.
    pub fn forecast(&mut self, total: &Cost, now: Instant) -> Instant {
        let now = self.advance(now);
        let free = self.facts().map(|guard| {
            // Answers are estimates, also those of calls on their way: they may give some back.
            let charge = Charge::of(total, guard.kind()).now;
            let open = Charge::of(&self.reserved, guard.kind()).later;
            let at = guard.forecast(charge.saturating_sub(open), now);
            let learned = self.learned.as_ref().filter(|_| guard.is_refilled());
            let end = learned.and_then(|learned| learned.levels.end(&guard.limit));
            end.map_or(at, |end| at.min(((end * 1e9) as Time).max(now)))
        });
        let free = free.fold(now, Time::max);
        let stated = self.stated_wait(total, now);
        self.epoch.instant(stated.map_or(free, |at| free.max(at)))
    }

    /// Until when a stated wait holds calls of this cost for sure.
    fn stated_wait(&self, cost: &Cost, now: Time) -> Option<Time> {
        let gate = self.learned.as_ref()?.pacer.gate;
        let holds = gate.is_stated && concerns(gate.kind, cost);
        let until = (gate.until * 1e9) as Time;
        (holds && until > now).then_some(until)
    }

    /// Until when every call is held, where the provider stated that.
    pub(crate) fn closed_for_all(&self, now: Instant) -> Option<Instant> {
        let now = self.epoch.peek(now);
        let gate = self.learned.as_ref()?.pacer.gate;
        let until = self.stated_wait(&Cost::default(), now)?;
        gate.kind.is_none().then(|| self.epoch.instant(until))
    }

    /// How long the last of these calls would wait, by all that is known and measured. May be wrong
    /// in both directions; no call is rejected for it.
    pub(crate) fn expect(&mut self, total: &Cost, now: Instant) -> Instant {
        let sure = self.forecast(total, now);
        let now = self.advance(now);
        let guards = self.guards.iter().map(|guard| {
            let n = Charge::of(total, guard.kind()).total();
            guard.forecast(n, now)
        });
        let mut at = guards.fold(now, Time::max);
        if let Some(learned) = &mut self.learned {
            let n = total.requests().max(1) as f64;
            let wait = learned.pacer.wait_for_pace(n, seconds(now));
            let wait = wait.max(learned.levels.wait(total, seconds(now)));
            let wait = wait.max(learned.pacer.gate.until - seconds(now));
            at = at.max(now.saturating_add((wait.max(0.0) * 1e9) as Time));
        }
        sure.max(self.epoch.instant(at))
    }
}
