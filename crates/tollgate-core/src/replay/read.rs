//! Reads a body up to a cap.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;

use super::ReplayBody;

/// A body being read, and what of it is already here.
pub(super) struct Reading<B> {
    body: Option<B>,
    first: Bytes,
    more: BytesMut,
    trailers: Option<HeaderMap>,
    frames: usize,
    cap: usize,
}

/// A row of empty frames must end too.
const MOST_FRAMES: usize = 1 << 16;

impl<B: Body<Data = Bytes> + Unpin> Reading<B> {
    pub(super) fn new(body: B, cap: usize) -> Self {
        Self {
            body: Some(body),
            first: Bytes::new(),
            more: BytesMut::new(),
            trailers: None,
            frames: 0,
            cap,
        }
    }

    /// The whole body, or as much of it as is here once more than the cap is.
    ///
    /// Cancel safe: what was read stays. Must not be polled again after it was ready.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<ReplayBody<B>, B::Error>> {
        let Some(mut body) = self.body.take() else {
            unreachable!("polled after it was ready")
        };
        // A body that says it is too large needs not be read to be believed.
        if body.size_hint().lower() > self.cap as u64 && self.len() == 0 {
            return Poll::Ready(Ok(ReplayBody::once(Bytes::new(), body)));
        }
        loop {
            let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(cx) else {
                self.body = Some(body);
                return Poll::Pending;
            };
            let Some(frame) = frame.transpose()? else {
                return Poll::Ready(Ok(ReplayBody::read(self.joined(), self.trailers.take())));
            };
            match frame.into_data() {
                Ok(data) => self.push(data),
                Err(frame) => self.trailers = frame.into_trailers().ok(),
            }
            self.frames += 1;
            if self.len() > self.cap || self.frames > MOST_FRAMES {
                return Poll::Ready(Ok(ReplayBody::once(self.joined(), body)));
            }
        }
    }

    fn len(&self) -> usize {
        self.first.len() + self.more.len()
    }

    fn push(&mut self, data: Bytes) {
        if self.len() == 0 {
            self.first = data;
        } else {
            self.more.extend_from_slice(&data);
        }
    }

    /// One frame is handed on as it came; several are copied together.
    fn joined(&mut self) -> Bytes {
        if self.more.is_empty() {
            return std::mem::take(&mut self.first);
        }
        let mut all = BytesMut::with_capacity(self.len());
        all.extend_from_slice(&self.first);
        all.extend_from_slice(&self.more);
        all.freeze()
    }
}
