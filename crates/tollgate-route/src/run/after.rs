//! What an attempt brought, and what follows from it.

use std::time::Duration;

use http::{HeaderMap, Response, header};
use tokio::time::Instant;
use tollgate_core::{
    BoxError, Class, Classification, Note, Observe, Quota, Reason, Rejected, Scope, TimeLimit,
    TimedOut,
};

use super::{Flight, Run, Step};
use crate::{
    Attempt, Event,
    cooldown::{Key, length},
    decide::{self, Next},
    outcomes::Ended,
    state::Health,
};

/// What came back.
struct Back<'a> {
    /// `None` where a layer below refused the call.
    class: Option<Class>,
    reason: Option<Reason>,
    wait: Option<Duration>,
    next: Next,
    cools: Option<(Scope, Key, Duration)>,
    stream: bool,
    /// The same call may succeed there.
    retry_same: bool,
    quota: Option<&'a Quota>,
    queued: Duration,
}

impl<B, O: Observe<Event>> Run<B, O> {
    /// What to do after an attempt; `None` to hand over what came back.
    pub(crate) fn after<R>(&mut self, result: &Result<Response<R>, BoxError>) -> Option<Step> {
        let flight = self.flight.take()?;
        let now = Instant::now();
        let mut back = self.back(flight.site, result);
        let again = match back.retry_same {
            true => self.again(flight.site, back.wait, now),
            false => None,
        };
        if again.is_some() {
            // It is asked again before anything may cool.
            back.cools = None;
        }
        self.record(flight, &back, now);
        let returns = self.returns(flight.site, &back, now);
        self.tried.set_returns(returns);
        if returns && back.class.is_none() {
            self.tried.pop();
        }
        if back.next == Next::Deliver || !self.falls_back() {
            return None;
        }
        let target = self.setup.table.sites[flight.site].target.clone();
        let took = now.saturating_duration_since(flight.sent);
        let attempt = Attempt::asked(target, back.class, back.reason, back.wait, took);
        if let Some(wait) = again {
            self.attempts.push(attempt);
            return Some(self.repeat(flight.site, wait));
        }
        self.bar(flight.site, back.next);
        let step = self.peek();
        // Where only some would do and none is there, what came back is the best there is to say; and
        // an error of the only one there is needs no other around it.
        let lone = result.is_err() && self.is_alone();
        if step == Step::Over && (back.next != Next::Anyone || lone) {
            return None;
        }
        if back.class.is_none() {
            // What was refused before says nothing more.
            let same = |one: &Attempt| one.class().is_none() && one.target() == attempt.target();
            self.attempts.retain(|one| !same(one));
        }
        self.attempts.push(attempt);
        Some(step)
    }

    /// A target that said when to come back may be asked again then, and so may one for which a layer below
    /// said that. Where it is the only one, the layers below wait for it.
    fn returns(&self, site: usize, back: &Back<'_>, now: Instant) -> bool {
        let for_now = back.class.is_none_or(Class::is_throttle);
        let health = || self.state().health(&self.setup, site, self.cost(), now);
        let shut = || matches!(health(), Health::Shut(Some(_), _) | Health::Busy(_));
        for_now && back.wait.is_some() && !self.is_alone() && shut()
    }

    fn record(&self, flight: Flight, back: &Back<'_>, now: Instant) {
        let setup = &self.setup;
        let site = &setup.table.sites[flight.site];
        let took = now.saturating_duration_since(flight.sent);
        let cost = site
            .price
            .zip(self.cost())
            .map(|(price, cost)| price.of(cost));
        let ended = Ended {
            class: back.class,
            took: took.saturating_sub(back.queued),
            stream: back.stream,
            cost: cost.unwrap_or_default(),
        };
        setup.outcomes.leave(flight.site);
        setup.outcomes.add(flight.site, &ended, back.quota, now);
        self.cool(flight, back, now);
    }

