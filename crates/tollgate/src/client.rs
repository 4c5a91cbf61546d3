//! A client that reaches every provider: hyper-util with TLS, HTTP/1.1 and HTTP/2.

mod connect;
mod reused;

use std::{
    fmt,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;
use tollgate_core::{BoxError, CallError};
use tower_service::Service;

use connect::InTime;

pub use reused::ResponseFuture;

/// What is sent: any body, boxed.
type Sent = UnsyncBoxBody<Bytes, BoxError>;

/// An HTTP client with TLS; the service at the bottom of a stack.
///
/// It speaks HTTP/2 where the provider does, else HTTP/1.1, trusts the public roots that Mozilla
/// trusts, keeps connections open, and follows no redirect: a redirect could carry a key to another
/// host. Proxies set in the environment are not used; put a `reqwest::Client` in its place where they
/// are needed.
///
/// # Examples
///
/// ```
/// use tollgate::{Client, Stack};
///
/// let client = Stack::new().around(Client::new())?;
/// # let _ = client;
/// # Ok::<_, tollgate::stack::BuildError>(())
/// ```
///
/// # Errors
///
/// hyper-util's inside a [`CallError`], for connections that cannot be made or break. A stack knows them by
/// their [`Class`](tollgate_core::Class): `Timeout` where connecting took too long, else `Transport`. Where
/// a connection that had been used before broke before the answer came, there is a
/// [`StaleConnection`](tollgate_core::StaleConnection) around it. An answer with a status that is no
/// success is no error.
///
/// # Readiness
///
/// Always ready: connections are made when they are needed, without a bound on their number.
///
/// # Sharing
///
/// Clones share their connections.
///
/// # Panics
///
/// Outside of a tokio runtime with I/O and time enabled.
///
/// # Cancel safety
///
/// Dropping its future closes the stream or the connection of that request.
#[derive(Clone)]
pub struct Client {
    inner: legacy::Client<InTime<HttpsConnector<HttpConnector>>, Sent>,
}

impl Client {
    /// A client with the settings above, 10 s to connect, and 90 s for idle connections.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Settings of one's own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

/// Builds a [`Client`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate::Client;
///
/// let client = Client::builder().connect_timeout(Duration::from_secs(3)).build();
/// # let _ = client;
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder {
    connect: Duration,
    idle: Duration,
    ping: Duration,
    tls: Option<ClientConfig>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(90),
            ping: Duration::from_secs(30),
            tls: None,
        }
    }
}

impl ClientBuilder {
    /// How long it may take to connect, the look-up of the name and TLS included; 10 s unless set. Where
    /// a name has several addresses, each has its part of the time.
    pub const fn connect_timeout(mut self, time: Duration) -> Self {
        self.connect = time;
        self
    }

    /// How long a connection that nobody uses stays open; 90 s unless set.
    pub const fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle = time;
        self
    }

    /// How often an HTTP/2 connection in use is asked whether it is still there; 30 s unless set. One
    /// that does not answer within 20 s is closed, and its calls fail.
    pub const fn ping_interval(mut self, time: Duration) -> Self {
        self.ping = time;
        self
    }

    /// Settings of TLS: other roots, a certificate of one's own. Its list of protocols (ALPN) must be
    /// empty; it is filled in here.
    ///
    /// # Panics
    ///
    /// [`build`](Self::build) panics where that list is not empty.
    pub fn tls(mut self, config: ClientConfig) -> Self {
        self.tls = Some(config);
        self
    }

    /// Builds the client.
    ///
    /// # Panics
    ///
    /// As said at [`tls`](Self::tls).
    #[must_use]
    pub fn build(self) -> Client {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(self.connect));
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        let builder = HttpsConnectorBuilder::new();
        let https = match self.tls {
            Some(config) => builder.with_tls_config(config),
            None => builder
                .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
                .expect("the provider offers TLS 1.2 and 1.3"),
        };
        // What may go without encryption is the router's decision: it refuses to send a key so.
        let https = https
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(tcp);
        let connector = InTime {
            connector: https,
            time: self.connect,
        };
        let inner = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.idle)
            .http2_keep_alive_interval(self.ping)
            .http2_adaptive_window(true)
            .build(connector);
        Client { inner }
    }
}

impl<B> Service<Request<B>> for Client
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Incoming>;
    type Error = CallError;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
        ResponseFuture::new(self.inner.request(request))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}
