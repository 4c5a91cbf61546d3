//! Serves those who wait.

use std::task::Waker;
use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, Reason};

use super::{Granted, State, Verdict};
use crate::{
    Held,
    account::time::{Time, span},
    local::queue::{Claim, Ended, Refusal},
};

/// A grant that nobody fetches for so long goes to the next.
///
/// Its waiter is held by a task that does something else, a stream that nobody reads for example.
const GRACE: Duration = Duration::from_secs(1);

/// So many waiters are served, refused or skipped under one lock: a thousand take about a millisecond.
const BATCH: usize = 256;

/// The time of day is read so often while a call waits for midnight: the clock of timers stands still
/// while a machine sleeps.
const LOOK: Duration = Duration::from_secs(60);

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// There is more to do now.
    More,
    /// Time changes something then.
    At(Instant),
    /// Time changes nothing.
    Nothing,
}

impl State {
    /// Serves from the front as long as there is room. `wakers` are to be called without a lock.
    pub(crate) fn pump(&mut self, now: Instant, wakers: &mut Vec<Waker>) -> Next {
        self.look_at_clock(now);
        // Before any grant: a call whose wait was ended must not go.
        if !self.end(now, wakers) {
            return Next::More;
        }
        let time = self.dial.time(now);
        let grace = span(GRACE);
        let mut left = BATCH.saturating_sub(wakers.len());
        self.fetch_back(time.saturating_sub(grace), now, &mut left);
        self.expire(time, now, wakers, &mut left);
        (self.held, self.passes) = (None, None);
        self.serve(now, wakers, &mut left);
        // Calls whose last moment is now had their last chance.
        self.expire(time.saturating_add(1), now, wakers, &mut left);
        if left == 0 {
            return Next::More;
        }
        self.appoint(wakers);
        let opens = self.held.map(|(at, _)| at);
        let expiry = self.queue.next_expiry();
        let expiry = expiry.map(|at| at.saturating_add(self.patience()));
        let expiry = expiry.and_then(|at| self.dial.after(at.saturating_sub(1)));
        let fetched = self.queue.oldest_grant();
        let fetched = fetched.and_then(|made| self.dial.after(made.saturating_add(grace)));
        let looks = self.has_calendar && !self.queue.is_empty();
        let looks = looks.then(|| now + LOOK);
        let next = [opens, self.passes, expiry, fetched, looks]
            .into_iter()
            .flatten()
            .min();
        next.map_or(Next::Nothing, Next::At)
    }

    /// A guess rejects no call: while only a burst is spread, calls wait a little beyond their time.
    fn patience(&self) -> Time {
        match self.held {
            Some((_, Held::Start)) => span(GRACE),
            _ => 0,
        }
    }

    /// Takes back grants made until `time` that were not fetched.
    fn fetch_back(&mut self, time: Time, now: Instant, left: &mut usize) {
        while *left > 0 && self.queue.oldest_grant().is_some_and(|made| made <= time) {
            *left -= 1;
            if let Some(granted) = self.queue.take_back() {
                self.take_back(granted, now);
            }
        }
    }

    /// `shed` is set, and a fact holds the first call.
    fn is_shedding(&self) -> bool {
        let is_guess = self.held.is_some_and(|(_, held)| held.is_guess());
        self.waiting.shed && !is_guess && !self.queue.is_empty()
    }

    /// Rejects calls whose last moment is before `time`, or before the end of a wait that the provider
    /// stated.
    fn expire(&mut self, time: Time, now: Instant, wakers: &mut Vec<Waker>, left: &mut usize) {
        let stated = self.account.closed_for_all(now);
        let closed = stated.map_or(0, |until| self.dial.time(until));
        let late = match self.is_shedding() {
            true => Time::MAX,
            false => time.saturating_sub(self.patience()).max(closed),
        };
        while let Some(at) = self.queue.expired(late).filter(|_| *left > 0) {
            *left -= 1;
            let cost = *self.queue.cost(at);
            let until = self.forecast(&Cost::default().with_requests(0), &cost, now);
            // It could not go, so a forecast of now only says that nothing is known.
            let until = until.filter(|until| *until > now);
            let reason = self.is_shedding().then_some(Reason::WaitTooLong);
            let refusal = Refusal { reason, until };
            wakers.extend(self.queue.refuse(at, refusal));
        }
    }

