//! The body `ReplayLayer` hands down.

use std::{
    borrow::Cow,
    fmt, mem,
    ops::Range,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};

use super::{Replay, UploadError, replaced};
use crate::{BoxError, JsonRequest};

/// A body that was read before it is sent: whole, so that it can be sent twice, or, above the cap
/// of its [`ReplayLayer`](super::ReplayLayer), as far as it was read with the rest still to come.
///
/// An error of the rest is marked as the caller's own, by [`UploadError`]. As a body it has frames of
/// [`Bytes`], the trailers of the body it was made of, and an exact size hint where it is whole and has no
/// trailers.
pub struct ReplayBody<B> {
    repr: Repr<B>,
}

enum Repr<B> {
    Whole {
        /// What is still to be sent.
        data: Bytes,
        trailers: Option<Box<HeaderMap>>,
        read: Arc<Read>,
    },
    Once {
        prefix: Bytes,
        rest: B,
    },
}

/// The bytes of a body and all of its clones, and what was read in them.
struct Read {
    bytes: Bytes,
    json: OnceLock<Option<JsonRequest>>,
}

impl<B> ReplayBody<B> {
    /// A body of these bytes, which can be sent any number of times.
    #[must_use]
    pub fn whole(data: impl Into<Bytes>) -> Self {
        Self::read(data.into(), None)
    }

    /// A body that sends `prefix` and then what `rest` yields: once.
    #[must_use]
    pub fn once(prefix: impl Into<Bytes>, rest: B) -> Self {
        Self {
            repr: Repr::Once {
                prefix: prefix.into(),
                rest,
            },
        }
    }

    pub(super) fn read(data: Bytes, trailers: Option<HeaderMap>) -> Self {
        Self::with_json(data, trailers, OnceLock::new())
    }

    fn with_json(
        data: Bytes,
        trailers: Option<HeaderMap>,
        json: OnceLock<Option<JsonRequest>>,
    ) -> Self {
        let bytes = data.clone();
        Self {
            repr: Repr::Whole {
                data,
                trailers: trailers.map(Box::new),
                read: Arc::new(Read { bytes, json }),
            },
        }
    }

    /// It can be sent again.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.repr, Repr::Whole { .. })
    }
}

impl<B> Replay for ReplayBody<B> {
    fn try_clone(&self) -> Option<Self> {
        match &self.repr {
            Repr::Whole {
                data,
                trailers,
                read,
            } => Some(Self {
                repr: Repr::Whole {
                    data: data.clone(),
                    trailers: trailers.clone(),
                    read: read.clone(),
                },
            }),
            Repr::Once { .. } => None,
        }
    }

    fn bytes(&self) -> Option<Bytes> {
        match &self.repr {
            Repr::Whole { data, .. } => Some(data.clone()),
            Repr::Once { .. } => None,
        }
    }

    fn json(&self) -> Option<Cow<'_, JsonRequest>> {
        let Repr::Whole { data, read, .. } = &self.repr else {
            return None;
        };
        if data.len() != read.bytes.len() {
            // It was sent, at least in part.
            return JsonRequest::read(data.clone()).map(Cow::Owned);
        }
        let json = read
            .json
            .get_or_init(|| JsonRequest::read(read.bytes.clone()));
        json.as_ref().map(Cow::Borrowed)
    }

    fn to_whole(&self) -> Option<ReplayBody<()>> {
        let Repr::Whole { data, read, .. } = &self.repr else {
            return None;
        };
        if data.len() != read.bytes.len() {
            return Some(ReplayBody::whole(data.clone()));
        }
        Some(ReplayBody {
            repr: Repr::Whole {
                data: data.clone(),
                trailers: None,
                read: read.clone(),
            },
        })
    }

    fn replaced(&self, piece: &Range<usize>, by: &str) -> Option<Self> {
        let Repr::Whole { data, read, .. } = &self.repr else {
            return None;
        };
        let bytes = replaced(data, piece, by)?;
        let json = OnceLock::new();
        if let (Some(Some(known)), true) = (read.json.get(), data.len() == read.bytes.len()) {
            if let Some(carried) = known.with_model(piece, by.len(), bytes.clone()) {
                let _ = json.set(Some(carried));
            }
        }
        Some(Self::with_json(bytes, None, json))
    }
}

impl<B> Body for ReplayBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = UploadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadError>>> {
        match &mut self.repr {
            Repr::Whole { data, .. } | Repr::Once { prefix: data, .. } if !data.is_empty() => {
                Poll::Ready(Some(Ok(Frame::data(mem::take(data)))))
            }
            Repr::Whole { trailers, .. } => {
                Poll::Ready(trailers.take().map(|map| Ok(Frame::trailers(*map))))
            }
            Repr::Once { rest, .. } => {
                let frame = ready!(Pin::new(rest).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(UploadError::new)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.repr {
            Repr::Whole { data, trailers, .. } => data.is_empty() && trailers.is_none(),
            Repr::Once { prefix, rest } => prefix.is_empty() && rest.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.repr {
            Repr::Whole {
                data,
                trailers: None,
                ..
            } => SizeHint::with_exact(data.len() as u64),
            // With a known length HTTP/1.1 has no place for trailers.
            Repr::Whole { data, .. } => {
                let mut hint = SizeHint::new();
                hint.set_lower(data.len() as u64);
                hint
            }
            Repr::Once { prefix, rest } => {
                let (more, hint) = (prefix.len() as u64, rest.size_hint());
                let mut sum = SizeHint::new();
                // The upper bound first: `set_lower` must stay below it.
                if let Some(upper) = hint.upper().and_then(|upper| upper.checked_add(more)) {
                    sum.set_upper(upper);
                }
                sum.set_lower(hint.lower().saturating_add(more));
                sum
            }
        }
    }
}

impl<B> From<Bytes> for ReplayBody<B> {
    fn from(data: Bytes) -> Self {
        Self::whole(data)
    }
}

impl<B> fmt::Debug for ReplayBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Sizes only: a prompt does not belong into a log.
        let (name, here) = match &self.repr {
            Repr::Whole { data, .. } => ("Whole", data),
            Repr::Once { prefix, .. } => ("Once", prefix),
        };
        f.debug_struct(name)
            .field("len", &here.len())
            .finish_non_exhaustive()
    }
}
