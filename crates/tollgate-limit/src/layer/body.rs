//! The body that carries the permit.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tollgate_core::{Class, UsageReport};

use crate::{Outcome, Permit, UsageReader};

pin_project! {
    /// A response body that gives its permit back with its last byte.
    ///
    /// Frames, trailers, errors and size hints pass unchanged. The usage that the answer reports is
    /// read while it passes. Dropped before its end it gives the permit back at once.
    pub struct PermitBody<B, P: Permit> {
        #[pin]
        body: B,
        watch: Watch<P>,
    }
}

impl<B: Body<Data = Bytes>, P: Permit> PermitBody<B, P> {
    /// Gives `permit` to the body of an answer with these headers.
    pub(crate) fn new(
        body: B,
        permit: P,
        class: Class,
        headers: &HeaderMap,
        report: Option<UsageReport>,
    ) -> Self {
        let how = match class {
            Class::Ok if takes_tokens(&permit) => {
                How::Reading(UsageReader::new(headers), Reported::begin(report))
            }
            _ => How::Known(untold(class)),
        };
        let permit = Some(permit);
        let watch = Watch { permit, how };
        Self { body, watch }
    }

    /// A body without a permit, whose call is over.
    #[inline]
    pub(crate) const fn over(body: B) -> Self {
        let how = How::Known(Outcome::Unknown);
        let watch = Watch { permit: None, how };
        Self { body, watch }
    }
}

/// What a call took whose answer tells nothing.
#[inline]
pub(crate) const fn untold(class: Class) -> Outcome<'static> {
    match class {
        Class::Ok => Outcome::Unknown,
        _ => Outcome::Unserved,
    }
}

fn takes_tokens<P: Permit>(permit: &P) -> bool {
    permit.cost().is_some_and(|cost| cost.tokens() > 0)
}

/// Looks after a permit while a body passes.
struct Watch<P: Permit> {
    permit: Option<P>,
    how: How,
}

enum How {
    /// It is clear already what the call took.
    Known(Outcome<'static>),
    /// The answer may tell, and a layer above may want to hear.
    Reading(UsageReader, Option<Reported>),
}

/// A report of which this body is a part.
struct Reported(UsageReport);

impl Reported {
    fn begin(report: Option<UsageReport>) -> Option<Self> {
        report.map(|report| {
            report.begin();
            Self(report)
        })
    }
}

impl Drop for Reported {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<P: Permit> Watch<P> {
    fn read(&mut self, data: &[u8]) {
        if let How::Reading(reader, report) = &mut self.how {
            reader.read(data);
            if let Some((Reported(report), told)) = report.as_ref().zip(reader.told()) {
                report.tell(told);
            }
        }
    }

    /// The body is over, or nobody wants the rest of it.
    #[inline(never)]
    fn end(&mut self, complete: bool) {
        let Some(permit) = self.permit.take() else {
            return;
        };
        let outcome = match &self.how {
            How::Known(outcome) => *outcome,
            How::Reading(reader, _) if complete => Outcome::Read(reader),
            How::Reading(reader, _) => match permit.cost() {
                Some(cost) => Outcome::Used(reader.usage(cost)),
                None => Outcome::Unknown,
            },
        };
        permit.settle(outcome);
    }
}

impl<P: Permit> Drop for Watch<P> {
    #[inline]
    fn drop(&mut self) {
        if self.permit.is_some() {
            self.end(false);
        }
    }
}

impl<B: Body<Data = Bytes>, P: Permit> Body for PermitBody<B, P> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.watch.read(data);
                }
                // Who knows the end beforehand does not ask again.
                if this.body.is_end_stream() {
                    this.watch.end(true);
                }
            }
            Some(Err(_)) => this.watch.end(false),
            None => this.watch.end(true),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: fmt::Debug, P: Permit> fmt::Debug for PermitBody<B, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PermitBody")
            .field("body", &self.body)
            .field("held", &self.watch.permit.is_some())
            .finish()
    }
}
