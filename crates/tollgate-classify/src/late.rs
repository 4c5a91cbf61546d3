//! Reads the events of a stream while they pass to the caller.

use std::{ops::Range, sync::Arc};

use http::{HeaderMap, StatusCode};
use tollgate_core::{Observe, StreamReport};

use crate::{
    Classified, Classifier,
    origin::Origin,
    scan::{Found, Kind, Scan},
    shared::Shared,
};

/// The longest event that arrives in more than one frame and is still looked at, in bytes.
const LONGEST: usize = 64 << 10;

/// Looks for an error event behind the first event, counts the events, and writes both into the report
/// of the stream.
///
/// Bytes are only copied where an event is cut in two by the end of a frame.
pub(crate) struct Late<C, O> {
    shared: Arc<Shared<C, O>>,
    origin: Origin,
    status: StatusCode,
    report: StreamReport,
    scan: Scan,
    /// The start of the event that is not complete; empty where it is too long.
    tail: Vec<u8>,
}

impl<C, O> Late<C, O> {
    pub(crate) const fn new(
        shared: Arc<Shared<C, O>>,
        origin: Origin,
        status: StatusCode,
        report: StreamReport,
        scan: Scan,
    ) -> Self {
        Self {
            shared,
            origin,
            status,
            report,
            scan,
            tail: Vec::new(),
        }
    }
}

impl<C: Classifier, O: Observe<Classified>> Late<C, O> {
    /// The next frame of the body.
    pub(crate) fn read(&mut self, data: &[u8]) {
        // Text in place of the frames of AWS is no stream.
        if !self.scan.is_stream() {
            return;
        }
        let start = self.scan.read();
        let mut rest = data;
        while let Some(found) = self.scan.next(&mut rest) {
            if !self.scan.is_stream() {
                return;
            }
            self.event(&found, start, data);
        }
        self.keep(start, data);
        if self.scan.is_within() {
            self.report.count_part();
        }
    }

    /// The body came to its end.
    pub(crate) fn end(&mut self) {
        let start = self.scan.read();
        if let Some(found) = self.scan.end() {
            self.event(&found, start, &[]);
        }
    }

    /// An event is complete. `start` is where `data` begins in the body.
    fn event(&mut self, found: &Found, start: usize, data: &[u8]) {
        let Range { start: from, end } = found.range;
        let mut tail = std::mem::take(&mut self.tail);
        let event = match from.checked_sub(start) {
            Some(from) => data.get(from..end - start),
            None if tail.len() == start - from => {
                tail.extend_from_slice(&data[..end - start]);
                Some(&*tail)
            }
            // It was too long to keep.
            None => None,
        };
        if event.map_or(found.kind == Kind::KeepAlive, |event| {
            self.scan.is_keep_alive(found, event)
        }) {
            return self.report.count_keep_alive();
        }
        self.report.count_event();
        let suspect =
            event.filter(|event| self.report.error().is_none() && self.scan.may_fail(found, event));
        if let Some(event) = suspect {
            self.judge(event);
        }
    }

    /// Keeps the start of an event that is not complete.
    fn keep(&mut self, start: usize, data: &[u8]) {
        let open = self.scan.unfinished();
        let (kept, part) = match open.checked_sub(start) {
            Some(from) => {
                self.tail.clear();
                (0, data.get(from..).unwrap_or_default())
            }
            None => (start - open, data),
        };
        if self.tail.len() != kept {
            return;
        }
        if kept + part.len() > LONGEST {
            self.tail = Vec::new();
        } else {
            self.tail.extend_from_slice(part);
        }
    }

    #[cold]
    fn judge(&self, event: &[u8]) {
        let (origin, headers) = (self.origin.as_str(), HeaderMap::new());
        if let Some(seen) = self.shared.judge(origin, self.status, &headers, event) {
            self.report.fail(seen.clone());
            self.shared.observer.observe(&Classified {
                status: self.status,
                origin: self.origin.clone(),
                classification: seen,
                peeked: event.len(),
                cut: None,
                late: true,
            });
        }
    }
}
