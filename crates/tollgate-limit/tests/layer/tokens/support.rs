//! A provider of the kit behind a layer that counts tokens, and what the layer shows of its count.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use tollgate_core::{BoxError, LimitKind};
use tollgate_limit::{Builder, Handle, KeyState, Limit, LimitLayer};
use tollgate_test::Provider;
use tower::{Layer, Service, ServiceExt, service_fn, util::BoxCloneSyncService};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) type Req = Request<Full<Bytes>>;
pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, BoxError>>;

/// A layer that counts tokens in a window of a minute, so that what was taken stays taken.
pub(crate) fn builder() -> Builder {
    LimitLayer::builder().limit(Limit::tokens(1_000_000, MINUTE).fixed())
}

/// A provider behind a layer.
pub(crate) struct Limited {
    service: BoxCloneSyncService<Req, Answer, BoxError>,
    pub(crate) handle: Handle,
}

impl Limited {
    pub(crate) fn new(builder: Builder, provider: &Provider) -> Self {
        Self::around(builder, provider.service())
    }

    /// The same, where every answer comes in pieces of this many bytes.
    pub(crate) fn in_pieces(provider: &Provider, length: usize) -> Self {
        let provider = provider.clone();
        let cut = service_fn(move |request: Req| {
            let answer = provider.service().call(request);
            async move {
                let (head, body) = answer.await?.into_parts();
                let whole = body.collect().await?.to_bytes();
                Ok::<_, BoxError>(Response::from_parts(head, pieces(&whole, length)))
            }
        });
        Self::around(builder(), cut)
    }

    fn around<S, B>(builder: Builder, inner: S) -> Self
    where
        S: Service<Req, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError> + 'static,
        S::Future: Send,
        B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let (layer, handle) = builder.build_with_handle().unwrap();
        let service = ServiceExt::<Req>::map_response(layer.layer(inner), |answer| {
            answer.map(|body| body.map_err(Into::into).boxed_unsync())
        });
        let service = BoxCloneSyncService::new(service);
        Self { service, handle }
    }

    pub(crate) async fn send(&self, request: Req) -> Result<Answer, BoxError> {
        self.service.clone().oneshot(request).await
    }

    pub(crate) fn key(&self) -> KeyState {
        let mut states = self.handle.states();
        assert_eq!(states.len(), 1, "one key is in use");
        states.remove(0)
    }

    /// The tokens that were taken out of the limit.
    pub(crate) fn used(&self) -> u64 {
        let limits = self.key().limits;
        let tokens = limits.iter().find(|limit| limit.kind == LimitKind::Tokens);
        let tokens = tokens.expect("it is configured");
        tokens.limit - tokens.remaining
    }
}

fn pieces(whole: &Bytes, length: usize) -> impl Body<Data = Bytes, Error = Infallible> + use<> {
    let frame = |piece: &[u8]| Ok(Frame::data(Bytes::copy_from_slice(piece)));
    let pieces: Vec<_> = whole.chunks(length).map(frame).collect();
    StreamBody::new(futures_util::stream::iter(pieces))
}

pub(crate) async fn read(answer: Answer) {
    answer.into_body().collect().await.unwrap();
}

/// A call of the model `m` with this prompt; `more` are further fields.
pub(crate) fn ask(prompt: &str, more: &str) -> Req {
    let body =
        format!(r#"{{"model":"m",{more}"messages":[{{"role":"user","content":"{prompt}"}}]}}"#);
    Request::post("http://provider/v1/ask")
        .body(Full::from(body))
        .unwrap()
}
