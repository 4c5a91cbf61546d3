//! The body of an answer.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tollgate_core::BoxError;

use crate::error;

/// The body of an answer from a [`Transport`](super::Transport).
///
/// As it comes, frame by frame. Its errors are boxed as those of the service are, so that a layer above
/// tells a time-out in the middle of a body from a broken connection.
#[derive(Debug)]
pub struct AnswerBody(pub(super) reqwest::Body);

impl AnswerBody {
    /// The reqwest body inside, whose errors are reqwest's own.
    #[must_use]
    pub fn into_inner(self) -> reqwest::Body {
        self.0
    }
}

impl From<AnswerBody> for reqwest::Body {
    fn from(body: AnswerBody) -> Self {
        Self::wrap(body)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(cx).map_err(error::boxed)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }
}
