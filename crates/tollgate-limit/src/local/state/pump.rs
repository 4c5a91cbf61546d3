//! Serves those who wait.

use std::task::Waker;

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, Reason};

use super::{State, Verdict};
use crate::{
    queue::{Refusal, add},
    time::Time,
};

/// A grant that nobody fetches for so long goes to the next.
///
/// Its waiter is held by a task that does something else, a stream that nobody reads for example.
const GRACE: Duration = Duration::from_secs(1);

/// At most so many forecasts are made when those are looked for whose wait became hopeless.
const FORECASTS: usize = 32;

impl State {
    /// Serves from the front as long as there is room. Gives back when to look again, if time alone
    /// can change anything; `wakers` are to be called without a lock.
    pub(crate) fn pump(&mut self, now: Instant, wakers: &mut Vec<Waker>) -> Option<Instant> {
        let time = self.dial.time(now);
        self.expire(time, now, wakers);
        let grace = u64::try_from(GRACE.as_nanos()).unwrap_or(u64::MAX);
        let is_old = |made: u64| made.saturating_add(grace) <= time;
        while self.queue.oldest_grant().is_some_and(is_old) {
            if let Some(granted) = self.queue.take_back() {
                self.take_back(granted, now);
            }
        }
        let opens = self.serve(now, wakers);
        // Who may go until now and no longer had the last chance.
        self.expire(time.saturating_add(1), now, wakers);
        self.appoint(wakers);
        let expiry = self.queue.next_expiry();
        let expiry = expiry.and_then(|at| self.dial.after(at.saturating_sub(1)));
        let fetched = self.queue.oldest_grant();
        let fetched = fetched.and_then(|made| self.dial.after(made.saturating_add(grace)));
        [opens, expiry, fetched].into_iter().flatten().min()
    }

    /// Refuses those whose last moment was before `time`.
    fn expire(&mut self, time: Time, now: Instant, wakers: &mut Vec<Waker>) {
        while let Some(at) = self.queue.expired(time) {
            let cost = *self.queue.cost(at);
            let until = self.forecast(&Cost::default().with_requests(0), &cost, now);
            // It could not go, so a forecast of now only says that nothing is known.
            let until = until.filter(|until| *until > now);
            let reason = None;
            wakers.extend(self.queue.refuse(at, Refusal { reason, until }));
        }
    }

    /// Grants as much as there is; then the time from which the first of the rest may go.
    fn serve(&mut self, now: Instant, wakers: &mut Vec<Waker>) -> Option<Instant> {
        loop {
            let (at, cost) = self.queue.front()?;
            let cost = *cost;
            match self.admit(&cost, now) {
                Verdict::Go(granted) => {
                    let time = self.dial.time(now);
                    wakers.extend(self.queue.grant(at, granted, time));
                }
                Verdict::Wait(opens) => return opens,
                Verdict::Never => {
                    let refusal = Refusal {
                        reason: Some(Reason::TooLarge),
                        until: None,
                    };
                    wakers.extend(self.queue.refuse(at, refusal));
                }
            }
        }
    }

    /// Whoever is first now is woken, so that it looks after the timer.
    fn appoint(&mut self, wakers: &mut Vec<Waker>) {
        let front = self.queue.front().map(|(at, _)| at);
        if self.head != front {
            self.head = front;
            wakers.extend(front.and_then(|at| self.queue.wake(at)));
        }
    }

    /// After a gate closed, or a limit turned out to be another: those for whom it is too late now hear
    /// so now.
    pub(crate) fn refuse_hopeless(&mut self, now: Instant, wakers: &mut Vec<Waker>) {
        if !self.is_any_hopeless(now) {
            return;
        }
        let stride = self.queue.len().div_ceil(FORECASTS).max(1);
        let all: Vec<_> = self
            .queue
            .iter()
            .map(|(at, cost, expires)| (at, *cost, expires))
            .collect();
        let mut before = Cost::default().with_requests(0);
        let mut until = None;
        for (nth, (at, cost, expires)) in all.into_iter().enumerate() {
            // What holds for one holds for all behind it.
            if nth % stride == 0 {
                until = self.forecast(&before, &cost, now);
            }
            if until.is_some_and(|until| self.dial.time(until) > expires) {
                let reason = None;
                wakers.extend(self.queue.refuse(at, Refusal { reason, until }));
            } else {
                before = add(&before, &cost);
            }
        }
    }

    /// The last may come too late for the first whose time is over; quickly answered.
    fn is_any_hopeless(&mut self, now: Instant) -> bool {
        let nothing = Cost::default().with_requests(0);
        let last = self.forecast(&self.queue.total(), &nothing, now);
        let first = self.queue.next_expiry();
        last.zip(first)
            .is_some_and(|(last, first)| self.dial.time(last) > first)
    }
}
