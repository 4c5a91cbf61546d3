//! What all services of one layer share, and how a response is judged by it.

use std::{fmt, mem, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, response::Parts};
use http_body::Body;
use tollgate_core::{Class, Classification, Note, Observe};

use crate::{
    Answer, Classified, Classifier, Cut, PeekBody,
    origin::Origin,
    peek::{Peek, Peeked},
    plan::{Plan, plan},
    settings::Settings,
};

/// A classifier, an observer, and how much they may read.
pub(crate) struct Shared<C, O> {
    pub(crate) classifier: C,
    pub(crate) observer: O,
    pub(crate) settings: Settings,
}

/// What to do with a response of which the head is here.
#[expect(
    clippy::large_enum_variant,
    reason = "lives for a moment; a box would be an allocation"
)]
pub(crate) enum Next<R: Body> {
    /// Hand it on.
    Done(Response<PeekBody<R>>),
    /// Read the start of its body first, for so long at most.
    Peek(Parts, Peek<R>, Duration),
}

impl<C, O> Shared<C, O>
where
    C: Classifier,
    O: Observe<Classified>,
{
    /// Notes the quota a response tells of, and decides what to do with it next.
    pub(crate) fn begin<R>(&self, origin: &mut Origin, mut response: Response<R>) -> Next<R>
    where
        R: Body<Data = Bytes> + Unpin,
    {
        if is_noted(&response) {
            return Next::Done(response.map(PeekBody::untouched));
        }
        let (status, name) = (response.status(), origin.as_str());
        let answer = self.answer(name, status, response.headers());
        let quota = self.classifier.quota(&answer);
        let plan = plan(status, response.headers(), || {
            self.classifier.hides_errors(name)
        });
        if let Some(quota) = quota.filter(|quota| !quota.is_empty()) {
            Note::update(&mut response, |note| note.set_quota(quota));
        }
        match plan {
            Plan::Pass => Next::Done(response.map(PeekBody::untouched)),
            Plan::Head => {
                let seen = self.judge(name, status, response.headers(), &[]);
                let response = response.map(PeekBody::untouched);
                Next::Done(self.noted(origin, response, seen, 0, None))
            }
            Plan::Peek(what) => match self.settings.limits(what) {
                None => Next::Done(response.map(PeekBody::untouched)),
                Some((scan, cap, time)) => {
                    let (head, body) = response.into_parts();
                    Next::Peek(head, Peek::new(body, scan, cap), time)
                }
            },
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
        let read = peek.read();
        let response = Response::from_parts(head, peek.into_body());
        self.noted(origin, response, seen, read, peeked.cut)
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
    fn noted<B>(
        &self,
        origin: &mut Origin,
        mut response: Response<B>,
        seen: Option<Classification>,
        peeked: usize,
        cut: Option<Cut>,
    ) -> Response<B> {
        let Some(classification) = seen else {
            return response;
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
        Note::update(&mut response, |note| {
            note.set_classification(event.classification);
        });
        response
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
