//! When the next call may go, as far as answers and rejections teach: silence is consent.
//!
//! A rejection is back within a round trip, however long answers take. So calls go in a ramp: some at
//! once, a silence in which a rejection would come, then ever more. What is known beforehand, such as
//! a configured limit, is a [barrier](Ramp) at which the ramp starts again, and never a stop. Three
//! things stop calls: a wait that the provider stated, a pace that was measured between two
//! rejections, and, after a rejection that states no wait, a pause of at most 20 s.

mod cruise;
mod flow;
mod gate;
mod judge;
mod ramp;
mod round_trip;
mod silence;
mod trust;

use tollgate_core::LimitKind;

use self::{
    flow::Flow,
    ramp::{FIRST, Ramp},
    round_trip::RoundTrip,
    silence::Silence,
    trust::Trust,
};
pub(super) use self::{gate::Gate, judge::Judged, trust::Deception};
use super::{sent::Sent, ticket::Held, time::Seconds};

/// So many calls may be lost beyond a fiftieth of all while a limit is looked for.
const BUDGET: f64 = 14.0;

/// While no more than this was lost, a provider that states no wait is asked the oftener the less was.
const SPARED: f64 = 24.0;

/// A ramp after a rejection grows by a factor of e in this time; before the first one in a third.
const GROWTH: Seconds = 0.12;

/// Nothing that was learned holds after so long without a call.
const FORGET: Seconds = 600.0;

/// After so long, what was lost and sent counts half.
const HALF: Seconds = 300.0;

/// What headers say of the limits that a call takes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stated {
    /// There is room in all of them.
    Room,
    /// There is room at this time: a proven bucket, or the end of a window that is near.
    At(LimitKind, Seconds),
    /// There is none.
    Short,
    /// Of one of them nothing is known, or there are none.
    Unknown,
}

/// A rejection as the pacer needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rejection {
    /// When the call was sent.
    pub(super) sent: Seconds,
    pub(super) generation: u32,
    /// The wait that the provider stated.
    pub(super) wait: Option<Seconds>,
    /// Only calls that take some of this are meant.
    pub(super) kind: Option<LimitKind>,
    /// From 0 to 1.
    pub(super) random: f64,
}

/// The state of a key's pace.
#[derive(Debug, Default)]
pub(super) struct Pacer {
    pub(super) gate: Gate,
    /// Counts the closings of the gate. Rejections of calls sent before one say nothing new.
    pub(super) generation: u32,
    ramp: Ramp,
    is_open: bool,
    /// The headers had no room, and the ramp asks.
    is_short: bool,
    flow: Option<Flow>,
    /// The rejection that was not judged yet: all of its burst are back when the gate opens.
    pending: Option<(Seconds, Option<Seconds>)>,
    /// When the gate was closed last.
    closed: Seconds,
    /// When the call was sent whose rejection was judged last.
    before: Option<Seconds>,
    /// The same, where calls have been coming ever since.
    busy_since: Option<Seconds>,
    /// Calls between an opening and its rejection: seen, stated by headers, or configured.
    capacity: Option<f64>,
    /// The configured pace, in calls a second.
    configured_rate: Option<f64>,
    /// The seen ones.
    proven: f64,
    /// Calls of the minute before a rejection.
    minute: Option<f64>,
    silence: Silence,
    trust: Trust,
    /// A rejection stated a wait, and a later one did not.
    states_waits: bool,
    is_mixed: bool,
    pub(super) trip: RoundTrip,
    /// Rejections and calls of late.
    spent: f64,
    counted: f64,
    halved: Seconds,
    /// When a call last went, or until when one had to wait.
    busy: Seconds,
    waiting: f64,
}

impl Pacer {
    /// `capacity` is a configured limit, in calls.
    fn new(capacity: Option<f64>) -> Self {
        Self {
            capacity,
            ..Self::default()
        }
    }

    /// A configured limit is `capacity` calls, and `rate` calls a second in the long run.
    pub(super) fn configure(&mut self, capacity: Option<f64>, rate: Option<f64>) {
        self.configured_rate = rate;
        if self.proven < 1.0 {
            self.capacity = capacity;
            if self.ramp.barrier.is_some() {
                self.ramp.barrier = capacity;
            }
        }
    }

    /// No rejection was seen, or all was long ago.
    #[inline]
    pub(super) fn is_fresh(&self) -> bool {
        self.before.is_none() && self.pending.is_none() && self.spent < 1.0
    }

    /// The pace that was measured, in calls a second.
    pub(super) fn measured(&self) -> Option<f64> {
        self.flow.map(|flow| flow.rate)
    }

    /// How long the last of `n` calls waits for the measured pace.
    pub(super) fn wait_for_pace(&self, n: f64, now: Seconds) -> Seconds {
        self.flow.map_or(0.0, |flow| flow.wait(n, now))
    }

