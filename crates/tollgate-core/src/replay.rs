//! Request bodies that can be sent twice.
//!
//! A retry or a fallback sends a request again, so its body must still be there. Bodies that hold
//! their bytes ([`Full`], [`ReplayBody`]) offer that through [`Replay`];
//! streams get it from [`ReplayLayer`], placed outermost.

mod body;
mod error;
mod future;
mod layer;
mod read;

use std::{
    borrow::Cow,
    ops::Range,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use http_body_util::{Either, Empty, Full};

use crate::JsonRequest;

pub use body::ReplayBody;
pub use error::UploadError;
pub use future::ReplayFuture;
pub use layer::{Buffered, ReplayLayer};

/// A request body that can be sent a second time.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use tollgate_core::Replay;
///
/// let body = Full::new(Bytes::from("hello"));
/// assert_eq!(body.bytes().as_deref(), Some(&b"hello"[..]));
/// assert!(body.try_clone().is_some());
/// ```
#[diagnostic::on_unimplemented(
    message = "the request body `{Self}` cannot be sent twice",
    label = "this stack sends a request again, so its body must implement `Replay`",
    note = "put `tollgate_core::ReplayLayer` (`tollgate::ReplayLayer`) outermost: it reads the body once and hands down a `ReplayBody`",
    note = "or send `http_body_util::Full<Bytes>`, which holds its bytes"
)]
pub trait Replay: Sized {
    /// A second body that sends the same from its start; `None` if that is not possible (any more).
    /// Should be cheap, and is without a copy of the bytes for every body here but `String`.
    fn try_clone(&self) -> Option<Self>;

    /// All bytes the body will send; `None` if they are not known.
    fn bytes(&self) -> Option<Bytes>;

    /// What the body asks for, where it is a JSON object whose bytes are known. A [`ReplayBody`] reads
    /// its bytes once for all of its clones; others read them each time.
    fn json(&self) -> Option<Cow<'_, JsonRequest>> {
        JsonRequest::read(self.bytes()?).map(Cow::Owned)
    }

    /// A body of the same bytes, for somebody who only reads them; `None` if they are not known. That of a
    /// [`ReplayBody`] shares what was read.
    fn to_whole(&self) -> Option<ReplayBody<()>> {
        self.bytes().map(ReplayBody::whole)
    }

    /// The body with one piece of its bytes replaced, without its trailers; `None` if they are not known, or
    /// have no such piece. A [`ReplayBody`] that was read is not read again where the piece was the value of
    /// its model: the other one must be a JSON value too.
    fn replaced(&self, piece: &Range<usize>, by: &str) -> Option<Self>
    where
        Self: From<Bytes>,
    {
        replaced(&self.bytes()?, piece, by).map(Self::from)
    }
}

/// A copy of these bytes around one piece, and another in its place.
fn replaced(bytes: &Bytes, piece: &Range<usize>, by: &str) -> Option<Bytes> {
    bytes.get(piece.clone())?;
    let (before, after) = (&bytes[..piece.start], &bytes[piece.end..]);
    let mut all = BytesMut::with_capacity(before.len() + by.len() + after.len());
    for part in [before, by.as_bytes(), after] {
        all.extend_from_slice(part);
    }
    Some(all.freeze())
}

impl<D: Buf + Clone> Replay for Full<D> {
    fn try_clone(&self) -> Option<Self> {
        Some(self.clone())
    }

    /// The bytes, which `Full` gives away only frame by frame: taken out of a clone.
    fn bytes(&self) -> Option<Bytes> {
        let mut copy = self.clone();
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut copy).poll_frame(&mut cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let mut data = frame.into_data().ok()?;
                Some(data.copy_to_bytes(data.remaining()))
            }
            _ => Some(Bytes::new()),
        }
    }
}

impl<D> Replay for Empty<D> {
    fn try_clone(&self) -> Option<Self> {
        Some(Self::new())
    }

    fn bytes(&self) -> Option<Bytes> {
        Some(Bytes::new())
    }
}

impl<L: Replay, R: Replay> Replay for Either<L, R> {
    fn try_clone(&self) -> Option<Self> {
        match self {
            Self::Left(body) => body.try_clone().map(Self::Left),
            Self::Right(body) => body.try_clone().map(Self::Right),
        }
    }

    fn bytes(&self) -> Option<Bytes> {
        match self {
            Self::Left(body) => body.bytes(),
            Self::Right(body) => body.bytes(),
        }
    }

    fn json(&self) -> Option<Cow<'_, JsonRequest>> {
        match self {
            Self::Left(body) => body.json(),
            Self::Right(body) => body.json(),
        }
    }

    fn to_whole(&self) -> Option<ReplayBody<()>> {
        match self {
            Self::Left(body) => body.to_whole(),
            Self::Right(body) => body.to_whole(),
        }
    }
}

impl Replay for String {
    fn try_clone(&self) -> Option<Self> {
        Some(self.clone())
    }

    fn bytes(&self) -> Option<Bytes> {
        Some(Bytes::copy_from_slice(self.as_bytes()))
    }
}

/// No body at all, as in tests of services that look at the head only.
impl Replay for () {
    fn try_clone(&self) -> Option<Self> {
        Some(())
    }

    fn bytes(&self) -> Option<Bytes> {
        Some(Bytes::new())
    }
}

#[cfg(test)]
mod tests;
