//! Several limits, decided together.

mod change;
mod fits;
mod forecast;
mod heeds;
mod inside;
mod plain;
pub(crate) mod saved;
mod view;

use std::time::SystemTime;

use tokio::time::Instant;
use tollgate_core::{Classification, Cost, Quota, Random, Usage};

use crate::{
    Limit, LimitError,
    charge::Charge,
    gate::Gate,
    ledger::Ledger,
    meter::Room,
    pace::Pace,
    ramp::Ramp,
    ticket::{Admission, Ticket},
    time::{Epoch, Time},
};
pub use change::{Change, Ignored};
use inside::{combine, concerns};
pub use view::{Closed, Counts, Standing};

/// Everything one key may do: the limits of one account at one provider, decided together or not at
/// all.
///
/// It holds no clock, no queue and no timer: every method is told the time, and time that runs
/// backwards is taken as standing still. A limiter keeps one behind a lock for each key.
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
/// // A prompt of 100 tokens, at most 300 of answer.
/// let cost = Cost::default().with_input_tokens(100).with_output_tokens(300);
/// let Admission::Admitted(mut ticket) = account.admit(&cost, now) else { panic!("the first") };
/// assert!(matches!(account.admit(&cost, now), Admission::NotBefore(_)));
///
/// // The head of the answer comes, then its end: it took 90 tokens of answer.
/// account.answer(&mut ticket, &Quota::new(), now + Duration::from_millis(600));
/// account.settle(ticket, &Usage::new(100, 90), now + Duration::from_millis(900));
/// # Ok::<(), tollgate_limit::LimitError>(())
/// ```
#[derive(Debug)]
pub struct Account {
    epoch: Epoch,
    ledgers: Vec<Ledger>,
    gates: Vec<Gate>,
    /// One of them is closed.
    is_shut: bool,
    /// Every limit is a bucket that a person stated, no answer spoke of one, and nothing holds calls
    /// back. Then there is little to do.
    is_plain: bool,
    ramp: Ramp,
    /// The search for a limit that no header tells.
    pace: Option<Pace>,
    tickets: u64,
    /// What calls without an answer take.
    in_flight: Cost,
    /// What tickets that were not handed back take.
    reserved: Cost,
    /// What nobody asked for yet.
    changes: Vec<Change>,
    /// A limit turned out to be another than was known.
    learned: bool,
    random: Random,
}

/// How many limits an account counts: those of a quota, and as many configured ones.
const LEDGERS: usize = 2 * Quota::CAPACITY;

impl Account {
    /// An account with these limits; none are needed. `wall` is the time of day at `now`, for limits
    /// that end at midnight; `random` is for jitter.
    ///
    /// # Errors
    ///
    /// When a limit can not be kept.
    pub fn new(
        limits: &[Limit],
        random: Random,
        now: Instant,
        wall: SystemTime,
    ) -> Result<Self, LimitError> {
        let mut account = Self {
            epoch: Epoch::new(now),
            ledgers: Vec::new(),
            gates: vec![Gate::new(None)],
            is_shut: false,
            is_plain: false,
            ramp: Ramp::new(),
            pace: None,
            tickets: 0,
            in_flight: Cost::default().with_requests(0),
            reserved: Cost::default().with_requests(0),
            changes: Vec::new(),
            learned: false,
            random,
        };
        account.reconfigure(limits, now, wall)?;
        let known = account.ledgers.iter().all(Ledger::is_proven);
        if known && !account.ledgers.is_empty() {
            account.ramp = Ramp::done();
        }
        account.look();
        Ok(account)
    }

