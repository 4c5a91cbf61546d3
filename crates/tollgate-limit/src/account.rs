//! Several limits, decided together.

mod answers;
mod below;
mod bucket;
mod calendar;
mod change;
mod forecast;
mod gcra;
mod guard;
mod lessons;
mod level;
mod levels;
mod log;
mod pacer;
pub(crate) mod saved;
mod sent;
pub(crate) mod ticket;
pub(crate) mod time;
mod view;

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind, Quota, Random, Usage};

use self::{
    guard::Guard,
    lessons::Lessons,
    levels::Levels,
    pacer::Stated,
    ticket::{Admission, Held, Ticket},
    time::{Epoch, Time, seconds},
};
use crate::{Limit, LimitError, charge::Charge};

pub(crate) use bucket::Bucket;

pub use change::{Below, Change, Ignored, Reason};
pub use view::{Closed, Counts, Standing};

/// Everything one key may do: the limits of one account at one provider, decided together or not at
/// all.
///
/// It holds no clock, no queue and no timer: every method takes the time, and time that runs
/// backwards counts as standing still. A limiter keeps one behind a lock for each key.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tokio::time::Instant;
/// use tollgate_core::{Cost, Quota, Random, Usage};
/// use tollgate_limit::{Account, Admission, Limit};
///
/// let now = Instant::now();
/// let limits = [
///     Limit::requests(60, Duration::from_secs(60)).bucket(1),
///     Limit::tokens(1_000, Duration::from_secs(60)).bucket(1_000),
/// ];
/// let mut account = Account::new(&limits, Random::seeded(7), now, SystemTime::UNIX_EPOCH)?;
///
/// // A prompt of 100 tokens, at most 300 of answer. No other call waits.
/// let cost = Cost::default().with_input_tokens(100).with_output_tokens(300);
/// let Admission::Admitted(mut ticket) = account.admit(&cost, 0, now) else { panic!("the first") };
/// assert!(matches!(account.admit(&cost, 0, now), Admission::NotBefore(..)));
///
/// // The head of the answer comes, then its end: it took 90 tokens of answer.
/// account.answer(&mut ticket, &Quota::new(), now + Duration::from_millis(600));
/// account.settle(ticket, &Usage::new(100, 90), now + Duration::from_millis(900));
/// # Ok::<(), tollgate_limit::LimitError>(())
/// ```
#[derive(Debug)]
pub struct Account {
    epoch: Epoch,
    guards: Vec<Guard>,
    /// A configured limit of requests has a shape.
    has_exact: bool,
    /// What answers teach; absent where only configured limits count.
    learned: Option<Box<Lessons>>,
    /// What tickets that were not handed back take.
    reserved: Cost,
    /// What nobody asked for yet.
    changes: Vec<Change>,
    random: Random,
}

impl Account {
    /// An account with these limits; none are needed. `wall` is the time of day at `now`, for limits
    /// that end at midnight; `random` is for jitter.
    ///
    /// # Errors
    ///
    /// When a limit cannot be kept.
    pub fn new(
        limits: &[Limit],
        random: Random,
        now: Instant,
        wall: SystemTime,
    ) -> Result<Self, LimitError> {
        let mut account = Self {
            epoch: Epoch::new(now),
            guards: Vec::new(),
            has_exact: false,
            learned: Some(Box::default()),
            reserved: Cost::default().with_requests(0),
            changes: Vec::new(),
            random,
        };
        account.reconfigure(limits, now, wall)?;
        Ok(account)
    }

    /// Keeps to the configured limits and to nothing else: answers teach nothing, and rejections hold
    /// nobody. A limit without a shape is a fact then, as one with a shape is. For limits of one's own,
    /// such as those of tenants.
    #[must_use]
    pub fn configured_only(mut self) -> Self {
        self.forget_lessons();
        self
    }

    /// [`configured_only`](Self::configured_only) from now on.
    pub(crate) fn forget_lessons(&mut self) {
        self.learned = None;
    }

    /// Answers and rejections change nothing here.
    pub(crate) const fn is_configured_only(&self) -> bool {
        self.learned.is_none()
    }

