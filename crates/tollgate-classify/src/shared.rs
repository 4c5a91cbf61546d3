//! What all services of one layer share, and how a response is judged by it.

use std::{fmt, mem};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, response::Parts};
use http_body::Body;
use tollgate_core::{Class, Classification, Note, Observe};

use crate::{
    Answer, Classified, Classifier, Cut, PeekBody,
    origin::Origin,
    peek::{Peek, Peeked},
    plan::{Plan, plan},
    settings::{Look, Settings},
};

/// The evidence against a success that broke off while its start was read.
const BROKE: &str = "body broke off at its start";

/// A classifier, an observer, and how much they may read.
pub(crate) struct Shared<C, O> {
    pub(crate) classifier: C,
    pub(crate) observer: O,
    pub(crate) settings: Settings,
}

impl<C, O> Shared<C, O>
where
    C: Classifier,
    O: Observe<Classified>,
{
    /// Notes what the head of a response says. Returns what to read of its body, if it must be read
    /// to tell what the response means.
    pub(crate) fn begin<B>(&self, origin: &mut Origin, response: &mut Response<B>) -> Option<Look> {
        if is_noted(response) {
            return None;
        }
        let (status, name) = (response.status(), origin.as_str());
        let answer = self.answer(name, status, response.headers());
        let quota = self.classifier.quota(&answer);
        let plan = plan(status, response.headers(), || {
            self.classifier.hides_errors(name)
        });
        if let Some(quota) = quota.filter(|quota| !quota.is_empty()) {
            Note::update(response, |note| note.set_quota(quota));
        }
        match plan {
            Plan::Pass => None,
            Plan::Head => {
                let seen = self.judge(name, status, response.headers(), &[]);
                self.note(origin, response, seen, 0, None);
                None
            }
            Plan::Peek(what) => self.settings.look(what),
        }
    }

    /// Judges a response by what was read of its body, and puts it together again.
    pub(crate) fn finish<R>(
        &self,
        origin: &mut Origin,
        head: Parts,
        peek: Peek<R>,
        peeked: Peeked,
    ) -> Response<PeekBody<R>>
    where
        R: Body<Data = Bytes> + Unpin,
    {
        let text = peek.text(peeked.seen);
        let seen = self.judge(origin.as_str(), head.status, &head.headers, &text);
        // A success that breaks before it has said anything: nothing has reached the caller yet, so
        // whoever is above may still send the call again.
        let broke = peeked.cut == Some(Cut::Broken);
        let seen = seen
            .or_else(|| broke.then(|| Classification::new(Class::Transport).with_evidence(BROKE)));
        let read = peek.read();
        let mut response = Response::from_parts(head, peek.into_body());
        self.note(origin, &mut response, seen, read, peeked.cut);
        response
    }

    /// What an answer means; `None` for a plain success.
    fn judge(
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
        };
        if event.classification.class() != Class::Ok {
            self.observer.observe(&event);
        }
        Note::update(response, |note| {
            note.set_classification(event.classification);
        });
    }
}

/// A layer below has judged this response already. (A limiter below may leave a note too, one that
/// says no more than how long it held the call.)
fn is_noted<B>(response: &Response<B>) -> bool {
    Note::of(response)
        .is_some_and(|note| note.classification().is_some() || !note.quota().is_empty())
}

impl<C: fmt::Debug, O> fmt::Debug for Shared<C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("classifier", &self.classifier)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
