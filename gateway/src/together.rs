//! The body of a stream: the first event goes out at once, what comes right behind it in one write.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tollgate::{BoxBody, stack::CallError};

/// So many frames are held at most, however fast they come.
const MOST: usize = 64;

type Piece = Result<Frame<Bytes>, CallError>;

/// Hands on each frame as it is, but those that came together one right after the other.
///
/// A provider sends several events in one packet, and the client's connection hands them over one at a time,
/// from a task of its own. A server that waits in between writes each of them alone. So the first one goes on,
/// and then that task may run as long as it has more: this waits for a turn of it, never for a packet.
#[derive(Debug)]
pub(crate) struct Together {
    body: BoxBody,
    held: VecDeque<Piece>,
    /// The next frame is the first of some.
    first: bool,
    /// What is held is handed on, and then the body is asked for more.
    full: bool,
    over: bool,
}

impl Together {
    pub(crate) const fn new(body: BoxBody) -> Self {
        Self {
            body,
            held: VecDeque::new(),
            first: true,
            full: false,
            over: false,
        }
    }

    /// Ready with what may go out.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let more = self.take(cx);
        if more && !self.first && !self.over && self.held.len() < MOST {
            // Once more when the others had their turn.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.full = !self.held.is_empty();
        self.first ^= self.full;
        Poll::Ready(())
    }

    /// Takes what is there, and says whether that was something.
    fn take(&mut self, cx: &mut Context<'_>) -> bool {
        let before = self.held.len();
        while !self.over && self.held.len() < MOST {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(piece)) => {
                    self.over = piece.is_err() || self.body.is_end_stream();
                    self.held.push_back(piece);
                }
                Poll::Ready(None) => self.over = true,
                Poll::Pending => break,
            }
        }
        self.held.len() > before
    }
}

impl Body for Together {
    type Data = Bytes;
    type Error = CallError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        if !self.full {
            ready!(self.fill(cx));
        }
        let piece = self.held.pop_front();
        self.full = !self.held.is_empty();
        match piece {
            Some(piece) => Poll::Ready(Some(piece)),
            None if self.over => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && (self.over || self.body.is_end_stream())
    }
}