    /// Replaces the configured limits. What was taken stays taken, and what was learned stays known.
    ///
    /// # Errors
    ///
    /// When a limit cannot be kept; nothing has changed then.
    pub fn reconfigure(
        &mut self,
        limits: &[Limit],
        now: Instant,
        wall: SystemTime,
    ) -> Result<(), LimitError> {
        limits.iter().try_for_each(Limit::check)?;
        let now = self.advance(now);
        let old = std::mem::take(&mut self.guards);
        for limit in limits {
            let same = |guard: &&Guard| {
                guard.kind() == limit.kind() && guard.limit.period() == limit.period()
            };
            let known = old.iter().find(same);
            let guard = match known {
                Some(guard) if guard.limit == *limit => guard.clone(),
                _ => {
                    let mut guard = Guard::new(limit, now, wall);
                    match known {
                        Some(old) => guard.take_over(old, now),
                        None => {
                            let open = guard.charge(&self.reserved);
                            guard.owe(open, now);
                        }
                    }
                    guard
                }
            };
            self.guards.push(guard);
        }
        // A day's limit says nothing of how many may go at once.
        let exact = |guard: &Guard| {
            let is_short = guard.limit.period() <= Duration::from_secs(60);
            guard.kind() == LimitKind::Requests && guard.is_exact() && is_short
        };
        self.has_exact = self.guards.iter().any(exact);
        let (capacity, rate) = (self.capacity(), self.rate());
        if let Some(learned) = &mut self.learned {
            learned.pacer.configure(capacity, rate);
        }
        Ok(())
    }

    /// The configured limit of requests at which a ramp asks: the smallest. An exact one holds calls
    /// by itself.
    fn capacity(&self) -> Option<f64> {
        let requests = |guard: &&Guard| guard.kind() == LimitKind::Requests && !guard.is_exact();
        let amounts = self.guards.iter().filter(requests);
        let smallest = amounts.map(Guard::amount).min();
        smallest.map(|amount| amount as f64)
    }

    /// The slowest configured pace of requests, in calls a second.
    fn rate(&self) -> Option<f64> {
        let requests = |guard: &&Guard| guard.kind() == LimitKind::Requests && !guard.has_day();
        let rates = self.guards.iter().filter(requests);
        rates
            .map(|guard| guard.per_minute() / 60.0)
            .reduce(f64::min)
    }

    /// A limit ends at midnight somewhere: [`set_wall`](Self::set_wall) before a decision.
    #[must_use]
    pub fn has_calendar(&self) -> bool {
        self.guards.iter().any(Guard::has_day)
    }

    /// States the time of day at `now`. The clock of timers stands still while a machine sleeps, and
    /// the time of day can be set.
    pub fn set_wall(&mut self, wall: SystemTime, now: Instant) {
        // Not advanced before: by the clock of timers it may be another day.
        let now = self.epoch.read(now);
        for guard in &mut self.guards {
            guard.set_wall(wall, now);
        }
    }

    /// May a call of this cost go now, with `waiting` others behind it? All limits take its cost, or
    /// none does.
    #[inline]
    pub fn admit(&mut self, cost: &Cost, waiting: usize, now: Instant) -> Admission {
        let now = self.epoch.read(now);
        if let Some(learned) = &mut self.learned {
            if learned.levels.advance(seconds(now)) {
                self.renew(now);
            }
        }
        let is_open = |it: &Lessons| it.pacer.is_to_judge(seconds(now));
        if self.learned.as_deref().is_some_and(is_open) {
            self.judge(now);
        }
        if let Err((at, guard)) = self.take(cost, now) {
            return self.not_before(at, guard, now);
        }
        let ticket = match self.learn(cost, waiting, now) {
            Ok(ticket) => ticket,
            Err((at, held)) => {
                for guard in &mut self.guards {
                    guard.give(guard.charge(cost), now);
                }
                return Admission::NotBefore(self.epoch.instant_of(at, now), held);
            }
        };
        self.reserved = combine(&self.reserved, cost, true);
        Admission::Admitted(ticket)
    }