    /// Starts, ends or leaves alone what cools down.
    fn cool(&self, flight: Flight, back: &Back<'_>, now: Instant) {
        let (state, setup) = (self.state(), &self.setup);
        let keys = setup.keys[flight.site];
        let target = || setup.table.sites[flight.site].target.clone();
        let well = matches!(back.class, Some(Class::Ok | Class::InvalidRequest));
        if well && flight.tests {
            let ended = state.cooldowns(|all| all.answered(keys, self.cost(), flight.sent));
            if ended {
                let event = Event::Returned { target: target() };
                self.shared.observer.observe(&event);
            }
        }
        let news = back
            .cools
            .zip(back.class)
            .filter(|((_, key, wait), class)| state.cool(*key, *class, *wait, now));
        if flight.tests {
            state.cooldowns(|all| all.untest(keys, flight.sent));
        }
        if let Some(((scope, _, wait), class)) = news {
            let event = Event::Cooling {
                target: target(),
                scope,
                class,
                wait,
            };
            self.shared.observer.observe(&event);
        }
    }

    /// What this failure rules out.
    fn bar(&mut self, site: usize, next: Next) {
        let keys = self.setup.keys[site];
        let context = self.setup.table.sites[site].context;
        match next {
            Next::OtherAccount => {
                self.barred.accounts.push(keys.account);
                self.barred.provider = Some(keys.provider);
            }
            Next::Larger => {
                let most = context.unwrap_or_default();
                self.barred.context = Some(most.max(self.barred.context.unwrap_or_default()));
            }
            Next::Deliver | Next::Anyone => {}
        }
    }

    fn back<'a, R>(&self, site: usize, result: &'a Result<Response<R>, BoxError>) -> Back<'a> {
        match result {
            Ok(response) => self.answer(site, response),
            Err(error) => {
                let class = Class::of_error(error.as_ref());
                let rejected = Rejected::find(error.as_ref());
                let reason = rejected.map(Rejected::reason);
                Back {
                    class,
                    reason,
                    wait: rejected.and_then(Rejected::retry_after),
                    next: decide::after_error(class, reason),
                    // One that was left for want of time is not asked again at once.
                    retry_same: class.is_some_and(Class::is_transient) && !is_left(error),
                    ..Back::success()
                }
            }
        }
    }

    fn answer<'a, R>(&self, site: usize, response: &'a Response<R>) -> Back<'a> {
        let note = Note::of(response);
        let mut back = Back {
            stream: is_stream(response.headers()),
            quota: note.map(Note::quota),
            queued: note.and_then(Note::queued).unwrap_or_default(),
            ..Back::success()
        };
        let judged = note.is_some_and(|note| note.classification().is_some());
        if response.status().as_u16() < 400 && !judged {
            return back;
        }
        let seen = Classification::of(response);
        back.class = Some(seen.class());
        back.wait = seen.wait();
        back.retry_same = seen.retry_same();
        back.next = decide::after_answer(response.status(), &seen);
        let key = self.setup.keys[site].hit(seen.scope(), seen.limit());
        back.cools = length(&seen).map(|wait| (seen.scope(), key, wait));
        back
    }
}

impl Back<'_> {
    const fn success() -> Self {
        Self {
            class: Some(Class::Ok),
            reason: None,
            wait: None,
            next: Next::Deliver,
            cools: None,
            stream: false,
            retry_same: false,
            quota: None,
            queued: Duration::ZERO,
        }
    }
}

/// The call's own time was over for this target.
fn is_left(error: &BoxError) -> bool {
    let late = TimedOut::find(error.as_ref());
    late.is_some_and(|late| matches!(late.limit(), TimeLimit::Share | TimeLimit::Deadline))
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map(http::HeaderValue::as_bytes);
    kind.is_some_and(|kind| {
        let start = kind.get(..17).unwrap_or_default();
        start.eq_ignore_ascii_case(b"text/event-stream")
    })
}
