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
    late::Late,
    scan::{Found, Kind, Scan, may_be_error},
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
    /// How many openings of a stream were passed over.
    openings: u8,
}

/// A peek that is over.
#[derive(Debug, Clone)]
pub(crate) struct Peeked {
    /// Which bytes of the body to show to a classifier.
    pub(crate) seen: Range<usize>,
    /// Why it ended early.
    pub(crate) cut: Option<Cut>,
    /// The body is over, and says nothing: it is blank, or a stream without an event.
    pub(crate) blank: bool,
}

impl Peeked {
    /// All that must be seen of a body, though it may go on.
    const fn enough(seen: Range<usize>) -> Self {
        Self {
            seen,
            cut: None,
            blank: false,
        }
    }
}

/// So many events that only open a stream may come before the first one that says something.
const OPENINGS: u8 = 32;

impl<R: Body<Data = Bytes> + Unpin> Peek<R> {
    pub(crate) fn new(body: R, scan: Scan, cap: usize) -> Self {
        Self {
            body,
            ahead: Ahead::new(),
            scan,
            read: 0,
            cap,
            openings: 0,
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
        let part = data.slice(..data.len().min(room));
        self.read += data.len();
        self.ahead.data.push(data);
        let peeked = self.look(&part);
        if peeked.is_some() {
            return peeked;
        }
        // The number of frames is bounded too, or a row of empty ones would never end.
        let full = self.read >= self.cap || self.ahead.data.len() >= self.cap;
        if full && !(self.read == self.cap && self.body.is_end_stream()) {
            return Some(self.stopped(Some(Cut::Size)));
        }
        None
    }

    /// Looks at the next bytes.
    fn look(&mut self, mut bytes: &[u8]) -> Option<Peeked> {
        // All of it is here: its shape shows at once.
        if matches!(self.scan, Scan::Shape(_)) && self.body.is_end_stream() {
            return None;
        }
        while let Some(found) = self.scan.next(&mut bytes) {
            if let Scan::Shape(_) = self.scan {
                return self.shape();
            }
            if !self.passes_over(&found) {
                return Some(Peeked::enough(found.range));
            }
        }
        None
    }

    /// Enough is here to see the shape of a JSON body; unless it begins with blanks.
    fn shape(&mut self) -> Option<Peeked> {
        let text = self.text(0..self.read.min(self.cap));
        let text = text.trim_ascii_start();
        if text.is_empty() {
            return None;
        }
        match may_be_error(text) {
            true => self.read_object(),
            false => Some(Peeked::enough(0..0)),
        }
    }

    /// It may be an error: then all of the object is wanted.
    fn read_object(&mut self) -> Option<Peeked> {
        self.scan = Scan::json();
        let mut room = self.cap;
        for data in self.ahead.data.iter() {
            let mut part = &data[..data.len().min(room)];
            room -= part.len();
            if let Some(found) = self.scan.next(&mut part) {
                return Some(Peeked::enough(found.range));
            }
        }
        None
    }

    fn passes_over(&mut self, found: &Found) -> bool {
        match self.scan.kind(found, &self.text(found.range.clone())) {
            Kind::Event => false,
            Kind::KeepAlive => true,
            Kind::Opening => {
                self.openings += 1;
                self.openings <= OPENINGS
            }
        }
    }

    /// Whether an opening has come: what is still held back is a stream that has begun.
    pub(crate) const fn has_begun(&self) -> bool {
        self.openings > 0
    }

    /// What there is to see when nothing more will be read.
    pub(crate) fn stopped(&mut self, cut: Option<Cut>) -> Peeked {
        let end = self.read.min(self.cap);
        let over = cut.is_none();
        if let Scan::Shape(_) = self.scan {
            let text = self.text(0..end);
            let text = text.trim_ascii_start();
            if !may_be_error(text) {
                let blank = over && text.is_empty();
                let seen = 0..0;
                return Peeked { seen, cut, blank };
            }
        }
        let seen = match self.scan {
            Scan::Whole | Scan::Shape(_) | Scan::Json(_) => 0..end,
            _ if over => {
                let last = self.scan.end();
                let last = last.filter(|found| !self.passes_over(found));
                last.map_or(end..end, |found| found.range)
            }
            _ => self.scan.unfinished().min(end)..end,
        };
        let reads = !matches!(self.scan, Scan::Whole) && !self.scan.resumes();
        let blank = reads && over && self.text(seen.clone()).trim_ascii().is_empty();
        Peeked { seen, cut, blank }
    }

    /// The search for later events, where the body is a stream of them.
    pub(crate) fn stream(&self) -> Option<Scan> {
        self.scan.afresh()
    }

    /// How many bytes were read.
    pub(crate) const fn read(&self) -> usize {
        self.read
    }

    /// These bytes in one piece: in place where one frame holds them, else copied.
    pub(crate) fn text(&self, range: Range<usize>) -> Cow<'_, [u8]> {
        let mut copy = Vec::new();
        let mut at = 0;
        for data in self.ahead.data.iter() {
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
    pub(crate) fn into_body<C, O>(self, late: Option<Box<Late<C, O>>>) -> PeekBody<R, C, O> {
        PeekBody::peeked(self.ahead, self.body, late)
    }
}