    /// A success at the head is worth telling: it may end the wait of all.
    #[inline]
    pub(super) const fn wants_success(&self) -> bool {
        self.gate.is_tested()
    }

    /// A call of the newest generation was served while the gate is closed: what the provider stated
    /// is not so.
    pub(super) fn serve(&mut self, generation: u32, now: Seconds) -> bool {
        let is_test = self.gate.is_tested() && generation == self.generation;
        if is_test && now < self.gate.until {
            self.gate.open(now);
            self.busy = now;
            return true;
        }
        false
    }

    /// A call had to wait until then, so the key is not idle.
    pub(super) fn was_held(&mut self, until: Seconds, now: Seconds) {
        // A long wait is no call: what was learned fades meanwhile.
        self.busy = self.busy.max(until.min(now + 60.0));
    }

    /// A rejection waits for its judgement and the gate is open.
    pub(super) fn is_to_judge(&self, now: Seconds) -> bool {
        self.pending.is_some() && now >= self.gate.until
    }

    /// So many calls may be lost.
    fn budget(&self) -> f64 {
        BUDGET + 0.02 * (self.counted - self.spent + self.waiting).max(0.0)
    }

    /// Half of what may be lost was lost.
    fn is_tight(&self) -> bool {
        self.spent > self.budget() / 2.0
    }

    /// Admits a call with so many waiting behind it, or returns when to ask again.
    pub(super) fn admit(
        &mut self,
        now: Seconds,
        waiting: usize,
        stated: Stated,
        sent: &Sent,
    ) -> Result<(), (Seconds, Held)> {
        self.waiting = waiting as f64;
        if let Err(held) = self.decide(now, stated, sent) {
            self.was_held(held.0, now);
            return Err(held);
        }
        if stated == Stated::Room {
            self.trust.send();
            if let Some(flow) = &mut self.flow {
                flow.spend(now);
            }
        }
        Ok(())
    }

    /// A call goes.
    #[inline]
    pub(super) fn send(&mut self, now: Seconds) {
        self.busy = self.busy.max(now);
        self.ramp.sent += 1.0;
        self.counted += 1.0;
    }

    /// A call that had room by the headers was rejected; `is_new` where that closed the gate.
    pub(super) fn count_deception(&mut self, is_new: bool) -> Deception {
        self.trust.reject(is_new)
    }

    /// A call that was admitted at `sent` did not go after all.
    pub(super) fn unsend(&mut self, sent: Seconds) {
        if sent >= self.ramp.opened {
            self.ramp.sent = (self.ramp.sent - 1.0).max(0.0);
        }
        self.counted = (self.counted - 1.0).max(0.0);
    }

    /// May a call go that the gate is meant for? `true` where it tests what the provider stated, and
    /// goes whatever else is known.
    pub(super) fn pass_gate(&mut self, now: Seconds) -> Result<bool, (Seconds, Held)> {
        let passed = self.gate.pass(now);
        if let Err((until, _)) = passed {
            self.was_held(until, now);
        }
        passed
    }

    fn decide(&mut self, now: Seconds, stated: Stated, sent: &Sent) -> Result<(), (Seconds, Held)> {
        if now - self.busy > FORGET {
            self.forget();
        }
        if now - self.halved > HALF {
            self.halved = now;
            self.spent /= 2.0;
            self.counted /= 2.0;
            self.trust.halve();
        }
        if !self.is_open {
            self.is_open = true;
            self.ramp.open(now, FIRST, self.capacity);
        }
        self.look_for_a_pause(now, sent);
        let quiet = self.trip.quiet();
        match stated {
            Stated::Room => {
                // Small calls may have room where large ones do not.
                if now - self.ramp.growing > 0.5 {
                    self.is_short = false;
                }
                return Ok(());
            }
            Stated::At(kind, at) => return Err((at.max(now + 0.001), Held::Headers(kind))),
            Stated::Short if !self.is_short && self.flow.is_none() => {
                self.is_short = true;
                self.ramp.restart(now, quiet);
            }
            Stated::Unknown if self.is_short => {
                self.is_short = false;
                if self.flow.is_none() {
                    self.ramp.open(now, 1.0, self.capacity);
                }
            }
            _ => {}
        }
        match &mut self.flow {
            Some(flow) if flow.is_over(now) => {
                self.flow = None;
                self.ramp.open(now, FIRST, None);
            }
            Some(flow) => return flow.take(now).map_err(|at| (at, Held::Pace)),
            None => {}
        }
        self.climb(now, quiet).map_err(|at| (at, Held::Start))
    }

    fn forget(&mut self) {
        let configured = self.capacity.filter(|_| self.proven < 1.0);
        *self = Self {
            generation: self.generation,
            gate: self.gate,
            trip: std::mem::take(&mut self.trip),
            waiting: self.waiting,
            configured_rate: self.configured_rate,
            ..Self::new(configured)
        };
    }

