//! A gateway on a free port, and raw connections to it.

use std::{io, net::SocketAddr};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tollgate::{Route, Stack, provider::preset, stack::Handle};

use super::answer::{Answer, read, within};
use crate::{
    app,
    gateway::{Gateway, Routed},
    serve,
};

/// A gateway that serves.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) handle: Handle,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    pub(super) async fn start(stack: Routed) -> Self {
        let gateway = Gateway::new(stack).expect("a good stack");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let handle = gateway.handle.clone();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        let task = tokio::spawn(serve::serve(listener, app::app(gateway), stopped));
        Self {
            address,
            handle,
            stop,
            task,
        }
    }

    /// Tells it to stop; it has when the task ends.
    pub(super) fn stop(self) -> JoinHandle<io::Result<()>> {
        self.stop.send(()).expect("it serves");
        self.task
    }

    /// Sends a request on a connection of its own, which is closed when the response is dropped.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        let tcp = TcpStream::connect(self.address).await.expect("it listens");
        let (mut sender, connection) = http1::handshake(TokioIo::new(tcp)).await.expect("HTTP");
        tokio::spawn(connection);
        within(sender.send_request(request))
            .await
            .expect("an answer")
    }

    /// Posts a body and reads the answer.
    pub(super) async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        let request = Request::post(path).header("host", "gateway");
        let request = request.body(Full::new(body.into())).expect("a request");
        read(self.send(request).await).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("host", "gateway");
        read(
            self.send(request.body(Full::default()).expect("a request"))
                .await,
        )
        .await
    }
}

/// A route to these addresses: groq first, then openai.
pub(super) fn chat(bases: &[String]) -> Routed {
    let providers = [(preset::groq(), "llama"), (preset::openai(), "gpt")];
    let targets = providers.into_iter().zip(bases);
    let targets = targets.map(|((provider, model), base)| {
        provider
            .base(format!("{base}/v1"))
            .key("sk-of-the-provider")
            .model(model)
    });
    Stack::new().route(Route::new("chat").ordered(targets))
}