    /// A window ended, as the provider stated.
    #[cold]
    fn renew(&mut self, now: Time) {
        let Some(learned) = &self.learned else {
            return;
        };
        for guard in &mut self.guards {
            if learned.levels.has_ended(&guard.limit, seconds(now)) {
                let from = seconds(now) - guard.rounding();
                let recent = learned.sent.amount_after(guard.kind(), from);
                guard.renew(recent, now);
            }
        }
    }

    /// Takes a cost from all configured limits, or from none.
    #[inline]
    fn take(&mut self, cost: &Cost, now: Time) -> Result<(), (Time, usize)> {
        for at in 0..self.guards.len() {
            let guard = &mut self.guards[at];
            if let Err(until) = guard.take(guard.charge(cost), now) {
                for guard in &mut self.guards[..at] {
                    guard.give(guard.charge(cost), now);
                }
                return Err((until, at));
            }
        }
        Ok(())
    }

    /// A configured limit holds a call, or until the provider states a new window.
    #[cold]
    fn not_before(&mut self, at: Time, guard: usize, now: Time) -> Admission {
        let guard = &self.guards[guard];
        let held = Held::Configured(guard.kind());
        let mut until = self.epoch.instant(at.max(now + 1));
        if let Some(learned) = &mut self.learned {
            learned.pacer.was_held(seconds(at), seconds(now));
            let end = learned.levels.end(&guard.limit);
            if let Some(end) = end.filter(|_| guard.is_refilled()) {
                until = until.min(self.epoch.instant_of(end, now));
            }
        }
        Admission::NotBefore(until, held)
    }

    /// What was learned lets a call go, or holds it.
    #[inline]
    fn learn(&mut self, cost: &Cost, waiting: usize, at: Time) -> Result<Ticket, (f64, Held)> {
        let mut ticket = Ticket::new(*cost, at);
        let Some(learned) = &mut self.learned else {
            return Ok(ticket);
        };
        let now = seconds(at);
        let gate = &learned.pacer.gate;
        let mut is_test = false;
        if now < gate.until && concerns(gate.kind, cost) {
            ticket.spared = learned.spares(cost, now);
            is_test = !ticket.spared && learned.pacer.pass_gate(now)?;
        }
        let Lessons {
            levels,
            pacer,
            sent,
            ..
        } = &mut **learned;
        let guards = &self.guards;
        // An exact limit that no rejection has spoken against is no guess: nothing is to be found out.
        let is_known = self.has_exact && pacer.is_fresh();
        if !is_test && !is_known {
            let stated = levels.room(cost, pacer.measured().is_some(), now, |kind| {
                guards
                    .iter()
                    .any(|guard| guard.kind() == kind && guard.is_exact())
            });
            pacer.admit(now, waiting, stated, sent)?;
            ticket.by_headers = stated == Stated::Room;
        }
        pacer.send(now);
        levels.take(cost);
        sent.send(cost, now);
        ticket.generation = pacer.generation;
        Ok(ticket)
    }

    /// The head of a successful answer came. What it says of its limits counts once for each ticket.
    #[inline]
    pub fn answer(&mut self, ticket: &mut Ticket, quota: &Quota, now: Instant) {
        if ticket.answered {
            return;
        }
        ticket.answered = true;
        let wants = self
            .learned
            .as_ref()
            .is_some_and(|it| it.pacer.wants_success());
        if wants || !quota.is_empty() {
            self.served(ticket, quota, now);
        }
    }

    /// The answer is complete, and this is what it took.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    #[inline]
    pub fn settle(&mut self, ticket: Ticket, usage: &Usage, now: Instant) {
        self.reserved = combine(&self.reserved, &ticket.cost, false);
        for guard in &mut self.guards {
            let reserved = guard.charge(&ticket.cost);
            let used = Charge::used(&ticket.cost, usage, guard.kind()).total();
            if reserved != used {
                guard.settle(reserved, used, ticket.sent, self.epoch.read(now));
            }
        }
        if let Some(learned) = &mut self.learned {
            learned.levels.settle(&ticket.cost, usage);
        }
    }

