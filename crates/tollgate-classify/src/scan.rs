//! Finds out when enough of a body was read, and where the events of a stream end.

mod events;
mod frames;
mod json;
mod lines;
mod shape;

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use crate::opening;
use events::Events;
use frames::Frames;
use json::Json;
use lines::Lines;
use shape::Shape;

pub(crate) use shape::may_be_error;

/// What to look for in a body, and how far the search has come.
///
/// Whatever the framing, the same bytes give the same answer.
#[derive(Debug)]
pub(crate) enum Scan {
    /// The events of an event stream.
    Events(Events),
    /// The frames of an AWS event stream.
    Frames(Frames),
    /// The lines of newline-delimited JSON.
    Lines(Lines),
    /// The whole body, whatever it is.
    Whole,
    /// A JSON object from its first to its last brace; any other text is read as a whole.
    Json(Json),
    /// So much of a JSON success that its shape shows whether it may be an error.
    Shape(Shape),
}

/// The JSON string in which errors are found. In the text that a model writes, its quotes have a backslash
/// before them.
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"error\""));

/// Ends of the keys in which errors are found: `error`, `Error`, `error_code`, `status_code`, `Exception`; and
/// an error without an envelope.
static ERRORS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    let words: [&[u8]; 4] = [b"rror\"", b"_code\"", b"xception\"", b"{\"code\""];
    words.map(Finder::new)
});

/// A complete piece of a body: an event, a frame, a line, an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it lies in the body.
    pub(crate) range: Range<usize>,
    /// What its name says.
    pub(crate) kind: Kind,
    /// Its name says that it is an error.
    pub(crate) fails: bool,
}

/// What a piece is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Event,
    /// It only opens the stream.
    Opening,
    /// It only keeps the stream open.
    KeepAlive,
}

impl From<Range<usize>> for Found {
    fn from(range: Range<usize>) -> Self {
        Self {
            range,
            kind: Kind::Event,
            fails: false,
        }
    }
}

impl Scan {
    pub(crate) fn events() -> Self {
        Self::Events(Events::default())
    }

    pub(crate) fn frames() -> Self {
        Self::Frames(Frames::default())
    }

    pub(crate) fn lines() -> Self {
        Self::Lines(Lines::default())
    }

    pub(crate) fn json() -> Self {
        Self::Json(Json::default())
    }

    pub(crate) fn shape() -> Self {
        Self::Shape(Shape::default())
    }

    /// Reads on, to the end of the next piece. What was read is cut off from `bytes`.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Found> {
        // A frame begins with a zero byte; anything else is text, as proxies make of such streams.
        if let (Self::Frames(frames), Some(1..)) = (&*self, bytes.first()) {
            if frames.read() == 0 {
                *self = Self::json();
            }
        }
        match self {
            Self::Events(events) => events.next(bytes),
            Self::Frames(frames) => frames.next(bytes).map(Found::from),
            Self::Lines(lines) => lines.next(bytes).map(Found::from),
            Self::Whole => None,
            Self::Json(json) => {
                let end = json.feed(std::mem::take(bytes));
                end.map(|end| Found::from(0..end))
            }
            Self::Shape(shape) => {
                let end = shape.feed(std::mem::take(bytes));
                end.map(|end| Found::from(0..end))
            }
        }
    }

    /// How many bytes were read.
    pub(crate) const fn read(&self) -> usize {
        match self {
            Self::Events(events) => events.read(),
            Self::Frames(frames) => frames.read(),
            Self::Lines(lines) => lines.read(),
            Self::Whole | Self::Json(_) | Self::Shape(_) => 0,
        }
    }

    /// Where the piece begins that is not complete.
    pub(crate) const fn unfinished(&self) -> usize {
        match self {
            Self::Events(events) => events.unfinished(),
            Self::Frames(frames) => frames.unfinished(),
            Self::Lines(lines) => lines.unfinished(),
            Self::Whole | Self::Json(_) | Self::Shape(_) => 0,
        }
    }

    /// The body is over. Returns what stands at its end without an end of its own.
    pub(crate) fn end(&mut self) -> Option<Found> {
        match self {
            Self::Events(events) => events.rest(),
            Self::Frames(frames) => {
                let rest = frames.unfinished()..frames.read();
                (!rest.is_empty()).then(|| Found::from(rest))
            }
            Self::Lines(lines) => lines.end().map(Found::from),
            Self::Whole | Self::Json(_) | Self::Shape(_) => None,
        }
    }

    /// The same search from the start of the body, where its pieces are events.
    pub(crate) fn afresh(&self) -> Option<Self> {
        Some(match self {
            Self::Events(_) => Self::events(),
            Self::Frames(_) => Self::frames(),
            Self::Lines(_) => Self::lines(),
            Self::Whole | Self::Json(_) | Self::Shape(_) => return None,
        })
    }

    /// Whether the pieces are events, which are read to the end of the body.
    pub(crate) const fn is_stream(&self) -> bool {
        matches!(self, Self::Events(_) | Self::Frames(_) | Self::Lines(_))
    }

    /// What a piece is good for, by its name and its data.
    pub(crate) fn kind(&self, found: &Found, piece: &[u8]) -> Kind {
        match self {
            _ if self.is_keep_alive(found, piece) => Kind::KeepAlive,
            Self::Events(_) if found.kind == Kind::Opening || opening::is_event(piece) => {
                Kind::Opening
            }
            Self::Frames(_) if frames::is_opening(piece) => Kind::Opening,
            _ => Kind::Event,
        }
    }

    /// Whether a piece only keeps the stream open. Cheap: it is asked about every event that passes.
    pub(crate) fn is_keep_alive(&self, found: &Found, piece: &[u8]) -> bool {
        let ping = || matches!(self, Self::Events(_)) && opening::is_ping(piece);
        found.kind == Kind::KeepAlive || ping()
    }

    /// Whether the search stands within an event that is not complete.
    pub(crate) fn is_within(&self) -> bool {
        match self {
            Self::Events(events) => events.is_within(),
            Self::Frames(frames) => frames.unfinished() < frames.read(),
            Self::Lines(lines) => lines.is_within(),
            Self::Whole | Self::Json(_) | Self::Shape(_) => false,
        }
    }

    /// Whether the stream may be resumed where it ended, as one of MCP may.
    pub(crate) const fn resumes(&self) -> bool {
        matches!(self, Self::Events(events) if events.resumes())
    }

    /// Whether a piece may be an error, so that a classifier has to tell.
    pub(crate) fn may_fail(&self, found: &Found, piece: &[u8]) -> bool {
        match self {
            Self::Frames(_) => frames::is_exception(piece),
            _ => found.fails || ERRORS.iter().any(|words| words.find(piece).is_some()),
        }
    }
}
