//! The body of `Timed`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tollgate_core::{BoxError, Classification, StreamReport};

use super::{TimeLimit, TimedOut, future::Watch};

pin_project! {
    /// A response body that ends in an error when it pauses for too long.
    ///
    /// Frames, trailers, the size hint and errors of the inner body pass. `Send`, `Sync` and `Unpin`
    /// where the inner body is.
    pub struct TimedBody<R> {
        #[pin]
        inner: R,
        watch: Option<Watch>,
        // The first event is still to come.
        first: bool,
        // What a classifier below reads of the stream.
        progress: Option<Progress>,
        // What is waited for: made at the first pause, and moved at each later one.
        pause: Option<Pause>,
    }
}

struct Pause {
    limit: TimeLimit,
    time: Duration,
    // In a box only for bodies that pause, and so that the body can be moved.
    timer: Pin<Box<Sleep>>,
    running: bool,
}

impl<R> TimedBody<R> {
    pub(super) fn new(inner: R, watch: Watch, stream: bool, report: Option<StreamReport>) -> Self {
        Self {
            inner,
            watch: Some(watch),
            first: stream,
            progress: report.map(Progress::new),
            pause: None,
        }
    }
}

/// How far a stream has come.
struct Progress {
    report: StreamReport,
    progress: u64,
    failed: bool,
}

impl Progress {
    const fn new(report: StreamReport) -> Self {
        Self {
            report,
            progress: 0,
            failed: false,
        }
    }

    /// Whether more than comments has passed since the last time.
    fn is_new(&mut self) -> bool {
        let progress = self.report.progress();
        std::mem::replace(&mut self.progress, progress) < progress
    }

    /// The error event, the first time it is seen.
    fn error(&mut self) -> Option<&Classification> {
        let error = self.report.error().filter(|_| !self.failed)?;
        self.failed = true;
        Some(error)
    }
}

impl Pause {
    /// The timer for what is waited for now; `None` where nothing limits it.
    fn start(held: &mut Option<Self>, watch: &Watch, first: bool) -> Option<()> {
        let (limit, time, until) = match watch.first().filter(|_| first) {
            Some(time) => (TimeLimit::FirstEvent, time, watch.until(time)?),
            None => {
                let time = watch.idle()?;
                (TimeLimit::Idle, time, Instant::now().checked_add(time)?)
            }
        };
        match held {
            Some(pause) if pause.running => {}
            Some(pause) => {
                pause.timer.as_mut().reset(until);
                (pause.limit, pause.time, pause.running) = (limit, time, true);
            }
            None => {
                let timer = Box::pin(sleep_until(until));
                *held = Some(Self {
                    limit,
                    time,
                    timer,
                    running: true,
                });
            }
        }
        Some(())
    }
}

impl<R> Body for TimedBody<R>
where
    R: Body,
    R::Error: Into<BoxError>,
{
    type Data = R::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<R::Data>, BoxError>>> {
        let this = self.project();
        let Some(watch) = this.watch else {
            // It ended in an error, and goes no further.
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = this.inner.poll_frame(cx) {
            let (mut moves, mut begun) = (true, true);
            if let Some(progress) = this.progress {
                let new = progress.is_new();
                begun = progress.report.has_begun();
                moves = new || watch.comments_count(begun);
                if let Some(error) = progress.error() {
                    watch.failed(error);
                }
            }
            // A frame of nothing but comments ends no pause, and is no first event.
            if moves {
                if let Some(pause) = this.pause {
                    pause.running = false;
                }
            }
            if begun && std::mem::take(this.first) && matches!(frame, Some(Ok(_))) {
                watch.learn();
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        if Pause::start(this.pause, watch, *this.first).is_none() {
            return Poll::Pending;
        }
        let Some(pause) = this.pause else {
            return Poll::Pending;
        };
        ready!(pause.timer.as_mut().poll(cx));
        if pause.limit == TimeLimit::FirstEvent {
            watch.learn();
        }
        let error = TimedOut::new(pause.limit, pause.time);
        let error = error.with_target(watch.target()).into_error();
        *this.watch = None;
        Poll::Ready(Some(Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        self.watch.is_none() || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<R> fmt::Debug for TimedBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimedBody")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}
