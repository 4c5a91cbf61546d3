//! What the layers tell, call by call.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use tollgate::{Event, event::Outcome};
use tollgate_core::{Class, Observe};

tokio::task_local! {
    /// The call that is being driven. Layers tell on the task of the call, which makes it known.
    static CALL: usize;
}

/// What one layer told.
#[derive(Debug, Clone)]
pub(super) enum Heard {
    Classify(Class),
    Retry(tollgate_retry::Event),
    Limit(tollgate_limit::Event),
    Breaker(tollgate_breaker::Event),
    Route(tollgate_route::Event),
    Finished(Outcome),
}

impl Heard {
    /// It tells that the provider or a layer did not do what was asked.
    pub(super) fn is_failure(&self) -> bool {
        use tollgate_breaker::Event::{BodyFailed, Refused as Shut};
        use tollgate_limit::Event::{OverAdmitted, Refused};
        match self {
            Self::Classify(class) => *class != Class::Ok,
            Self::Retry(event) => !matches!(event, tollgate_retry::Event::Recovered { .. }),
            Self::Limit(event) => matches!(event, Refused { .. } | OverAdmitted { .. }),
            Self::Breaker(event) => matches!(event, BodyFailed { .. } | Shut { .. }),
            Self::Route(event) => !matches!(event, tollgate_route::Event::Returned { .. }),
            Self::Finished(outcome) => !outcome.is_ok(),
        }
    }

    /// How the whole call ended, if this is what it tells.
    pub(super) const fn outcome(&self) -> Option<Outcome> {
        match self {
            Self::Finished(outcome) => Some(*outcome),
            _ => None,
        }
    }

    /// A call went out to a provider.
    fn is_sending(&self) -> bool {
        use tollgate_limit::Event::{Admitted, Queued};
        matches!(self, Self::Limit(Admitted { .. } | Queued { .. }))
    }
}

/// Hears all layers; clones share one record.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Arc<Mutex<Vec<(usize, Heard)>>>);

impl Told {
    /// Runs a call, so that what is told on its way is known to be about it.
    pub(super) async fn about<T>(call: usize, run: impl Future<Output = T>) -> T {
        CALL.scope(call, run).await
    }

    /// Everything that was told, call by call.
    pub(super) fn by_call(&self, calls: usize) -> Vec<Vec<Heard>> {
        let mut sorted = vec![Vec::new(); calls];
        for (call, heard) in self.all() {
            if let Some(own) = sorted.get_mut(call) {
                own.push(heard);
            }
        }
        sorted
    }

    /// How many calls went out to providers, as it was told.
    pub(super) fn sendings(&self) -> usize {
        let all = self.all().into_iter();
        all.filter(|(_, heard)| heard.is_sending()).count()
    }

    fn all(&self) -> Vec<(usize, Heard)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Observe<Event<'_>> for Told {
    fn observe(&self, event: &Event<'_>) {
        let heard = match event {
            Event::Classify(event) => Heard::Classify(event.classification().class()),
            Event::Retry(event) => Heard::Retry((*event).clone()),
            Event::Limit(event) => Heard::Limit((*event).clone()),
            Event::Breaker(event) => Heard::Breaker((*event).clone()),
            Event::Route(event) => Heard::Route((*event).clone()),
            Event::Finished(event) => Heard::Finished(event.outcome),
            _ => return,
        };
        let call = CALL.try_with(|call| *call).unwrap_or(usize::MAX);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((call, heard));
    }
}