    /// Replaces the configured limits. What was taken stays taken, and what was learned stays known.
    ///
    /// # Errors
    ///
    /// When a limit can not be kept; nothing has changed then.
    pub fn reconfigure(
        &mut self,
        limits: &[Limit],
        now: Instant,
        wall: SystemTime,
    ) -> Result<(), LimitError> {
        limits.iter().try_for_each(Limit::check)?;
        let now = self.advance(now);
        for ledger in &mut self.ledgers {
            let limit = limits.iter().find(|limit| ledger.is_of(limit));
            let under_way = Charge {
                now: Charge::of(&self.in_flight, ledger.kind).now,
                later: Charge::of(&self.reserved, ledger.kind).later,
            };
            ledger.reconfigure(limit, under_way, now, wall);
        }
        for limit in limits {
            if !self.ledgers.iter().any(|ledger| ledger.is_of(limit)) {
                let mut born = Ledger::configured(limit, now, wall);
                born.take(Charge::of(&self.in_flight, limit.kind()), now);
                self.ledgers.push(born);
            }
        }
        self.look();
        Ok(())
    }

    /// May a call of this cost go now? All limits take its cost, or none does.
    pub fn admit(&mut self, cost: &Cost, now: Instant) -> Admission {
        match self.admit_plain(cost, now) {
            Some(ticket) => Admission::Admitted(ticket),
            None => self.decide(cost, now),
        }
    }

    #[inline(never)]
    fn decide(&mut self, cost: &Cost, now: Instant) -> Admission {
        let now = self.advance(now);
        let gates = self.gates[..self.shut()].iter();
        let gates = gates.filter(|gate| concerns(gate.kind, cost));
        let closed = gates
            .map(|gate| gate.opens(now))
            .fold(self.ramp.opens(), Time::max);
        match self.room(cost, now) {
            Err(large) => Admission::Never(large),
            Ok(Room::Now) if closed <= now => Admission::Admitted(self.take(cost, now)),
            Ok(Room::At(at)) => self.not_before(at.max(closed), now),
            Ok(_) => self.not_before(closed, now),
        }
    }

    /// Calls wait for the first answers, of which nobody knows when they come.
    pub(crate) fn is_starting(&mut self, now: Instant) -> bool {
        let opens = self.ramp.opens();
        opens > 0 && opens > self.advance(now)
    }

    /// The head of a successful answer came. What it says of its limits counts once for each ticket.
    pub fn answer(&mut self, ticket: &mut Ticket, quota: &Quota, now: Instant) {
        if ticket.answered {
            return;
        }
        ticket.answered = true;
        if self.is_plain && quota.is_empty() {
            self.in_flight = combine(&self.in_flight, &ticket.cost, false);
            return;
        }
        self.served(ticket, quota, now);
    }

    /// The provider turned the call away, and did not count it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    pub fn reject(&mut self, ticket: Ticket, seen: &Classification, quota: &Quota, now: Instant) {
        let now = self.advance(now);
        self.give_back(&ticket, true);
        self.close(&ticket, seen, quota, now);
        if !ticket.answered {
            self.read(&ticket, quota, false, now);
        }
        self.look();
    }

    /// The answer is complete, and this is what it took.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    pub fn settle(&mut self, ticket: Ticket, usage: &Usage, now: Instant) {
        if self.is_plain {
            return self.settle_plain(&ticket, usage, now);
        }
        self.end(&ticket, |kind| Charge::used(&ticket.cost, usage, kind), now);
    }

    /// The answer is complete or was given up, and nobody knows what it took: the estimate stands.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    #[inline]
    pub fn finish(&mut self, ticket: Ticket, now: Instant) {
        if self.is_plain {
            return self.finish_plain(&ticket);
        }
        self.end(&ticket, |kind| Charge::of(&ticket.cost, kind), now);
    }

    /// The call was not counted: it never reached the provider.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    pub fn refund(&mut self, ticket: Ticket, now: Instant) {
        self.advance(now);
        self.give_back(&ticket, false);
        self.forget(&ticket);
        if !ticket.answered {
            self.ramp.forget();
            self.in_flight = combine(&self.in_flight, &ticket.cost, false);
            for ledger in &mut self.ledgers {
                ledger.answered(Charge::of(&ticket.cost, ledger.kind));
            }
        }
    }

    /// What is reserved for calls whose tickets were not handed back.
    #[must_use]
    pub const fn reserved(&self) -> &Cost {
        &self.reserved
    }
}