    /// The queue was empty for a second: nothing was held, so some calls go at once again.
    fn look_for_a_pause(&mut self, now: Seconds, sent: &Sent) {
        let paused = now - self.busy > 1.0 && now - self.ramp.opened > 1.0;
        if paused {
            // Time in which nobody asked is no slowness.
            self.busy_since = None;
            self.silence.forget_paces();
        }
        if !paused || self.flow.is_some() {
            return;
        }
        self.ramp.growing = now;
        if self.ramp.sent >= FIRST {
            let left = |calls: f64| (calls - sent.calls(now - 60.0, now)).max(1.0);
            let (opened, barrier) = (self.ramp.opened, self.minute.map(left));
            self.ramp.open(now, FIRST, barrier);
            self.ramp.opened = opened;
        }
    }

    fn climb(&mut self, now: Seconds, quiet: Seconds) -> Result<(), Seconds> {
        if now >= self.ramp.hold && self.ramp.is_at_barrier() {
            self.ramp.restart(now, quiet);
        }
        if let Some(first) = self.ramp.first(now, quiet) {
            return first;
        }
        let cruise = self.cruise(now);
        let (sent, beyond) = (self.ramp.sent.max(1.0), self.ramp.is_beyond);
        let rate = match (self.is_fresh(), beyond) {
            (true, _) => sent / (GROWTH / 3.0),
            (false, false) => sent / GROWTH,
            (false, true) => sent / (2.0 * GROWTH),
        };
        self.ramp.step(now, rate.min(cruise))
    }

    /// The most calls a second that a ramp goes.
    fn cruise(&self, now: Seconds) -> f64 {
        let (sent, waiting) = (self.ramp.sent, self.waiting);
        let (age, barrier) = (now - self.ramp.growing, self.ramp.barrier);
        // What may still be lost, over the time until a rejection is back.
        let risk = (self.budget() - self.spent) / self.trip.usual();
        if self.is_fresh() {
            return cruise::fresh(sent, waiting, age, risk);
        }
        let below = barrier.filter(|barrier| sent < *barrier);
        let below = below.map_or(0.0, |barrier| barrier.min(self.proven));
        cruise::again(self.counted - self.spent + waiting, below, age, risk)
    }

    /// A call was rejected for a reason that has nothing to do with a pace.
    pub(super) fn lose(&mut self) {
        self.spent += 1.0;
    }

    /// A call was rejected. `true` where that closed the gate anew.
    pub(super) fn reject(&mut self, said: Rejection, sent: &Sent, now: Seconds) -> bool {
        self.spent += 1.0;
        if said.generation != self.generation {
            self.reject_old(said, now);
            return false;
        }
        self.generation = self.generation.wrapping_add(1);
        if said.wait.is_none() && self.gate.resume(now) {
            self.pending.get_or_insert((said.sent, said.wait));
            return true;
        }
        let since = self.before.unwrap_or(self.ramp.opened - 1e-6);
        let taken = sent.calls(since, said.sent);
        let times = (said.sent, now);
        self.silence.note(taken, (self.before, since), sent, times);
        self.pending = Some((said.sent, said.wait));
        self.closed = now;
        let old = self.gate;
        let until = self.until(said, sent, now);
        self.gate = Gate::closed(until, said.kind, said.wait.is_some());
        if let Some(wait) = said.wait {
            self.gate.test(wait, &old, self.is_mixed, now);
        } else {
            self.is_mixed |= self.states_waits;
        }
        self.states_waits |= said.wait.is_some();
        true
    }

    /// Of a burst, the first call that was rejected is judged, when no more rejections of it come.
    fn reject_old(&mut self, said: Rejection, now: Seconds) {
        if self.pending.is_some() && now - self.closed < 2.0 * self.trip.slow() {
            self.gate.until = self.gate.until.max(now + self.trip.quiet());
        }
        let Some(wait) = said.wait else {
            return;
        };
        match &mut self.pending {
            Some(first) if first.0 > said.sent && now + wait < self.gate.until => {
                *first = (said.sent, said.wait);
            }
            _ => {}
        }
    }

    fn until(&self, said: Rejection, sent: &Sent, now: Seconds) -> Seconds {
        let pause = || {
            let pace = self.silence.pace(sent, said.sent);
            let times = (now, self.trip.disorder());
            let asks = (SPARED - self.spent).max(3.0 + 0.005 * self.waiting);
            self.silence.pause(pace, asks, said.random, times)
        };
        let Some(wait) = said.wait else {
            return pause();
        };
        let until = now + wait.max(0.02) + (0.005 * wait).min(0.1) * said.random;
        // After several rejections in a row the stated waits are too short: a pause as without them.
        match self.silence.in_a_row {
            0..3 => until,
            _ => until.max(pause()),
        }
    }
}
