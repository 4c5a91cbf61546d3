//! Chooses who is asked next.

use std::{cmp::Ordering, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Class, Observe};

use super::{Flight, Held, Run};
use crate::{
    Attempt, Event, Preference,
    cooldown::LONGEST,
    rewrite::can_write,
    state::Health,
    strategy::{Ask, Candidate, Strategy},
};

/// A target that will surely return within this time is waited for, rather than one asked that probably
/// will not do.
const SOON: Duration = Duration::from_secs(5);

/// The longest wait of a call that has neither a deadline nor a wait budget.
const UNBOUNDED: Duration = Duration::from_secs(120);

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ask this target.
    Ask(Pick),
    /// Wait this long for the first target to return.
    Wait(Duration),
    /// No target is left.
    Over,
}

/// A target to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pick {
    pub(crate) site: usize,
    /// Another one may be asked at once when this one fails.
    pub(crate) spare: bool,
    /// Another one may be asked, at once or later, so the request must be kept.
    pub(crate) later: bool,
    /// Another one may be asked after this time.
    pub(crate) other: Option<Duration>,
    /// It is left alone by a guess.
    pub(crate) doubted: bool,
}

/// What was found on the way through the targets.
#[derive(Default)]
struct Survey {
    best: Option<(usize, Rank)>,
    good: usize,
    /// The one that would be queued for the shortest time.
    busy: Option<(Duration, usize)>,
    /// When the first one returns that said so.
    shut: Option<Duration>,
    /// When the first one of those may be asked of whom that is all that is known: a breaker lets a probe
    /// through then.
    probed: Option<Duration>,
    /// The best of those that are left alone by a guess.
    doubted: Option<(usize, Rank)>,
}

/// The lowest is asked: wishes first, then tiers, then scores.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rank {
    wished: bool,
    tier: usize,
    score: f64,
}

impl Rank {
    fn before(&self, other: &Self) -> bool {
        let wish = other.wished.cmp(&self.wished);
        let order = wish.then(self.tier.cmp(&other.tier));
        order.then(self.score.total_cmp(&other.score)) == Ordering::Less
    }
}

impl<B, O: Observe<Event>> Run<B, O> {
    /// What to do now. A target that is to be asked is taken: the request must be sent, or dropped.
    pub(crate) fn step(&mut self) -> Step {
        if let Some(step) = self.due(Instant::now()) {
            return step;
        }
        // Another call may take the place that was found. It is then no longer found.
        loop {
            let now = Instant::now();
            match self.select(now) {
                Step::Ask(pick) if !self.claim(pick.site, pick.doubted, now) => {}
                step => return self.decided(step),
            }
        }
    }

    /// What will be done when the service below is ready; a wait begins now.
    pub(super) fn peek(&mut self) -> Step {
        let step = self.select(Instant::now());
        self.decided(step)
    }

    fn decided(&mut self, step: Step) -> Step {
        if let Step::Wait(wait) = step {
            // Told once: a call that waits for another one's test looks again and again.
            if self.slept.is_zero() {
                let route = self.lane().name.clone();
                let event = Event::Waiting { route, wait };
                self.shared.observer.observe(&event);
            }
            self.slept = self.slept.saturating_add(wait);
        }
        step
    }

    /// Takes a target, unless another call tests it by now.
    pub(super) fn claim(&mut self, site: usize, bold: bool, now: Instant) -> bool {
        let (state, setup) = (self.state(), &*self.setup);
        let claimed = match state.all_warm() {
            true => Some(false),
            false => {
                let keys = setup.keys[site];
                state.cooldowns(|all| all.claim(keys, self.cost(), bold, now))
            }
        };
        let Some(tests) = claimed else {
            return false;
        };
        setup.outcomes.enter(site);
        self.tell_skipped(site, now);
        self.bold |= bold;

        self.flight = Some(Flight {
            site,
            sent: now,
            tests,
        });
        true
    }
}

impl<B, O: Observe<Event>> Run<B, O> {
    /// Tells of those that stand before this one in the route and are not to be asked now.
    fn tell_skipped(&mut self, site: usize, now: Instant) {
        // Nearly always the first one is asked, which takes no more than a look.
        if self.lane().sites().next() == Some(site) {
            return;
        }
        let setup = self.setup.clone();
        let lane = setup.table.routes[self.lane].sites().enumerate();
        for (place, other) in lane.take_while(|(_, other)| *other != site) {
            if !self.may(other, place) {
                continue;
            }
            let target = &setup.table.sites[other].target;
            let known = self.attempts.iter().any(|one| one.target() == target);
            let (wait, class) = match self.state().health(&setup, other, self.cost(), now) {
                Health::Good { .. } => continue,
                Health::Busy(wait) => (Some(wait), None),
                Health::Shut(wait, class) => (wait, class),
                Health::Doubted(wait, class) => (Some(wait), Some(class)),
            };
            if !known {
                let attempt = Attempt::skipped(target.clone(), class, wait);
                let event = Event::Skipped {
                    attempt: attempt.clone(),
                };
                self.shared.observer.observe(&event);
                self.attempts.push(attempt);
            }
        }
    }
}

