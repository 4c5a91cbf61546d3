//! A body that tells what became of it.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Buf;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body around another that records how far it was read, and when it was dropped.
    ///
    /// For the tests of layers that must let go of a rejected response before they sleep, or hold
    /// something until a body's last byte.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate_test::{KitBody, TrackedBody};
    ///
    /// let (body, tracker) = TrackedBody::new(KitBody::new("unread"));
    /// assert!(!tracker.is_dropped());
    /// drop(body);
    /// assert!(tracker.is_dropped());
    /// assert_eq!(tracker.bytes(), 0);
    /// ```
    #[derive(Debug)]
    pub struct TrackedBody<B> {
        #[pin]
        inner: B,
        tracker: Tracker,
    }

    impl<B> PinnedDrop for TrackedBody<B> {
        fn drop(this: Pin<&mut Self>) {
            this.tracker.lock().dropped = true;
        }
    }
}

/// Tells what became of a [`TrackedBody`].
#[derive(Debug, Clone, Default)]
pub struct Tracker(Arc<Mutex<Track>>);

#[derive(Debug, Default)]
struct Track {
    polls: u64,
    bytes: u64,
    ended: bool,
    failed: bool,
    dropped: bool,
}

impl<B> TrackedBody<B> {
    /// A tracked body, and what tells about it.
    #[must_use]
    pub fn new(inner: B) -> (Self, Tracker) {
        let tracker = Tracker::default();
        let body = Self {
            inner,
            tracker: tracker.clone(),
        };
        (body, tracker)
    }
}

impl<B: Body> Body for TrackedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        this.tracker.lock().polls += 1;
        let frame = ready!(this.inner.poll_frame(cx));
        let mut track = this.tracker.lock();
        match &frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Buf::remaining);
                track.bytes += length as u64;
            }
            Some(Err(_)) => track.failed = true,
            None => track.ended = true,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Tracker {
    /// How often it was asked for a frame.
    #[must_use]
    pub fn polls(&self) -> u64 {
        self.lock().polls
    }

    /// How many bytes it handed out.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// It said that nothing more will come.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.lock().ended
    }

    /// It ended in an error.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.lock().failed
    }

    /// It was dropped.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        self.lock().dropped
    }

    fn lock(&self) -> MutexGuard<'_, Track> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::KitBody;

    #[tokio::test]
    async fn what_is_read_is_counted() {
        let pieces = ["ab", "cde"].map(|piece| piece.as_bytes().into());
        let (mut body, tracker) = TrackedBody::new(KitBody::pieces(pieces, false));
        body.frame().await.expect("a frame").expect("no error");
        assert_eq!((tracker.polls(), tracker.bytes()), (1, 2));
        assert!(!tracker.is_ended());
        body.collect().await.expect("no error");
        assert_eq!(tracker.bytes(), 5);
        assert!(tracker.is_ended() && tracker.is_dropped() && !tracker.is_failed());
    }
}
