//! What all services of one layer share, and how a response is judged by it.

use std::{fmt, mem, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, response::Parts};
use http_body::Body;
use tollgate_core::{Class, Classification, Note, Observe, StreamReport};

use crate::{
    Answer, Classified, Classifier, Cut, PeekBody,
    asked::Asked,
    encoded::{Coding, coding, decoded},
    late::Late,
    origin::Origin,
    peek::{Peek, Peeked},
    plan::{Plan, What, plan},
    reading::BLANK,
    scan::Scan,
    settings::{Look, Settings},
};

/// The evidence against a success that broke off while its start was read.
const BROKE: &str = "body broke off at its start";

/// The evidence against a stream that ended before it said anything.
const NO_EVENT: &str = "stream ended without an event";

/// A classifier, an observer, and how much they may read.
pub(crate) struct Shared<C, O> {
    pub(crate) classifier: C,
    pub(crate) observer: O,
    pub(crate) settings: Settings,
}

/// What to do once the head of a response is here.
pub(crate) enum Next<C, O> {
    /// Hand it on; the events of its body are read while they pass.
    HandOn(Option<Box<Late<C, O>>>),
    /// Read the start of its body.
    Peek(Look),
}

impl<C, O> Shared<C, O>
where
    C: Classifier,
    O: Observe<Classified>,
{
    /// Notes what the head of a response says, and tells what to read of its body.
    pub(crate) fn begin<B: Body>(
        self: &Arc<Self>,
        asked: &mut Asked,
        response: &mut Response<B>,
    ) -> Next<C, O> {
        if is_noted(response) {
            return Next::HandOn(None);
        }
        let status = response.status();
        // Nothing says anything.
        if response.headers().is_empty() && status.is_success() {
            return Next::HandOn(None);
        }
        let name = asked.origin.as_str();
        let answer = self.answer(name, status, response.headers());
        let quota = self.classifier.quota(&answer);
        let plan = plan(status, response.headers(), || {
            self.classifier.hides_errors(name)
        });
        if let Some(quota) = quota.filter(|quota| !quota.is_empty()) {
            Note::update(response, |note| note.set_quota(quota));
        }
        match plan {
            Plan::Pass => Next::HandOn(None),
            Plan::Peek(What::Shape | What::FirstLine) if !asked.makes => Next::HandOn(None),
            Plan::Head => {
                let seen = self.judge(name, status, response.headers(), &[]);
                self.note(&mut asked.origin, response, seen, 0, None);
                Next::HandOn(None)
            }
            Plan::Peek(what) => match (self.settings.look(what), what.stream()) {
                (Some(look), _) => Next::Peek(look),
                (None, Some(scan)) => Next::HandOn(Some(self.late(asked, response, scan))),
                (None, None) => Next::HandOn(None),
            },
        }
    }

    /// Judges a response by what was read of its body, and puts it together again.
    pub(crate) fn finish<R>(
        self: &Arc<Self>,
        asked: &mut Asked,
        head: Parts,
        peek: Peek<R>,
        peeked: Peeked,
    ) -> Response<PeekBody<R, C, O>>
    where
        R: Body<Data = Bytes> + Unpin,
    {
        let mut head = Response::from_parts(head, ());
        // A success is only read where it is not compressed.
        let coding = match head.status().as_u16() {
            400.. => coding(head.headers()).unwrap_or(Coding::Identity),
            _ => Coding::Identity,
        };
        let text = decoded(peek.text(peeked.seen), coding, self.settings.max_peek);
        let seen = self.judge(asked.origin.as_str(), head.status(), head.headers(), &text);
        let stream = peek.stream();
        // Nothing has reached the caller yet, so a layer above may still send the call again.
        let seen = seen.or_else(|| match peeked.cut {
            Some(Cut::Broken) => Some(Classification::new(Class::Transport).with_evidence(BROKE)),
            _ if peeked.blank && asked.makes && head.status() == StatusCode::OK => {
                Some(fault(match stream {
                    Some(_) => NO_EVENT,
                    None => BLANK,
                }))
            }
            _ => None,
        });
        let stream = stream.filter(|_| seen.is_none() && head.status().is_success());
        let late = stream.map(|scan| self.late(asked, &mut head, scan));
        self.note(&mut asked.origin, &mut head, seen, peek.read(), peeked.cut);
        drop(text);
        head.map(|()| peek.into_body(late))
    }

    /// Reads the events of a stream from its start while they pass, and notes where the report is.
    fn late<B>(
        self: &Arc<Self>,
        asked: &mut Asked,
        response: &mut Response<B>,
        scan: Scan,
    ) -> Box<Late<C, O>> {
        let report = StreamReport::default();
        Note::update(response, |note| note.set_stream(report.clone()));
        let origin = mem::replace(&mut asked.origin, Origin::Unknown);
        let shared = Arc::clone(self);
        Box::new(Late::new(shared, origin, response.status(), report, scan))
    }

    /// What an answer means; `None` for a plain success.
    pub(crate) fn judge(
        &self,
        origin: Option<&str>,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Option<Classification> {
        let answer = self.answer(origin, status, headers).with_body(body);
        if status.as_u16() >= 400 {
            let seen = self.classifier.classify(&answer);
            return Some(seen.unwrap_or_else(|| Classification::from_status(status, headers)));
        }
        if body.is_empty() {
            return None;
        }
        let seen = self.classifier.classify(&answer)?;
        (seen.class() != Class::Ok).then_some(seen)
    }

    fn answer<'a>(
        &'a self,
        origin: Option<&'a str>,
        status: StatusCode,
        headers: &'a HeaderMap,
    ) -> Answer<'a> {
        Answer::new(status, headers)
            .with_origin(origin)
            .with_clock(&*self.settings.clock)
    }

    /// Tells the observer, and leaves a note on the response.
    fn note<B>(
        &self,
        origin: &mut Origin,
        response: &mut Response<B>,
        seen: Option<Classification>,
        peeked: usize,
        cut: Option<Cut>,
    ) {
        let Some(classification) = seen else {
            return;
        };
        let event = Classified {
            status: response.status(),
            origin: mem::replace(origin, Origin::Unknown),
            classification,
            peeked,
            cut,
            late: false,
        };
        if event.classification.class() != Class::Ok {
            self.observer.observe(&event);
        }
        Note::update(response, |note| {
            note.set_classification(event.classification);
        });
    }
}

/// A fault of the provider behind a status that says success.
fn fault(evidence: &'static str) -> Classification {
    Classification::new(Class::ServerError).with_evidence(evidence)
}

/// A layer below has judged this response already. (A limiter below may leave a note too, one that
/// says no more than how long it held the call.)
fn is_noted<B>(response: &Response<B>) -> bool {
    Note::of(response).is_some_and(|note| {
        note.classification().is_some() || note.stream().is_some() || !note.quota().is_empty()
    })
}

impl<C: fmt::Debug, O> fmt::Debug for Shared<C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("classifier", &self.classifier)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