impl<B, O> Run<B, O> {
    pub(super) fn select(&self, now: Instant) -> Step {
        let late = self.call.deadline().is_some_and(|deadline| deadline <= now);
        let spent = self.tried.len() >= self.setup.settings.attempts;
        if late || spent || self.original.is_none() {
            return Step::Over;
        }
        let room = self.room(now);
        let survey = self.survey(now);
        let fits = |wait: &Duration| *wait <= room;
        let shut = survey.shut.filter(fits);
        let probed = survey.probed.filter(fits);
        let last = self.tried.len() + 1 >= self.setup.settings.attempts || !self.falls_back();
        let pick = |site, good: usize| Pick {
            site,
            spare: good > 1 && !last,
            later: ((good > 1 || survey.busy.is_some() || shut.or(probed).is_some()) && !last)
                || self.may_return(last)
                || self.has_tries(site, 1),
            other: shut.filter(|_| !last),
            doubted: false,
        };
        let bold = |site| Pick {
            doubted: true,
            ..pick(site, 0)
        };
        // A guessed cooldown delays no call for long. The last attempt goes to a target without one, if there
        // is one.
        let doubted = survey.doubted.filter(|_| !last || survey.busy.is_none());
        match (survey.best, survey.busy, shut) {
            (Some((site, _)), ..) => Step::Ask(pick(site, survey.good)),
            (None, Some((queued, _)), Some(wait)) if wait < queued => Step::Wait(wait),
            (None, Some((queued, site)), _) => match doubted {
                Some((other, _)) if queued > SOON => Step::Ask(bold(other)),
                _ => Step::Ask(pick(site, 0)),
            },
            (None, None, shut) => match (doubted, shut.into_iter().chain(probed).min()) {
                (Some((site, _)), _) if shut.is_none_or(|wait| wait > SOON) => {
                    Step::Ask(bold(site))
                }
                (_, Some(wait)) => Step::Wait(wait),
                (_, None) => Step::Over,
            },
        }
    }

    /// How long the call may still wait here.
    pub(super) fn room(&self, now: Instant) -> Duration {
        let budget = self.call.budget_left(self.slept);
        let left = self.call.time_to_wait(now);
        let most = match self.setup.settings.max_wait {
            Some(most) => most,
            None if budget.is_some() || left.is_some() => LONGEST,
            None => UNBOUNDED,
        };
        let most = most.saturating_sub(self.slept);
        most.min(budget.unwrap_or(most)).min(left.unwrap_or(most))
    }

    fn survey(&self, now: Instant) -> Survey {
        let mut survey = Survey::default();
        let words = self.preference.as_deref().and_then(Preference::words);
        let mut ask = Ask::new(&self.state().random).with_affinity(words);
        if let Some(cost) = self.cost() {
            ask = ask.with_cost(*cost);
        }
        let mut place = 0;
        for (tier, level) in self.lane().tiers.iter().enumerate() {
            for &site in &level.sites {
                place += 1;
                if !self.may(site, place - 1) {
                    continue;
                }
                if let Some(held) = self.held(site, now) {
                    let place = match held.surely {
                        true => &mut survey.shut,
                        false => &mut survey.probed,
                    };
                    *place = place.iter().copied().chain([held.until - now]).min();
                    continue;
                }
                match self.state().health(&self.setup, site, self.cost(), now) {
                    Health::Good { left } => {
                        survey.good += 1;
                        let score = match &level.strategy {
                            Some(strategy) => self.score(&**strategy, site, left, &ask, now),
                            None => 0.0,
                        };
                        let wished = self.wished(site, place - 1);
                        survey.offer(
                            site,
                            Rank {
                                wished,
                                tier,
                                score,
                            },
                        );
                    }
                    // Of those that nothing but a person will help, one is enough.
                    Health::Doubted(_, class) if self.bold && is_final(class) => {}
                    Health::Doubted(..) => {
                        let wished = self.wished(site, place - 1);
                        let score = 0.0;
                        let rank = Rank {
                            wished,
                            tier,
                            score,
                        };
                        if survey.doubted.is_none_or(|(_, best)| rank.before(&best)) {
                            survey.doubted = Some((site, rank));
                        }
                    }
                    Health::Busy(wait) => {
                        let sooner = survey.busy.is_none_or(|(other, _)| wait < other);
                        if sooner {
                            survey.busy = Some((wait, site));
                        }
                    }
                    Health::Shut(wait, class) => {
                        let place = match class {
                            Some(_) => &mut survey.shut,
                            None => &mut survey.probed,
                        };
                        *place = place.iter().copied().chain(wait).min();
                    }
                }
                // Known enough: who is asked, and that there is another one.
                if !self.has_wish() && level.strategy.is_none() && survey.good > 1 {
                    return survey;
                }
            }
        }
        survey
    }

