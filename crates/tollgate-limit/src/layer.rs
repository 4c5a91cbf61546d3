//! The layer, and what the services made by it share.

pub(crate) mod body;
pub(crate) mod builder;
pub(crate) mod config;
pub mod future;
mod pass;
pub(crate) mod service;

use std::{borrow::Cow, fmt, sync::Arc};

use http::Request;
use tokio::time::Instant;
use tollgate_core::{Call, Cost, Observe, Reason, Rejected, Replay};
use tower_layer::Layer;

use self::config::By;
use crate::{
    Admit, Ask, Builder, Estimate, Event, Expected, Handle, KeyRef, LimitService, Limiter, Local,
    Outgoing, Permit, local::MaxWait,
};

/// Keeps calls within a provider's limits; see the [front page of the crate](crate).
///
/// # Sharing
///
/// Clones of a layer, and all services that it makes, share one count per key. Build one layer per
/// process, not one per call.
///
/// # Examples
///
/// ```
/// use tollgate_limit::LimitLayer;
/// use tower_layer::Layer;
///
/// # let client = ();
/// let client = LimitLayer::new().layer(client);
/// # let _ = client;
/// ```
pub struct LimitLayer<O = (), L = Local> {
    shared: Arc<Shared<O, L>>,
}

/// What every call needs to know.
pub(crate) struct Shared<O, L> {
    pub(crate) limiter: L,
    /// The limits are those of the provider: its rejections are about them.
    pub(crate) is_providers: bool,
    pub(crate) by: By,
    pub(crate) max_wait: Arc<MaxWait>,
    pub(crate) estimator: Arc<dyn Estimate + Send + Sync>,
    pub(crate) observer: O,
}

impl LimitLayer {
    /// A layer with all defaults: no configured limit, and calls wait until their deadlines.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().assemble()
    }

    /// A builder with all defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl<O, L> LimitLayer<O, L> {
    pub(crate) fn of(shared: Shared<O, L>) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl<O> LimitLayer<O> {
    /// A handle that shows and changes the limits.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(&self.shared)
    }
}

impl Default for LimitLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<O, L> Clone for LimitLayer<O, L> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<S, O, L> Layer<S> for LimitLayer<O, L> {
    type Service = LimitService<S, O, L>;

    fn layer(&self, inner: S) -> LimitService<S, O, L> {
        LimitService::new(inner, self.shared.clone())
    }
}

impl<O, L> fmt::Debug for LimitLayer<O, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LimitLayer")
            .field("by", &self.shared.by)
            .field("max_wait", &self.shared.max_wait.get())
            .finish_non_exhaustive()
    }
}

impl<O: Observe<Event>, L: Limiter> Shared<O, L> {
    /// May this call go?
    #[inline]
    pub(crate) fn ask<B: Replay>(&self, request: &Request<B>) -> Admit<L::Permit, L::Acquire> {
        let now = Instant::now();
        let call = Call::of(request);
        let known = call.and_then(|call| self.by.of(call.target()?).zip(call.cost()));
        match known {
            // Nothing of the request need be read.
            Some((key, cost)) => self.acquire(key, Expected::set(*cost), call, now),
            None => self.read(&Outgoing::new(request), now),
        }
    }

    /// Tells what became of a call that came.
    #[inline]
    pub(crate) fn tell(&self, admit: &Admit<L::Permit, L::Acquire>) {
        if self.observer.listens() {
            if let Some(event) = self.limiter.news() {
                self.observer.observe(&event);
            }
        }
        match admit {
            Admit::Now(permit) if self.observer.listens() => {
                let target = permit.target().clone();
                let cost = reserved(permit);
                self.observer.observe(&Event::Admitted { target, cost });
            }
            Admit::Refused(rejected) => self.refused(rejected),
            _ => {}
        }
    }

    #[inline(never)]
    fn read(&self, request: &Outgoing<'_>, now: Instant) -> Admit<L::Permit, L::Acquire> {
        let target = request.call().and_then(Call::target);
        if let Some(key) = target.and_then(|target| self.by.of(target)) {
            return self.ask_for(key, request, now);
        }
        let By::Function(key) = &self.by else {
            return self.ask_for_host(request, now);
        };
        match key(request).map(Cow::Owned).or(request.target()) {
            Some(target) => self.ask_for((&*target).into(), request, now),
            None => self.ask_for(NOWHERE, request, now),
        }
    }

    fn ask_for_host(&self, request: &Outgoing<'_>, now: Instant) -> Admit<L::Permit, L::Acquire> {
        let Some(host) = request.authority() else {
            return self.ask_for(NOWHERE, request, now);
        };
        let lower;
        let host = match host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            true => {
                lower = host.to_ascii_lowercase();
                &*lower
            }
            false => host,
        };
        let model = match self.by {
            By::Host => None,
            _ => request.model(),
        };
        self.ask_for(KeyRef::new(host, model.as_deref(), None), request, now)
    }

    fn ask_for(
        &self,
        key: KeyRef<'_>,
        request: &Outgoing<'_>,
        now: Instant,
    ) -> Admit<L::Permit, L::Acquire> {
        let call = request.call();
        let expected = match call.and_then(Call::cost) {
            Some(cost) => Expected::set(*cost),
            None => {
                let learned = self.limiter.learned(key);
                Expected::of(&*self.estimator, request, &learned)
            }
        };
        self.acquire(key, expected, call, now)
    }

    #[inline]
    fn acquire(
        &self,
        key: KeyRef<'_>,
        expected: Expected,
        call: Option<&Call>,
        now: Instant,
    ) -> Admit<L::Permit, L::Acquire> {
        let mut ask = Ask::new(expected, now);
        ask.latest = self.max_wait.get().and_then(|wait| now.checked_add(wait));
        if let Some(call) = call {
            if call.wait_budget().is_some() || call.deadline().is_some() {
                ask = in_time(ask, call);
            }
            ask.arrival = call.arrival().unwrap_or(now);
            ask.priority = call.priority();
            ask.attempt = call.attempt();
        }
        self.limiter.acquire(key, ask)
    }

    /// A call that waited goes on.
    pub(crate) fn waited(&self, permit: &L::Permit) {
        if self.observer.listens() {
            self.observer.observe(&Event::Queued {
                target: permit.target().clone(),
                cost: reserved(permit),
                waited: permit.queued(),
            });
        }
    }

    /// A call does not go.
    #[cold]
    pub(crate) fn refused(&self, rejected: &Rejected) {
        if self.observer.listens() {
            self.observer.observe(&Event::Refused {
                target: rejected.target().cloned(),
                reason: rejected.reason(),
                retry_after: rejected.retry_after(),
            });
        }
    }
}

fn reserved<P: Permit>(permit: &P) -> Cost {
    permit.cost().copied().unwrap_or_default()
}

/// What is asked for, with the time that the call has.
#[inline(never)]
fn in_time(ask: Ask, call: &Call) -> Ask {
    let budget = call.wait_budget();
    let budget = budget.and_then(|wait| ask.now.checked_add(wait));
    ask.until(budget, Reason::WaitTooLong)
        .until(call.deadline(), Reason::DeadlineExceeded)
}

/// The key of requests that name no host.
const NOWHERE: KeyRef<'_> = KeyRef::new("(no host)", None, None);
