//! Tells whether a connection was used before the call that it fails.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{Extensions, Response};
use hyper::{
    body::Incoming,
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::client::legacy::{
    self,
    connect::{Connected, Connection},
};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tollgate_core::{CallError, StaleConnection};

/// When a connection was made.
#[derive(Debug, Clone, Copy)]
struct Made(Instant);

pin_project! {
    /// A connection that knows when it was made.
    #[derive(Debug)]
    pub(super) struct Dated<T> {
        #[pin]
        connection: T,
        made: Instant,
    }
}

impl<T> Dated<T> {
    pub(super) fn new(connection: T) -> Self {
        let made = Instant::now();
        Self { connection, made }
    }
}

impl<T: Connection> Connection for Dated<T> {
    fn connected(&self) -> Connected {
        self.connection.connected().extra(Made(self.made))
    }
}

impl<T: Read> Read for Dated<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.project().connection.poll_read(cx, into)
    }
}

impl<T: Write> Write for Dated<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.project().connection.poll_write(cx, from)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().connection.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().connection.poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().connection.poll_write_vectored(cx, from)
    }
}

pin_project! {
    /// The response future of [`Client`](super::Client).
    ///
    /// # Cancel safety
    ///
    /// Dropping it closes the stream or the connection of that request.
    #[derive(Debug)]
    pub struct ResponseFuture {
        #[pin]
        future: legacy::ResponseFuture,
        sent: Instant,
    }
}

impl ResponseFuture {
    pub(super) fn new(future: legacy::ResponseFuture) -> Self {
        let sent = Instant::now();
        Self { future, sent }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Incoming>, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.future.poll(cx));
        Poll::Ready(result.map_err(|error| match was_used(&error, *this.sent) {
            true => CallError::new(StaleConnection::new(error)),
            false => CallError::new(error),
        }))
    }
}

/// A server that closes an idle connection does so when the call arrives, not later.
const AT_ONCE: Duration = Duration::from_secs(2);

/// The connection was made before the call came, so for another one, and broke at once. Over HTTP/2 it carries
/// many calls at a time: that a stream of it ends says nothing about its age.
#[cold]
fn was_used(error: &legacy::Error, sent: Instant) -> bool {
    let Some(connected) = error.connect_info() else {
        return false;
    };
    if connected.is_negotiated_h2() || sent.elapsed() > AT_ONCE {
        return false;
    }
    let mut extras = Extensions::new();
    connected.get_extras(&mut extras);
    extras.get().is_some_and(|Made(made)| *made < sent)
}
