//! Follows one attempt to the head of its response.

use std::sync::Arc;

use http::{Request, Response};
use tokio::time::Instant;
use tollgate_core::{Call, Note, Quota, Replay};

use crate::{
    Event,
    event::{Attempted, Observer},
    operation::{Asked, Ended},
    span::Span,
};

/// An attempt that is under way.
#[derive(Debug)]
pub(super) struct Watch<O> {
    observer: Arc<O>,
    span: Span,
    start: Instant,
    asked: Asked,
    attempt: u32,
}

impl<O: Observer> Watch<O> {
    /// `None` where nobody would hear or see anything.
    pub(super) fn begin<B: Replay>(
        observer: &Arc<O>,
        spans: bool,
        request: &Request<B>,
    ) -> Option<Self> {
        let spans = spans && Span::is_wanted();
        if !spans && !observer.hears() {
            return None;
        }
        let mut asked = Asked::of(request);
        let attempt = Call::of(request).map_or(0, Call::attempt);
        let span = match spans {
            true => Span::attempt(request, asked.target(), attempt),
            false => Span::none(),
        };
        (span.is_seen() || observer.hears()).then(|| Self {
            observer: Arc::clone(observer),
            span,
            start: Instant::now(),
            asked,
            attempt,
        })
    }

    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn end<R, E: 'static>(self, result: &Result<Response<R>, E>) {
        let note = result.as_ref().ok().and_then(Note::of);
        let quota = note.map_or_else(Quota::new, |note| *note.quota());
        self.tell(&Ended::of(result), quota);
    }

    /// The caller dropped it.
    pub(super) fn cancelled(self) {
        self.tell(&Ended::CANCELLED, Quota::new());
    }

    fn tell(mut self, ended: &Ended, quota: Quota) {
        self.span.ended(ended.outcome, ended.status, None);
        if self.observer.hears() {
            let attempted = Attempted {
                outcome: ended.outcome,
                target: self.asked.target().or(ended.target.as_ref()).cloned(),
                attempt: self.attempt,
                status: ended.status,
                quota,
                took: self.start.elapsed(),
            };
            self.observer.observe(&Event::Attempted(&attempted));
        }
    }
}
