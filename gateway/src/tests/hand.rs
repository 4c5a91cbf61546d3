//! A provider that a test plays by hand: it takes each call and sends each token.

use std::io;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use http::request::Parts;
use tokio::{net::TcpListener, sync::mpsc};

use super::answer::within;

/// A call that arrived.
pub(super) struct Asked {
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// Where the tokens of its answer go; closed when nobody reads the answer any more.
    pub(super) tokens: mpsc::Sender<io::Result<Bytes>>,
}

impl Asked {
    pub(super) async fn send(&self, event: &'static str) {
        let sent = self.tokens.send(Ok(Bytes::from_static(event.as_bytes())));
        sent.await.expect("somebody reads");
    }

    /// Ends the connection in the middle of the answer.
    pub(super) async fn breaks_off(self) {
        let sent = self
            .tokens
            .send(Err(io::Error::other("the provider is gone")));
        sent.await.expect("somebody reads");
    }
}

/// The provider: where it is, and the calls that arrived.
pub(super) struct Hand {
    pub(super) base: String,
    calls: mpsc::Receiver<Asked>,
}

impl Hand {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, calls) = mpsc::channel(8);
        let app = Router::new().fallback(answer).with_state(sender);
        tokio::spawn(async { axum::serve(listener, app).await });
        Self { base, calls }
    }

    pub(super) async fn asked(&mut self) -> Asked {
        within(self.calls.recv()).await.expect("a call")
    }
}

/// A stream of whatever the test sends.
async fn answer(State(calls): State<mpsc::Sender<Asked>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a whole body");
    let (tokens, sent) = mpsc::channel(1);
    let asked = Asked {
        parts,
        body,
        tokens,
    };
    calls.send(asked).await.expect("the test goes on");
    let events = stream::unfold(sent, |mut sent| async {
        let event = sent.recv().await?;
        Some((event, sent))
    });
    let response = Response::builder().header("content-type", "text/event-stream");
    response
        .body(Body::from_stream(events))
        .expect("a response")
}