    /// The answer is complete or was given up, and nobody knows what it took: the estimate stands.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    #[inline]
    pub fn finish(&mut self, ticket: Ticket) {
        self.reserved = combine(&self.reserved, &ticket.cost, false);
    }

    /// The call was not counted: it never reached the provider.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    pub fn refund(&mut self, ticket: Ticket, now: Instant) {
        self.advance(now);
        self.reserved = combine(&self.reserved, &ticket.cost, false);
        for guard in &mut self.guards {
            guard.give(guard.charge(&ticket.cost), ticket.sent);
        }
        if let Some(learned) = &mut self.learned {
            learned.sent.take_out(&ticket.cost, seconds(ticket.sent));
            learned.levels.give(&ticket.cost);
            learned.pacer.unsend(seconds(ticket.sent));
        }
    }

    /// What is reserved for calls whose tickets were not handed back.
    #[must_use]
    pub const fn reserved(&self) -> &Cost {
        &self.reserved
    }

    /// A stated wait holds calls now, but perhaps not small ones.
    pub(crate) fn may_spare(&self, now: Instant) -> bool {
        let learned = self.learned.as_ref().filter(|it| it.is_explained);
        learned.is_some_and(|it| seconds(self.epoch.peek(now)) < it.pacer.gate.until)
    }

    /// A stated wait holds calls now, but not one of this cost.
    pub(crate) fn spares(&self, cost: &Cost, now: Instant) -> bool {
        let now = seconds(self.epoch.peek(now));
        let learned = self.learned.as_ref();
        learned.is_some_and(|it| now < it.pacer.gate.until && it.spares(cost, now))
    }

    /// A call that is admitted now should tell of its success as soon as its head is there, even if
    /// the head says nothing of limits.
    #[inline]
    pub(crate) fn wants_success(&self) -> bool {
        self.learned
            .as_ref()
            .is_some_and(|learned| learned.pacer.wants_success())
    }

    /// Nothing would be lost but what was learned, if the account were forgotten.
    pub(crate) fn is_idle(&mut self, now: Instant) -> bool {
        let now = self.advance(now);
        let is_open = self
            .learned
            .as_ref()
            .is_none_or(|learned| learned.pacer.gate.until <= seconds(now));
        is_open && self.guards.iter().all(|guard| guard.is_full(now))
    }

    /// Answers and rejections teach it something.
    #[inline]
    pub(crate) const fn learns(&self) -> bool {
        self.learned.is_some()
    }

    /// A pause after a rejection that stated no wait ends now. A stated wait stays.
    pub(crate) fn end_pause(&mut self, now: Instant) {
        let now = seconds(self.epoch.read(now));
        if let Some(learned) = &mut self.learned {
            learned.pacer.gate.end_pause(now);
        }
    }

    fn advance(&mut self, now: Instant) -> Time {
        let now = self.epoch.read(now);
        for guard in &mut self.guards {
            guard.advance(now);
        }
        let ended = self
            .learned
            .as_mut()
            .is_some_and(|learned| learned.levels.advance(seconds(now)));
        if ended {
            self.renew(now);
        }
        now
    }
}

/// Does a closed gate of this kind hold back a call of this cost?
fn concerns(kind: Option<LimitKind>, cost: &Cost) -> bool {
    kind.is_none_or(|kind| Charge::of(cost, kind).total() > 0)
}

/// Adds a cost, or takes one off, part by part. Sums that overflow come back when what made them too
/// large is taken off again.
#[inline]
fn combine(a: &Cost, b: &Cost, add: bool) -> Cost {
    const fn part(a: u64, b: u64, add: bool) -> u64 {
        if add {
            a.wrapping_add(b)
        } else {
            a.wrapping_sub(b)
        }
    }
    Cost::default()
        .with_requests(part(a.requests(), b.requests(), add))
        .with_input_tokens(part(a.input_tokens(), b.input_tokens(), add))
        .with_output_tokens(part(a.output_tokens(), b.output_tokens(), add))
        .with_images(part(a.images(), b.images(), add))
}
