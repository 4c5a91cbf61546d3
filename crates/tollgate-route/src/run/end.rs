//! Hands over what came back, or says that no target is left.

use std::{mem, time::Duration};

use http::{HeaderName, HeaderValue, Response, header::LOCATION};
use tokio::time::Instant;
use tollgate_core::{BoxError, Observe, Reason, Rejected, Target};

use super::Run;
use crate::{
    Attempt, BadRequest, Event, Exhausted, Served, cooldown::LONGEST, rewrite::Why, state::Health,
};

const TARGET: HeaderName = HeaderName::from_static("x-tollgate-target");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-tollgate-attempts");

impl<B, O: Observe<Event>> Run<B, O> {
    /// Says on a response whose it is.
    pub(crate) fn deliver<R>(
        &mut self,
        result: Result<Response<R>, BoxError>,
    ) -> Result<Response<R>, BoxError> {
        let mut response = result?;
        hide_location(&mut response);
        let asked = self.attempts.iter().filter(|one| one.took().is_some());
        let attempts = asked.count() + 1;
        let Some(site) = self.tried.last() else {
            return Ok(response);
        };
        let target = self.setup.table.sites[site].target.clone();
        if self.setup.settings.tells {
            let headers = response.headers_mut();
            if let Ok(value) = HeaderValue::from_str(&name(&target)) {
                headers.insert(TARGET, value);
            }
            headers.insert(ATTEMPTS, attempts.into());
        }
        let others = || self.attempts.iter().any(|one| *one.target() != target);
        if response.status().is_success() && others() {
            let event = Event::Diverted {
                route: self.lane().name.clone(),
                to: target.clone(),
            };
            self.shared.observer.observe(&event);
        }
        let served = Served::new(target, mem::take(&mut self.attempts));
        response.extensions_mut().insert(served);
        Ok(response)
    }

    /// Tells of an error of the router's own, and hands it on.
    pub(crate) fn refuse(&self, error: BoxError) -> BoxError {
        self.shared.observer.observe(&Event::Refused {
            route: Some(self.lane().name.clone()),
            reason: Rejected::find(error.as_ref()).map(Rejected::reason),
        });
        error
    }

    /// The error when no target is left, with the last thing that came back.
    pub(crate) fn exhausted<R: Send + 'static>(
        &mut self,
        last: Option<Result<Response<R>, BoxError>>,
    ) -> BoxError {
        let now = Instant::now();
        let mut attempts = mem::take(&mut self.attempts);
        let (mut first, mut soonest, mut unwritable) = (None, None, None);
        let mut healthy = false;
        for (place, site) in self.lane().sites().enumerate() {
            if !self.is_for(site, place) {
                continue;
            }
            let target = &self.setup.table.sites[site].target;
            let asked = attempts.iter().rposition(|one| one.target() == target);
            if asked.is_none() && !self.writable(site) {
                unwritable = unwritable.or(Some(site));
                continue;
            }
            let (wait, class) = match self.state().health(&self.setup, site, self.cost(), now) {
                // Not asked for want of time, or because enough others were.
                Health::Good { .. } if asked.is_none() => {
                    healthy = true;
                    continue;
                }
                Health::Good { .. } => (None, None),
                Health::Busy(wait) => (Some(wait), None),
                Health::Shut(wait, class) => (wait, class),
                // Nobody said how long.
                Health::Doubted(_, class) => (None, Some(class)),
            };
            let at = asked.unwrap_or_else(|| {
                attempts.push(Attempt::skipped(target.clone(), class, wait));
                attempts.len() - 1
            });
            first = first.or(Some(at));
            // What was told may be longer than any cooldown, or make none.
            let told = attempts[at]
                .wait()
                .filter(|told| wait.is_none() || *told > LONGEST);
            soonest = min(soonest, told.or(wait));
        }
        if attempts.is_empty() && healthy {
            return self.refuse(Rejected::new(Reason::DeadlineExceeded).into());
        }
        if let (true, Some(site)) = (attempts.is_empty(), unwritable) {
            let site = &self.setup.table.sites[site];
            let body = self.model.as_ref().err().copied();
            let path = self.original.as_ref().map(|original| original.uri().path());
            let why = match (site.form(self.kind), &site.model) {
                (None, _) => Why::path(site, self.kind, path.unwrap_or_default()),
                (_, Some(_)) => Why::Body(body.unwrap_or(crate::BadBody::NotKept)),
                (_, None) => Why::Model,
            };
            return self.refuse(BadRequest::new(site.target.clone(), why).into());
        }
        self.shared.observer.observe(&Event::Exhausted {
            route: self.lane().name.clone(),
            asked: self.tried.len(),
            retry_after: soonest,
        });
        let late = self.call.time_to_wait(now) == Some(Duration::ZERO);
        let exhausted = Exhausted::new(attempts, first.unwrap_or_default(), soonest)
            .cut(healthy)
            .late(late);
        match last {
            Some(mut last) => {
                last.iter_mut().for_each(hide_location);
                exhausted.with(last).into()
            }
            None => exhausted.into(),
        }
    }
}

/// Where a provider redirects to is nobody's business outside, and clients follow it with all they have.
fn hide_location<R>(response: &mut Response<R>) {
    if response.status().is_redirection() {
        response.headers_mut().remove(LOCATION);
    }
}

fn min(a: Option<Duration>, b: Option<Duration>) -> Option<Duration> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// `groq/llama-3.1-8b-instant`.
fn name(target: &Target) -> String {
    match target.model() {
        Some(model) => format!("{}/{model}", target.provider()),
        None => target.provider().to_owned(),
    }
}
