//! The future of `Timed`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{HeaderMap, Request, Response, Uri, header};
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tollgate_core::{BoxError, Call, Classification, Note, Target, authority_of};

use super::{
    TimeLimit, TimedOut,
    body::TimedBody,
    layer::{First, Limits},
    recent::Key,
};

/// What is known about an attempt.
#[derive(Debug)]
pub(super) struct Watch {
    limits: Arc<Limits>,
    key: Option<Key>,
    start: Instant,
    /// Somebody asked for a stream.
    stream: bool,
    /// How long the first event may take.
    first: Option<Duration>,
    /// What the call itself says.
    deadline: Option<Instant>,
    share: Option<Instant>,
    target: Option<Target>,
    // Where there is no target. One is made of it when it is asked for, which it seldom is.
    uri: Option<Uri>,
}

impl Watch {
    pub(super) fn new<B>(
        limits: Arc<Limits>,
        key: Option<Key>,
        stream: bool,
        request: &Request<B>,
    ) -> Self {
        let call = Call::of(request);
        let target = call.and_then(Call::target);
        let first = match (&limits.first, &key) {
            (Some(First::Fixed(time)), _) => Some(*time),
            (Some(First::Recent(recent)), Some(key)) => Some(recent.limit(key)),
            _ => None,
        };
        Self {
            limits,
            key,
            start: Instant::now(),
            stream,
            first,
            deadline: call.and_then(Call::deadline),
            share: call.and_then(Call::attempt_deadline),
            target: target.cloned().or_else(|| named_by_header(request)),
            uri: target.is_none().then(|| request.uri().clone()),
        }
    }

    /// Who is asked.
    pub(super) fn target(&self) -> Option<Target> {
        let host = || {
            let mut request = Request::new(());
            request.uri_mut().clone_from(self.uri.as_ref()?);
            let host = authority_of(&request)?.to_ascii_lowercase();
            Some(Target::provider_only(host))
        };
        self.target.clone().or_else(host)
    }

    /// When the head must be there, and by which limit. Of two that end together, the deadline.
    fn head(&self) -> Option<(TimeLimit, Instant)> {
        let after = |limit, time: Option<Duration>| Some((limit, self.until(time?)?));
        let at = |limit, end: Option<Instant>| Some((limit, end?));
        [
            at(TimeLimit::Deadline, self.deadline),
            at(TimeLimit::Share, self.share),
            after(TimeLimit::Attempt, self.limits.attempt),
            after(TimeLimit::FirstEvent, self.first.filter(|_| self.stream)),
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(_, end)| *end)
    }

    /// When the head must be there, if that is sooner than streams are held back in all likelihood.
    pub(super) fn ends_soon(&self) -> Option<Instant> {
        const SOON: Duration = Duration::from_secs(60);
        let limits = [self.limits.attempt, self.first.filter(|_| self.stream)];
        let limits = limits.into_iter().flatten();
        limits
            .filter(|limit| *limit <= SOON)
            .filter_map(|limit| self.until(limit))
            .min()
    }

    /// The attempt is dropped before its head came.
    fn abandoned(&self) {
        let listeners = &self.limits.listeners;
        let target = (!listeners.is_empty()).then(|| self.target()).flatten();
        if let Some(target) = target {
            for listener in listeners {
                listener.abandoned(&target, self.start);
            }
        }
    }

    /// The stream carried an error event.
    pub(super) fn failed(&self, error: &Classification) {
        let listeners = &self.limits.listeners;
        let target = (!listeners.is_empty()).then(|| self.target()).flatten();
        if let Some(target) = target {
            for listener in listeners {
                listener.stream_failed(&target, error);
            }
        }
    }

    /// When the first event must be there, if the answer is a stream.
    pub(super) fn first(&self) -> Option<Duration> {
        self.first
    }

    pub(super) fn idle(&self) -> Option<Duration> {
        self.limits.idle
    }

    /// Whether comments of a stream end a pause. Before the first event they may be all that a provider sends
    /// while the call waits there: as long as its head might take, they do.
    pub(super) fn comments_count(&self, begun: bool) -> bool {
        let waits = || {
            let limit = self.limits.attempt;
            limit.is_none_or(|limit| self.start.elapsed() < limit)
        };
        self.limits.comments || (!begun && waits())
    }

    pub(super) fn until(&self, time: Duration) -> Option<Instant> {
        self.start.checked_add(time)
    }

    /// The first event is there, or will not be waited for any longer.
    pub(super) fn learn(&self) {
        if let (Some(First::Recent(recent)), Some(key)) = (&self.limits.first, &self.key) {
            recent.add(key, self.start.elapsed());
        }
    }
}

/// Who is asked by a request whose URI does not say so, which few are.
fn named_by_header<B>(request: &Request<B>) -> Option<Target> {
    let named = Call::of(request).and_then(Call::target).is_some();
    if named || request.uri().authority().is_some() {
        return None;
    }
    let host = authority_of(request)?.to_ascii_lowercase();
    Some(Target::provider_only(host))
}

pin_project! {
    /// The response future of [`Timed`](super::Timed).
    ///
    /// # Panics
    ///
    /// When an answer must be waited for, there is a limit, and there is no tokio runtime with its
    /// timer enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the attempt. Before its head came, that is told to the
    /// [listeners](super::TimeoutBuilder::listener).
    pub struct ResponseFuture<F> {
        #[pin]
        future: F,
        // Made when the head is waited for.
        #[pin]
        timer: Option<Sleep>,
        watch: Option<Watch>,
    }

    impl<F> PinnedDrop for ResponseFuture<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(watch) = this.project().watch.take() {
                watch.abandoned();
            }
        }
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn new(future: F, watch: Watch) -> Self {
        Self {
            future,
            timer: None,
            watch: Some(watch),
        }
    }
}

impl<F, R, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    E: Into<BoxError>,
    R: Body,
{
    type Output = Result<Response<TimedBody<R>>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Poll::Ready(result) = this.future.poll(cx) {
            let watch = this.watch.take().expect("polled after it was ready");
            let response = result.map_err(Into::into)?;
            let stream = is_stream(response.headers());
            let report = Note::of(&response).and_then(Note::stream).cloned();
            let timed = |body| TimedBody::new(body, watch, stream, report);
            return Poll::Ready(Ok(response.map(timed)));
        }
        let watch = this.watch.as_ref().expect("polled after it was ready");
        let Some((limit, until)) = watch.head() else {
            return Poll::Pending;
        };
        if this.timer.is_none() {
            this.timer.set(Some(sleep_until(until)));
        }
        if let Some(timer) = this.timer.as_pin_mut() {
            ready!(timer.poll(cx));
        }
        if limit == TimeLimit::FirstEvent {
            watch.learn();
        }
        let after = until.saturating_duration_since(watch.start);
        let error = TimedOut::new(limit, after).with_target(watch.target());
        *this.watch = None;
        Poll::Ready(Err(error.into_error()))
    }
}

/// Events as text, or in the frames of AWS.
fn is_stream(headers: &HeaderMap) -> bool {
    let kinds: [&[u8]; 2] = [b"text/event-stream", b"application/vnd.amazon.eventstream"];
    let kind = headers
        .get(header::CONTENT_TYPE)
        .map(http::HeaderValue::as_bytes);
    kind.is_some_and(|kind| {
        let starts = |with: &&[u8]| {
            kind.get(..with.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        kinds.iter().any(starts)
    })
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}