    /// A layer below does not let the call to this target now.
    fn held(&self, site: usize, now: Instant) -> Option<Held> {
        let mut all = self.held.iter().copied();
        all.find(|held| held.site == site && held.until > now)
    }

    /// Whether the call may go to a target of its lane at all.
    pub(super) fn may(&self, site: usize, place: usize) -> bool {
        let keys = self.setup.keys[site];
        let barred = &self.barred;
        self.is_for(site, place)
            && self.writable(site)
            && !self.tried.is_out(site)
            && !barred.accounts.contains(&keys.account)
            && barred.context.is_none_or(|most| {
                self.setup.table.sites[site]
                    .context
                    .is_some_and(|own| own > most)
            })
    }

    /// Whether it is one of those the caller wants.
    pub(super) fn is_for(&self, site: usize, place: usize) -> bool {
        let target = &self.setup.table.sites[site].target;
        self.named.is_none_or(|named| place >= named)
            && self
                .preference
                .as_ref()
                .is_none_or(|preference| preference.allows(target))
    }

    /// Whether the target that is asked now may be asked again, after a wait that it states: for a lone one
    /// the layer below that retries does that.
    fn may_return(&self, last: bool) -> bool {
        !last && !self.is_alone()
    }

    /// Whether there is but one target for the call.
    pub(super) fn is_alone(&self) -> bool {
        let sites = self.lane().sites().enumerate();
        let all = sites.filter(|(place, site)| self.is_for(*site, *place));
        all.take(2).count() < 2
    }

    /// Whether the request can be written for it.
    pub(super) fn writable(&self, site: usize) -> bool {
        let site = &self.setup.table.sites[site];
        can_write(site, self.kind, &self.model, self.names)
    }

    /// Whether a later target may come before an earlier one.
    fn has_wish(&self) -> bool {
        self.preference.is_some()
            || self.barred.provider.is_some()
            || (self.named.is_some() && self.tried.len() == 0)
    }

    /// The one the call asks for by its model, and those it prefers.
    fn wished(&self, site: usize, place: usize) -> bool {
        let target = &self.setup.table.sites[site].target;
        (self.named == Some(place) && self.tried.len() == 0)
            || self.barred.provider == Some(self.setup.keys[site].provider)
            || self
                .preference
                .as_ref()
                .is_some_and(|preference| preference.prefers(target))
    }

    fn score(
        &self,
        strategy: &dyn Strategy,
        site: usize,
        left: Option<f64>,
        ask: &Ask<'_>,
        now: Instant,
    ) -> f64 {
        let setup = &*self.setup;
        let own = &setup.table.sites[site];
        let record = setup.outcomes.record(site);
        let mut candidate = Candidate::with_id(&own.target, own.id);
        candidate.weight = own.weight;
        candidate.price = own.price;
        candidate.left = left.or_else(|| record.left(now));
        candidate.in_flight = setup.outcomes.in_flight(site);
        candidate.success_rate = record.success_rate;
        candidate.latency = record.latency();
        candidate.first_token = record.first_token();
        strategy.score(&candidate, ask)
    }

    /// What the layers below may wait for this target.
    pub(super) fn wait_budget(&self, pick: Pick, now: Instant) -> Option<Duration> {
        let own = self.call.budget_left(self.slept);
        let spare = pick
            .spare
            .then(|| self.setup.table.sites[pick.site].wait_budget);
        // Nobody waits here for longer than until another one may be asked.
        let other = pick.other.filter(|_| !pick.spare);
        let left = self.call.time_left(now);
        [own, spare, other, left].into_iter().flatten().min()
    }

    /// When the head of this target's answer must be there, so that another one has time left.
    pub(super) fn share(&self, pick: Pick, now: Instant) -> Option<Instant> {
        let left = self.call.time_left(now).filter(|_| pick.spare)?;
        let own = self.setup.table.sites[pick.site].wait_budget;
        let share = self.setup.outcomes.record(pick.site).share(left);
        // What it may wait below comes on top.
        let share = share.saturating_add(own);
        (share < left).then(|| now + share)
    }
}

/// Asking again does not help, unless a person does something.
const fn is_final(class: Class) -> bool {
    matches!(
        class,
        Class::Auth | Class::QuotaExhausted | Class::InvalidRequest
    )
}

impl Survey {
    fn offer(&mut self, site: usize, rank: Rank) {
        if self.best.is_none_or(|(_, best)| rank.before(&best)) {
            self.best = Some((site, rank));
        }
    }
}
