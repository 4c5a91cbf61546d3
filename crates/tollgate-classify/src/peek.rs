//! Reads the start of a body and keeps it.

use std::{
    borrow::Cow,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::Body;

use crate::{
    Cut, PeekBody,
    body::{Ahead, Then},
    scan::Scan,
};

/// A body of which the start is being read.
pub(crate) struct Peek<R: Body> {
    body: R,
    ahead: Ahead<R::Error>,
    scan: Scan,
    /// How many bytes were read.
    read: usize,
    /// How many bytes are enough.
    cap: usize,
}

/// A peek that is over.
#[derive(Debug, Clone)]
pub(crate) struct Peeked {
    /// Which bytes of the body to show to a classifier.
    pub(crate) seen: Range<usize>,
    /// Why it ended early.
    pub(crate) cut: Option<Cut>,
}

impl<R: Body<Data = Bytes> + Unpin> Peek<R> {
    pub(crate) const fn new(body: R, scan: Scan, cap: usize) -> Self {
        Self {
            body,
            ahead: Ahead::new(),
            scan,
            read: 0,
            cap,
        }
    }

    /// Reads until enough is here: all that the scan looks for, the cap, or the end.
    ///
    /// Cancel safe: what was read stays. Must not be polled again after it was ready.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Peeked> {
        // A body may say that it is over before it is asked; then the caller asks.
        while !self.body.is_end_stream() {
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                self.ahead.then = Some(Then::End);
                break;
            };
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    self.ahead.then = Some(Then::Error(error));
                    return Poll::Ready(self.stopped(Some(Cut::Broken)));
                }
            };
            match frame.into_data() {
                Ok(data) => {
                    if let Some(peeked) = self.push(data) {
                        return Poll::Ready(peeked);
                    }
                }
                // Nothing but the end comes after trailers.
                Err(frame) => {
                    self.ahead.then = Some(Then::Frame(Box::new(frame)));
                    break;
                }
            }
        }
        Poll::Ready(self.stopped(None))
    }

    /// Keeps a frame and looks at its bytes, as far as the cap reaches.
    fn push(&mut self, data: Bytes) -> Option<Peeked> {
        let room = self.cap - self.read.min(self.cap);
        let found = self.scan.feed(&data[..data.len().min(room)]);
        self.read += data.len();
        self.ahead.data.push_back(data);
        if let Some(seen) = found {
            return Some(Peeked { seen, cut: None });
        }
        // The number of frames is bounded too, or a row of empty ones would never end.
        let full = self.read >= self.cap || self.ahead.data.len() >= self.cap;
        if full && !(self.read == self.cap && self.body.is_end_stream()) {
            return Some(self.stopped(Some(Cut::Size)));
        }
        None
    }

    /// What there is to see when nothing more will be read.
    pub(crate) fn stopped(&self, cut: Option<Cut>) -> Peeked {
        let end = self.read.min(self.cap);
        let seen = self.scan.unfinished().min(end)..end;
        Peeked { seen, cut }
    }

    /// How many bytes were read.
    pub(crate) const fn read(&self) -> usize {
        self.read
    }

    /// These bytes in one piece: in place where one frame holds them, else copied.
    pub(crate) fn text(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let mut copy = Vec::new();
        let mut at = 0;
        for data in &self.ahead.data {
            let (start, end) = (range.start.max(at) - at, range.end.max(at) - at);
            at += data.len();
            let Some(part) = data.get(start..end.min(data.len())) else {
                continue;
            };
            if part.len() == range.len() {
                return Cow::Borrowed(part);
            }
            if copy.capacity() == 0 {
                copy.reserve_exact(range.len());
            }
            copy.extend_from_slice(part);
        }
        Cow::Owned(copy)
    }

    /// The body, with what was read of it in front.
    pub(crate) fn into_body(self) -> PeekBody<R> {
        PeekBody::peeked(self.ahead, self.body)
    }
}