    /// Grants as much as there is.
    fn serve(&mut self, now: Instant, wakers: &mut Vec<Waker>, left: &mut usize) {
        while *left > 0 {
            let Some((at, cost)) = self.queue.front() else {
                return;
            };
            let cost = *cost;
            match self.admit(&cost, now) {
                Verdict::Go(granted) => {
                    *left -= 1;
                    let time = self.dial.time(now);
                    wakers.extend(self.queue.grant(at, granted, time));
                }
                Verdict::Wait(held) => {
                    self.held = held;
                    return self.let_pass(now, wakers, left);
                }
            }
        }
    }

    /// Grants calls that need fewer tokens than the first one waits for.
    fn let_pass(&mut self, now: Instant, wakers: &mut Vec<Waker>, left: &mut usize) {
        if !self.is_passable(now) {
            return;
        }
        for at in self.spared(now) {
            let cost = *self.queue.cost(at);
            if *left == 0 || !self.account.spares(&cost, now) {
                continue;
            }
            let granted = match self.admit(&cost, now) {
                Verdict::Go(granted) => granted,
                Verdict::Wait(held) => {
                    self.passes = held.map(|(at, _)| at);
                    return;
                }
            };
            *left -= 1;
            let time = self.dial.time(now);
            wakers.extend(self.queue.grant(at, granted, time));
        }
    }

    /// Those behind the first whom its wait is not meant for.
    fn spared(&self, now: Instant) -> Vec<u32> {
        let behind = self.queue.behind().take(BATCH);
        let spared = behind.filter(|(_, cost)| self.account.spares(cost, now));
        spared.map(|(at, _)| at).collect()
    }

    /// One of those waits as well.
    pub(super) fn has_spared(&self, now: Instant) -> bool {
        let mut behind = self.queue.behind().take(BATCH);
        behind.any(|(_, cost)| self.account.spares(cost, now))
    }

    /// Wakes a new first call, which sets the timer.
    fn appoint(&mut self, wakers: &mut Vec<Waker>) {
        let front = self.queue.front().map(|(at, _)| at);
        if self.head != front {
            self.head = front;
            wakers.extend(front.and_then(|at| self.queue.wake(at)));
        }
    }

    /// The circuit breaker above opened, until then: no waiting call goes. [`pump`](Self::pump) rejects
    /// them.
    pub(crate) fn evict(&mut self, until: Option<Instant>) {
        let reason = Some(Reason::CircuitOpen);
        self.queue.end_all(Refusal { reason, until });
    }

    /// Rejects calls whose wait was ended. `false` if more may be left.
    fn end(&mut self, now: Instant, wakers: &mut Vec<Waker>) -> bool {
        for _ in 0..BATCH {
            match self.queue.next_ended(BATCH) {
                Ended::At(at) => self.refuse_if_ended(at, now, wakers),
                Ended::More => return false,
                Ended::Done => return true,
            }
        }
        false
    }

    fn refuse_if_ended(&mut self, at: u32, now: Instant, wakers: &mut Vec<Waker>) {
        if let Some(granted) = self.queue.refuse_if_ended(at, wakers) {
            self.take_back(granted, now);
        }
    }

    /// What became of a place.
    pub(crate) fn claim(&mut self, at: u32, waker: &Waker) -> Claim<Granted> {
        if self.queue.is_ending() {
            self.refuse_if_ended(at, Instant::now(), &mut Vec::new());
        }
        self.queue.claim(at, waker)
    }
}
