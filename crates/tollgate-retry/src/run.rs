//! One call on its way through its attempts.

use std::{borrow::Cow, sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::time::Instant;
use tollgate_core::{Call, Class, Nap, Note, Observe, Replay, Target, host_of};

use crate::{
    Event, Why,
    judge::{self, Failure},
    kept::Kept,
    layer::Shared,
    live::Rules,
    plan::{self, Standing},
};

/// What is known about a call between two polls of its future.
pub(crate) struct Run<B, O> {
    shared: Arc<Shared<O>>,
    /// As they were when the call began.
    rules: Arc<Rules>,
    kept: Kept<B>,
    // Found when it is first needed, which for most calls is never.
    host: Option<Arc<str>>,
    made: u32,
    timeouts: u32,
    // Attempts that met a reused connection which broke, and were replaced at once.
    stale: u32,
    // What came back last.
    last: Option<Class>,
    // A wait that a provider told was slept.
    told: bool,
    slept: Duration,
    queued: Duration,
    // The attempt under way was sent to wait in a limiter's queue, instead of a sleep.
    returns: bool,
    // How long such attempts waited there.
    held: Duration,
}

impl<B: Replay, O> Run<B, O> {
    /// The start of a call. Copies the request, unless it can or may not be sent again.
    #[inline]
    pub(crate) fn new(shared: Arc<Shared<O>>, request: &Request<B>) -> Self {
        let rules = shared.live.rules();
        let kept = Kept::of(request, &rules.policy);
        // Without a copy the request will be gone when its host is asked for.
        let gone = kept.request().is_err();
        let host = gone.then(|| name(kept.call(), request).into());
        Self {
            shared,
            rules,
            kept,
            host,
            made: 0,
            timeouts: 0,
            stale: 0,
            last: None,
            told: false,
            slept: Duration::ZERO,
            queued: Duration::ZERO,
            returns: false,
            held: Duration::ZERO,
        }
    }

    /// There is a copy of the request to send.
    pub(crate) fn can_resend(&self) -> bool {
        self.kept.request().is_ok()
    }

    /// The request of the next attempt.
    pub(crate) fn resend(&mut self) -> Option<Request<B>> {
        let spent = self.slept.saturating_add(self.queued);
        let counted = self.made - self.stale;
        let replaceable = self.stale < plan::AT_ONCE;
        self.kept
            .next(&self.rules.policy, self.made, counted, replaceable, spent)
    }
}

impl<B, O: Observe<Event>> Run<B, O> {
    /// An attempt ended: how long to sleep before the next one (zero where it waits below), or `None` to
    /// hand the result up.
    pub(crate) fn after<R, E: 'static>(
        &mut self,
        result: &Result<Response<R>, E>,
    ) -> Option<Duration> {
        self.made = self.made.saturating_add(1);
        if std::mem::take(&mut self.returns) {
            let queued = result.as_ref().ok().and_then(Note::of);
            let queued = queued.and_then(Note::queued).unwrap_or_default();
            self.held = self.held.saturating_add(queued);
        }
        let mut failure = match result {
            Ok(response) => match judge::response(&self.rules.policy, response) {
                Some(failure) => {
                    let queued = Note::of(response).and_then(Note::queued);
                    self.queued = self.queued.saturating_add(queued.unwrap_or_default());
                    failure
                }
                None => {
                    self.succeeded();
                    return None;
                }
            },
            Err(error) => judge::error(&self.rules.policy, error),
        };
        // An answer that says so took no such time.
        if failure.class == Some(Class::Timeout) && result.is_err() {
            self.timeouts = self.timeouts.saturating_add(1);
        }
        let replaced = failure.stale && self.stale < plan::AT_ONCE;
        if failure.stale && !replaced {
            failure.stale = false;
        }
        self.stale += u32::from(replaced);
        self.failed(&failure)
    }

    /// The sleep of the call, for others to see.
    pub(crate) fn nap(&mut self, wait: Duration) -> Nap {
        let now = Instant::now();
        let until = now.checked_add(wait).unwrap_or(now);
        let (host, class) = (self.host(), self.last);
        self.shared.sleepers.enter(host, class, until)
    }

    /// The service below failed while it was made ready for another attempt.
    pub(crate) fn not_ready<E: 'static>(&mut self, error: &E) {
        let class = judge::error(&self.rules.policy, error).class;
        self.give_up(class, Why::NotReady);
    }

    fn succeeded(&mut self) {
        let budgets = self.rules.budgets.as_ref();
        if let Some(budgets) = budgets.filter(|budgets| !budgets.all_full()) {
            let now = Instant::now();
            match (&self.host, self.kept.request()) {
                (Some(host), _) => budgets.deposit(host, now),
                (None, Ok(request)) => budgets.deposit(&name(self.kept.call(), request), now),
                (None, Err(_)) => {}
            }
        }
        if self.made > 1 {
            let event = Event::Recovered {
                host: self.host(),
                attempts: self.made,
                waited: self.slept.saturating_add(self.held),
            };
            self.shared.observer.observe(&event);
        }
    }

    #[cold]
    fn failed(&mut self, failure: &Failure) -> Option<Duration> {
        self.last = failure.class;
        match (failure.class, self.decide(failure)) {
            (Some(class), Ok((wait, queued))) => {
                let sleep = if queued { Duration::ZERO } else { wait };
                self.slept = self.slept.saturating_add(sleep);
                self.returns = queued;
                self.told |= failure.hint.is_some_and(|hint| !hint.is_zero());
                let event = Event::Retrying {
                    host: self.host(),
                    class,
                    attempts: self.made,
                    wait,
                    hint: failure.hint,
                    queued,
                };
                self.shared.observer.observe(&event);
                Some(sleep)
            }
            (class, decided) => {
                self.give_up(class, decided.err().unwrap_or(Why::Rejected));
                None
            }
        }
    }

    /// The plan, and the budget that must pay for it: how long until the next attempt, and whether it
    /// waits in a queue below meanwhile.
    fn decide(&mut self, failure: &Failure) -> Result<(Duration, bool), Why> {
        let now = Instant::now();
        let rules = self.rules.clone();
        let standing = self.standing(now);
        let wait = plan::plan(&rules.policy, failure, &standing, &self.shared.random)?;
        if let Some(budgets) = &rules.budgets {
            let cost = plan::cost(budgets.rules(), failure);
            if !budgets.withdraw(&self.host(), cost, now) {
                return Err(Why::RetryBudget);
            }
        }
        let queues = plan::queues(&rules.policy, failure, &standing);
        Ok(queues.map_or((wait, false), |wait| (wait, true)))
    }

    fn standing(&self, now: Instant) -> Standing {
        let call = self.kept.call();
        let spent = self.slept.saturating_add(self.queued);
        Standing {
            made: self.made - self.stale,
            timeouts: self.timeouts,
            in_vain: self.told,
            kept: self.kept.request().map(|_| ()),
            wait_budget: call.and_then(|call| call.budget_left(spent)),
            deadline: call.and_then(|call| call.time_to_wait(now)),
        }
    }

    fn give_up(&mut self, class: Option<Class>, why: Why) {
        let event = Event::GaveUp {
            host: self.host(),
            class,
            attempts: self.made,
            why,
        };
        self.shared.observer.observe(&event);
    }

    fn host(&mut self) -> Arc<str> {
        let Self { host, kept, .. } = self;
        let found = host.get_or_insert_with(|| match kept.request() {
            Ok(request) => name(kept.call(), request).into(),
            Err(_) => Arc::default(),
        });
        found.clone()
    }
}

/// Whose budget a call draws on: the provider of its target, else its host; in lower case.
fn name<'a, B>(call: Option<&'a Call>, request: &'a Request<B>) -> Cow<'a, str> {
    let target = call.and_then(Call::target);
    let name = target.map_or_else(|| host_of(request).unwrap_or_default(), Target::provider);
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}
