//! One call that was let in, until its end is known.

use std::sync::Arc;

use http::Response;
use http_body::Body;
use tollgate_core::{BoxError, Class, Note, Observe, StreamReport, TimeLimit, TimedOut};

use crate::{
    Event,
    cell::{Cell, Slot},
    judge::{self, Mark, Seen},
    shared::Shared,
    state::{Counted, Outcome},
    time::{Nanos, nanos},
};

/// A call that was let in. Dropped without a result, it counts nothing, and its place is free.
pub(crate) struct Permit<O> {
    shared: Arc<Shared<O>>,
    slot: Slot,
    // When it was let in.
    sent: Nanos,
}

/// A call whose head is here, and whose body may still tell something.
pub(crate) struct Watch<O> {
    permit: Permit<O>,
    head: Judgement,
}

/// What a head was judged to be.
pub(crate) struct Judgement {
    judged: Judged,
    slow: bool,
    took: Nanos,
    stream: Option<StreamReport>,
}

enum Judged {
    /// The end of the body decides.
    NotYet,
    /// It says nothing about the provider.
    Neutral,
    /// It was a success; if it did not count, it was too late to.
    Success(Option<Counted>),
}

impl<O> Permit<O> {
    #[inline]
    pub(crate) fn new(shared: Arc<Shared<O>>, slot: Slot) -> Self {
        let sent = shared.core.clock.now();
        Self { shared, slot, sent }
    }

    pub(crate) fn cell(&self) -> &Cell {
        self.slot.cell()
    }

    /// How long it took to come to its head, without the time that a limiter below held it.
    #[inline]
    const fn took(&self, now: Nanos, held: Nanos) -> Nanos {
        now.saturating_sub(self.sent).saturating_sub(held)
    }

    #[inline]
    fn is_slow(&self, took: Nanos) -> bool {
        let slow = self.shared.core.settings.rules.slow;
        slow.is_some_and(|(over, _)| took > over)
    }
}

impl<O: Observe<Event>> Permit<O> {
    /// The head of a response is here. Tells what it was judged to be, if its body is of interest.
    #[inline]
    pub(crate) fn head<R: Body>(&mut self, response: &Response<R>) -> Option<Judgement> {
        let settings = &self.shared.core.settings;
        let seen = judge::response(settings, response);
        let ended = response.body().is_end_stream();
        let now = self.shared.core.clock.now();
        let queued = Note::of(response).and_then(Note::queued).map_or(0, nanos);
        let took = self.took(now, queued);
        let slow = self.is_slow(took);
        let judged = match seen.mark {
            Mark::Success if settings.whole_body && !ended => Judged::NotYet,
            Mark::Success => Judged::Success(self.succeed(slow, took, now)),
            // Else a provider that only ever rate limits would stay half open for ever.
            Mark::Answer if self.slot.is_probe() && !slow => {
                self.settle(judge::SUCCESS, slow, took, now);
                Judged::Neutral
            }
            Mark::Answer | Mark::Nothing => {
                self.slot.give_back();
                Judged::Neutral
            }
            Mark::Failure => {
                self.settle(seen, slow, took, now);
                return None;
            }
        };
        let stream = || Note::of(response).and_then(Note::stream).cloned();
        (!ended).then(|| Judgement {
            judged,
            slow,
            took,
            stream: stream(),
        })
    }

    /// No response came.
    pub(crate) fn error(mut self, error: &BoxError) {
        let seen = judge::error(&self.shared.core.settings, error);
        if matches!(seen.mark, Mark::Success | Mark::Failure) && !self.is_early(error) {
            let now = self.shared.core.clock.now();
            let took = self.took(now, 0);
            self.settle(seen, self.is_slow(took), took, now);
        }
    }

