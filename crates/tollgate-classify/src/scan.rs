//! Finds out, byte by byte, when enough of a body was read.

mod events;
mod frame;
mod json;

use std::ops::Range;

use events::Events;
use frame::Frame;
use json::Json;

/// What to look for in a body, and how far the search has come.
///
/// Whatever the framing, the same bytes give the same answer.
#[derive(Debug)]
pub(crate) enum Scan {
    /// The first event of an event stream.
    Events(Events),
    /// The first frame of an AWS event stream.
    Frame(Frame),
    /// A JSON object from its first to its last brace; any other text is read as a whole.
    Json(Json),
}

impl Scan {
    pub(crate) fn events() -> Self {
        Self::Events(Events::default())
    }

    pub(crate) fn frame() -> Self {
        Self::Frame(Frame::default())
    }

    pub(crate) fn json() -> Self {
        Self::Json(Json::default())
    }

    /// Reads on. Returns where in the body that lies which is worth showing to a classifier, once
    /// it is complete; must not be called again then.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<Range<usize>> {
        match self {
            Self::Events(events) => events.feed(bytes),
            Self::Frame(frame) => frame.feed(bytes),
            Self::Json(json) => json.feed(bytes).map(|end| 0..end),
        }
    }

    /// Where that begins which is worth showing when nothing more will come.
    pub(crate) const fn unfinished(&self) -> usize {
        match self {
            Self::Events(events) => events.unfinished(),
            Self::Frame(_) | Self::Json(_) => 0,
        }
    }
}
