//! A gateway on a free port, and raw connections to it.

use std::{io, net::SocketAddr, sync::OnceLock};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tollgate::config::Config;

use super::answer::{Answer, read, within};
use crate::{app, gateway, metrics, serve};

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// A gateway that serves.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) gateway: gateway::Shared,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    pub(super) async fn start(config: Config) -> Self {
        // One recorder is for the whole process.
        let figures = FIGURES.get_or_init(|| metrics::start().expect("nobody counts yet"));
        let gateway = gateway::Gateway::new(config, figures.clone()).expect("good settings");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        let (app, handle) = (app::app(gateway.clone()), gateway.handle.clone());
        let task = tokio::spawn(serve::serve(listener, app, handle, stopped));
        Self {
            address,
            gateway,
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
pub(super) fn chat(bases: &[String]) -> Config {
    let targets = ["fast", "good"];
    let models = [("groq", "meta/llama"), ("openai", "gpt")];
    let mut text = format!(
        "[[routes]]\nname = \"chat\"\ntargets = {:?}\n",
        &targets[..bases.len()]
    );
    for ((base, target), (provider, model)) in bases.iter().zip(targets).zip(models) {
        text += &format!(
            "[targets.{target}]\nprovider = {provider:?}\nmodel = {model:?}\n\
             [providers.{provider}]\npreset = {provider:?}\nbase = \"{base}/v1\"\nkey = \"literal:sk-of-the-provider\"\n"
        );
    }
    Config::from_toml(&text).expect("good settings")
}
