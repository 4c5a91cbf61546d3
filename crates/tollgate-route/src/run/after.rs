//! What an attempt brought, and what follows from it.

use std::time::Duration;

use http::{HeaderMap, Response, header};
use tokio::time::Instant;
use tollgate_core::{
    BoxError, Class, Classification, Note, Observe, Quota, Reason, Rejected, Scope, TimeLimit,
    TimedOut,
};

use super::{Flight, Held, Run, Step};
use crate::{
    Attempt, Event,
    cooldown::{Key, REDIRECTED, Why, length},
    decide::{self, Next},
    outcomes::Ended,
    state::{Health, LOOK_AGAIN},
};

/// What came back.
struct Back<'a> {
    /// `None` where a layer below refused the call.
    class: Option<Class>,
    reason: Option<Reason>,
    wait: Option<Duration>,
    next: Next,
    cools: Option<Cools>,
    stream: bool,
    /// The same call may succeed there.
    retry_same: bool,
    quota: Option<&'a Quota>,
    queued: Duration,
    /// The time of the call ended it, which may be shorter than any answer takes.
    is_short: bool,
}

/// What is left alone after an answer.
#[derive(Debug, Clone, Copy)]
struct Cools {
    scope: Scope,
    key: Key,
    wait: Duration,
    stated: bool,
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
        if back.class == Some(Class::Auth) {
            let target = self.setup.table.sites[flight.site].target.clone();
            self.shared.observer.observe(&Event::KeyRefused { target });
        }
        let returns = self.returns(flight.site, &back, now);
        self.tried.set_returns(returns);
        if let (true, None, Some(wait)) = (returns, back.class, back.wait) {
            self.tried.pop();
            self.hold(flight.site, wait, back.reason, now);
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
        // So does a used-up quota: what to do about that is the provider's to say.
        let own = result.is_err() || back.class == Some(Class::QuotaExhausted);
        let lone = own && self.is_alone();
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

    /// A layer below says when to come back: before that the call would only be refused again.
    fn hold(&mut self, site: usize, wait: Duration, reason: Option<Reason>, now: Instant) {
        let Some(until) = now.checked_add(wait.max(LOOK_AGAIN)) else {
            return;
        };
        self.held.retain(|held| held.site != site);
        let surely = reason != Some(Reason::CircuitOpen);
        self.held.push(Held {
            site,
            until,
            surely,
        });
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
        if back.is_short {
            setup.outcomes.in_vain(flight.site, took);
        } else {
            setup.outcomes.add(flight.site, &ended, back.quota, now);
        }
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
        let cooled = |(cools, class): &(Cools, Class)| {
            let (class, stated) = (*class, cools.stated);
            state.cool(cools.key, Why { class, stated }, cools.wait, now)
        };
        let news = back.cools.zip(back.class).filter(cooled);
        if flight.tests {
            state.cooldowns(|all| all.untest(keys, flight.sent));
        }
        if let Some((cools, class)) = news {
            let event = Event::Cooling {
                target: target(),
                scope: cools.scope,
                class,
                wait: cools.wait,
            };
            self.shared.observer.observe(&event);
        }
    }

    /// What this failure rules out.
    fn bar(&mut self, site: usize, next: Next) {
        let keys = self.setup.keys[site];
        let context = self.setup.table.sites[site].context;
        match next {
            Next::OtherKey => {
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
                let left = left_by(error);
                Back {
                    class,
                    reason,
                    wait: rejected.and_then(Rejected::retry_after),
                    next: decide::after_error(class, reason),
                    // One that was left for want of time is not asked again at once.
                    retry_same: class.is_some_and(Class::is_transient) && left.is_none(),
                    is_short: left == Some(TimeLimit::Deadline),
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
        if is_redirect(response) {
            // Somebody else would read the call there, or an answer would be invented.
            let key = self.setup.keys[site].hit(Scope::Target, None);
            back.class = Some(Class::ServerError);
            back.next = Next::Anyone;
            back.cools = Some(Cools {
                scope: Scope::Target,
                key,
                wait: REDIRECTED,
                stated: false,
            });
            return back;
        }
        if response.status().as_u16() < 400 && !judged {
            return back;
        }
        let seen = Classification::of(response);
        back.class = Some(seen.class());
        back.wait = seen.wait();
        back.retry_same = seen.retry_same();
        back.next = decide::after_answer(response.status(), &seen);
        // Without a classifier nobody says how far a refused key reaches.
        let scope = match seen.class() {
            Class::Auth if !judged => Scope::Account,
            _ => seen.scope(),
        };
        if seen.class() == Class::Auth && scope == Scope::Target && back.next == Next::OtherKey {
            // The key is good for other models.
            back.next = Next::Anyone;
        }
        let key = self.setup.keys[site].hit(scope, seen.limit());
        let length = length(&seen, back.next == Next::Anyone);
        back.cools = length.map(|(wait, stated)| Cools {
            scope,
            key,
            wait,
            stated,
        });
        if seen.class() == Class::Auth && self.setup.settings.delivers_auth {
            (back.next, back.cools) = (Next::Deliver, None);
        }
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
            is_short: false,
        }
    }
}

/// It says to ask somewhere else.
fn is_redirect<R>(response: &Response<R>) -> bool {
    let status = response.status();
    status.is_redirection() && response.headers().contains_key(header::LOCATION)
}

/// The call's own time was over for this target.
fn left_by(error: &BoxError) -> Option<TimeLimit> {
    let limit = TimedOut::find(error.as_ref())?.limit();
    matches!(limit, TimeLimit::Share | TimeLimit::Deadline).then_some(limit)
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
