//! Follows one call from its start to the end of its body.

use std::sync::Arc;

use http::{Request, Response};
use http_body::Body;
use tokio::time::Instant;
use tollgate_core::{Call, Class, Note, Reason, Replay, StreamReport, Target};

use super::{
    asked::{Asked, model},
    layer::Settings,
    outcome::Ended,
    reader::{Reader, Report},
};
use crate::{
    Event,
    event::{Delivered, End, Finished, Observer, Outcome},
    span::Span,
};

/// A call that is under way.
#[derive(Debug)]
pub(super) struct Watch<O> {
    observer: Arc<O>,
    span: Span,
    start: Instant,
    deadline: Option<Instant>,
    asked: Asked,
    report: Report,
}

impl<O: Observer> Watch<O> {
    /// `None` where nobody would hear or see anything.
    pub(super) fn begin<B: Replay>(
        observer: &Arc<O>,
        settings: Settings,
        request: &mut Request<B>,
    ) -> Option<Self> {
        let spans = settings.spans && Span::is_wanted();
        if !spans && !observer.hears() {
            return None;
        }
        let mut asked = match settings.routed {
            true => Asked::Known(None),
            false => Asked::of(request),
        };
        let span = match (spans, settings.routed) {
            (false, _) => Span::none(),
            (true, true) => Span::operation(request, model(request).as_deref()),
            (true, false) => Span::operation(request, asked.target().and_then(Target::model)),
        };
        (span.is_seen() || observer.hears()).then(|| Self {
            observer: Arc::clone(observer),
            span,
            start: Instant::now(),
            deadline: Call::of(request).and_then(Call::deadline),
            asked,
            report: Report::asked(request),
        })
    }

    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    /// The call is over; what is left to follow is the body.
    pub(super) fn end<R: Body, E: 'static>(
        mut self,
        result: &Result<Response<R>, E>,
    ) -> Option<BodyWatch<O>> {
        let mut ended = Ended::of(result);
        if ended.outcome == Outcome::Failed(Class::Timeout) && self.is_late() {
            ended.outcome = Outcome::Rejected(Reason::DeadlineExceeded);
        }
        let report = std::mem::take(&mut self.report);
        let (mut watch, ended) = self.tell(ended);
        let response = result.as_ref().ok()?;
        if ended.outcome.is_ok() {
            watch.reader = Reader::new(response.headers(), report);
        }
        watch.stream = Note::of(response).and_then(Note::stream).cloned();
        if response.body().is_end_stream() {
            watch.end(End::Complete);
        }
        Some(watch)
    }

    /// Somebody above dropped it: at its deadline, because of that.
    pub(super) fn cancelled(self) {
        let mut ended = Ended::CANCELLED;
        if self.is_late() {
            ended.outcome = Outcome::Rejected(Reason::DeadlineExceeded);
        }
        let (mut watch, _) = self.tell(ended);
        // There is no body.
        watch.over = true;
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|at| at <= Instant::now())
    }

    fn tell(mut self, mut ended: Ended) -> (BodyWatch<O>, Ended) {
        if ended.target.is_none() {
            ended.target = self.asked.target().cloned();
        }
        let Ended {
            outcome,
            status,
            ref target,
        } = ended;
        self.span.ended(outcome, status, target.as_ref());
        if self.observer.hears() {
            let finished = Finished {
                outcome,
                target: target.clone(),
                status,
                took: self.start.elapsed(),
            };
            self.observer.observe(&Event::Finished(&finished));
        }
        let watch = BodyWatch {
            observer: self.observer,
            span: self.span,
            start: self.start,
            target: ended.target.take(),
            reader: Reader::default(),
            stream: None,
            over: status.is_none(),
        };
        (watch, ended)
    }
}

/// A body that is under way.
#[derive(Debug)]
pub(super) struct BodyWatch<O: Observer> {
    observer: Arc<O>,
    span: Span,
    start: Instant,
    target: Option<Target>,
    reader: Reader,
    stream: Option<StreamReport>,
    over: bool,
}

impl<O: Observer> BodyWatch<O> {
    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn read(&mut self, data: &[u8]) {
        self.reader.read(data);
    }

    /// The body is over, or nobody wants the rest of it.
    pub(super) fn end(&mut self, end: End) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let error = self.stream.as_ref().and_then(StreamReport::error);
        let end = error.map_or(end, |error| End::Failed(error.class()));
        let usage = self.reader.told();
        if let Some(usage) = usage {
            self.span.used(usage);
        }
        if self.observer.hears() {
            let delivered = Delivered {
                end,
                target: self.target.take(),
                usage,
                took: self.start.elapsed(),
            };
            let tell = || self.observer.observe(&Event::Delivered(&delivered));
            self.span.within(tell);
        }
    }
}

impl<O: Observer> Drop for BodyWatch<O> {
    fn drop(&mut self) {
        self.end(End::Dropped);
    }
}
