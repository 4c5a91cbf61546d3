//! Checks how the layer above handles readiness.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use pin_project_lite::pin_project;
use tollgate_core::BoxError;
use tower_service::Service;

/// A service that checks its caller: it must be ready when it is called, and a clone of a ready
/// service is not ready.
///
/// Many services keep what `poll_ready` reserved (a permit, a connection) in the instance that was
/// polled. A layer that polls one instance and calls a clone of it works with most services in tests
/// and fails with those. Here such a call panics, or is only counted after
/// [`lenient`](Self::lenient).
///
/// # Readiness
///
/// That of the inner service, once the handle lets it: see [`ProbeHandle`].
///
/// # Sharing
///
/// Clones share the handle and its counts, and each is ready for itself.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use tollgate_test::{Dialect, KitBody, Probe, Provider};
/// use tower::ServiceExt;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let (probe, handle) = Probe::new(Provider::new(Dialect::Plain).service());
/// let response = probe.oneshot(Request::new(KitBody::default())).await.unwrap();
/// assert_eq!(response.status(), 200);
/// assert_eq!((handle.readied(), handle.called(), handle.unready_calls()), (1, 1, 0));
/// # });
/// ```
#[derive(Debug)]
pub struct Probe<S> {
    inner: S,
    handle: ProbeHandle,
    ready: bool,
    strict: bool,
}

/// Steers a [`Probe`] and all its clones, and tells what they saw.
#[derive(Debug, Clone, Default)]
pub struct ProbeHandle(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    polled: u64,
    readied: u64,
    called: u64,
    unready_calls: u64,
    held: u64,
    closed: bool,
    failures: Vec<Box<str>>,
    waiting: Vec<Waker>,
}

impl<S> Probe<S> {
    /// A probe around a service, and the handle that belongs to it.
    #[must_use]
    pub fn new(inner: S) -> (Self, ProbeHandle) {
        let handle = ProbeHandle::default();
        let probe = Self {
            inner,
            handle: handle.clone(),
            ready: false,
            strict: true,
        };
        (probe, handle)
    }

    /// Counts calls that come unready, and passes them on, in place of a panic.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.strict = false;
        self
    }
}

impl<S: Clone> Clone for Probe<S> {
    /// A clone, which is not ready.
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            handle: self.handle.clone(),
            ready: false,
            strict: self.strict,
        }
    }
}

impl<S> Drop for Probe<S> {
    fn drop(&mut self) {
        if self.ready {
            self.handle.lock().held -= 1;
        }
    }
}

impl<S, R> Service<R> for Probe<S>
where
    S: Service<R>,
    S::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = ProbeFuture<S::Future>;

    /// Ready once the handle is open and the inner service is ready.
    ///
    /// # Errors
    ///
    /// What the handle was told to fail with, and the errors of the inner service.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        ready!(self.handle.poll(cx))?;
        ready!(self.inner.poll_ready(cx)).map_err(Into::into)?;
        if !self.ready {
            self.ready = true;
            let mut seen = self.handle.lock();
            seen.readied += 1;
            seen.held += 1;
        }
        Poll::Ready(Ok(()))
    }

    /// Calls the inner service.
    ///
    /// # Panics
    ///
    /// When this very instance is not ready, unless it is [`lenient`](Self::lenient).
    fn call(&mut self, request: R) -> Self::Future {
        let was_ready = std::mem::take(&mut self.ready);
        {
            let mut seen = self.handle.lock();
            seen.called += 1;
            seen.unready_calls += u64::from(!was_ready);
            seen.held -= u64::from(was_ready);
        }
        assert!(
            was_ready || !self.strict,
            "called without being ready: this instance was not polled, or was called twice"
        );
        ProbeFuture {
            inner: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The answer of a [`Probe`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ProbeFuture<F> {
        #[pin]
        inner: F,
    }
}

impl<F, T, E> Future for ProbeFuture<F>
where
    F: Future<Output = Result<T, E>>,
    E: Into<BoxError>,
{
    type Output = Result<T, BoxError>;

    fn poll(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().inner.poll(cx).map_err(Into::into)
    }
}

impl<F> fmt::Debug for ProbeFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProbeFuture").finish_non_exhaustive()
    }
}

impl ProbeHandle {
    /// From now on `poll_ready` is pending.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// Lets `poll_ready` be ready again, and wakes everybody who waits for it.
    pub fn open(&self) {
        let mut seen = self.lock();
        seen.closed = false;
        let waiting = std::mem::take(&mut seen.waiting);
        drop(seen);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Lets the next `poll_ready` fail with this text, and wakes everybody who waits for it.
    /// Several failures come one after the other.
    pub fn fail(&self, why: impl Into<Box<str>>) {
        let mut seen = self.lock();
        seen.failures.push(why.into());
        let waiting = std::mem::take(&mut seen.waiting);
        drop(seen);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// How often `poll_ready` was asked.
    #[must_use]
    pub fn polled(&self) -> u64 {
        self.lock().polled
    }

    /// How often an instance became ready.
    #[must_use]
    pub fn readied(&self) -> u64 {
        self.lock().readied
    }

    /// How many instances are ready now and were not called yet: what is reserved and unused.
    #[must_use]
    pub fn held(&self) -> u64 {
        self.lock().held
    }

    /// How often it was called.
    #[must_use]
    pub fn called(&self) -> u64 {
        self.lock().called
    }

    /// How often it was called without being ready.
    #[must_use]
    pub fn unready_calls(&self) -> u64 {
        self.lock().unready_calls
    }

    /// How many wakers wait for it to open: a layer that is told "pending" must have left one.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<Result<(), BoxError>> {
        let mut seen = self.lock();
        seen.polled += 1;
        if !seen.failures.is_empty() {
            let why: BoxError = seen.failures.remove(0).into_string().into();
            return Poll::Ready(Err(why));
        }
        if !seen.closed {
            return Poll::Ready(Ok(()));
        }
        if !seen.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            seen.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