    /// The call itself had less time than answers usually take: that is nobody's failure.
    fn is_early(&self, error: &BoxError) -> bool {
        let late = TimedOut::find(error.as_ref());
        late.is_some_and(|late| {
            let own = matches!(late.limit(), TimeLimit::Deadline | TimeLimit::Share);
            own && !self.cell().lock().is_long(nanos(late.after()))
        })
    }

    /// Nearly always nothing but a count changes, which takes no more than that.
    #[inline]
    fn succeed(&mut self, slow: bool, took: Nanos, now: Nanos) -> Option<Counted> {
        if !slow {
            if let Some(counted) = self.slot.succeed(took, now) {
                return Some(counted);
            }
        }
        self.settle(judge::SUCCESS, slow, took, now)
    }

    #[cold]
    fn settle(&mut self, seen: Seen, slow: bool, took: Nanos, now: Nanos) -> Option<Counted> {
        let core = &self.shared.core;
        let failed = seen.mark == Mark::Failure;
        self.slot.back();
        let outcome = Outcome {
            failed,
            slow,
            told: seen.told,
            broke: seen.broke,
            silent: seen.broke || seen.timed_out,
            took,
            // If no answer comes, all are out.
            out: match failed && !seen.timed_out {
                true => core.out(self.slot.cell()),
                false => 0,
            },
        };
        let (rules, random) = (&core.settings.rules, &core.sources.random);
        let (counted, step) = self.slot.settle(rules, outcome, now, || random.unit());
        self.shared.changed(self.slot.cell(), step);
        counted
    }
}

impl<O: Observe<Event>> Watch<O> {
    pub(crate) const fn new(permit: Permit<O>, head: Judgement) -> Self {
        Self { permit, head }
    }

    /// The body came to its end.
    pub(crate) fn ended(mut self) {
        self.permit.cell().delivered();
        let Judgement { slow, took, .. } = self.head;
        if let Judged::NotYet = self.head.judged {
            let now = self.permit.shared.core.clock.now();
            self.permit.settle(judge::SUCCESS, slow, took, now);
        }
    }

    /// The body broke.
    pub(crate) fn broke<E: 'static>(self, error: &E) {
        let seen = judge::body(&self.permit.shared.core.settings, error);
        self.fail(seen, Class::of_any(error).unwrap_or(Class::Transport));
    }

    /// An error event came in the body.
    pub(crate) fn has_failed(&self) -> bool {
        let stream = self.head.stream.as_ref();
        stream.is_some_and(|stream| stream.error().is_some())
    }

    /// ... and is judged now.
    pub(crate) fn failed(self) {
        let stream = self.head.stream.clone();
        if let Some(error) = stream.as_ref().and_then(StreamReport::error) {
            let seen = judge::event(&self.permit.shared.core.settings, error);
            self.fail(seen, error.class());
        }
    }

    fn fail(mut self, seen: Seen, class: Class) {
        if seen.mark != Mark::Failure {
            // As in a head: a provider that says so is there.
            let Judgement { slow, took, .. } = self.head;
            let not_yet = matches!(self.head.judged, Judged::NotYet);
            if seen.mark == Mark::Answer && not_yet && self.permit.slot.is_probe() && !slow {
                let now = self.permit.shared.core.clock.now();
                self.permit.settle(judge::SUCCESS, slow, took, now);
            }
            return;
        }
        let shared = self.permit.shared.clone();
        let core = &shared.core;
        let now = core.clock.now();
        let counted = match self.head.judged {
            Judged::NotYet => {
                let Judgement { slow, took, .. } = self.head;
                shared.body_failed(self.permit.slot.cell(), class);
                self.permit.settle(seen, slow, took, now);
                return;
            }
            Judged::Neutral => None,
            Judged::Success(counted) => counted,
        };
        let (rules, random) = (&core.settings.rules, &core.sources.random);
        let slot = &self.permit.slot;
        let step = slot.broke(rules, counted, self.head.slow, now, || random.unit());
        shared.body_failed(slot.cell(), class);
        shared.changed(slot.cell(), step);
    }
}
