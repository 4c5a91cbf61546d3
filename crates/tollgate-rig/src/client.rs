//! The client.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body::Body;
use http_body_util::Full;
use rig_http::http_client::{
    Error, HttpClientExt, LazyBody, MultipartForm, Result, StreamingResponse,
};
use tollgate_core::BoxError;
use tower_service::Service;

use crate::{form, read};

/// A stack that rig sends through: an [`HttpClientExt`].
///
/// Clones share the stack's layers, as clones of a service do: make one, and give it to each provider.
///
/// # Bodies
///
/// A request body is `Full<Bytes>`, which can be sent again as it is; forms (audio for transcription)
/// are written out for that. An answer is read when rig asks for it, and a stream comes piece by piece.
///
/// # Errors
///
/// As rig's own client has them, so that rig reads them the same way: an answer whose status is no
/// success is an error with that status, its headers (`retry-after` among them) and up to 1 MiB of its
/// body; all else that goes wrong is an [`Error::Instance`]. A refusal of a layer is found in that by
/// [`Rejected::find`](tollgate_core::Rejected::find); see the [crate's front page](crate#errors), because
/// rig's `ProviderError` hides its source.
///
/// # Runtime
///
/// The layers' waits are tokio's: call rig inside a tokio runtime with its timer enabled.
///
/// # Cancel safety
///
/// Dropping a future of rig cancels the call; what the layers hold for it is given back.
#[derive(Debug, Clone)]
pub struct RigClient<S> {
    stack: S,
}

impl<S> RigClient<S> {
    /// Sends through this stack.
    pub fn new<R>(stack: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        R: Body<Data = Bytes> + Send + 'static,
        R::Error: Into<BoxError>,
    {
        Self { stack }
    }
}

impl<S, R> RigClient<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    /// The answer to a request, if its status is a success.
    fn ask(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Response<R>>> + Send + 'static {
        let mut stack = self.stack.clone();
        let request = request.map(Full::new);
        async move {
            let ready = poll_fn(|cx| stack.poll_ready(cx)).await;
            ready.map_err(failed)?;
            let answer = stack.call(request).await.map_err(failed)?;
            if answer.status().is_success() {
                return Ok(answer);
            }
            let (head, body) = answer.into_parts();
            let body = read::start(body).await;
            let text = String::from_utf8_lossy(&body).into_owned();
            Err(Error::non_success_with_details(
                head.status,
                head.headers,
                text,
            ))
        }
    }
}

impl<S, R> HttpClientExt for RigClient<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<R>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    R: Body<Data = Bytes> + Send + 'static,
    R::Error: Into<BoxError>,
{
    fn send<T, U>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + Send + 'static
    where
        T: Into<Bytes> + Send,
        U: From<Bytes> + Send + 'static,
    {
        let answer = self.ask(request.map(Into::into));
        async move { Ok(answer.await?.map(read::lazy)) }
    }

    fn send_multipart<U>(
        &self,
        request: Request<MultipartForm>,
    ) -> impl Future<Output = Result<Response<LazyBody<U>>>> + Send + 'static
    where
        U: From<Bytes> + Send + 'static,
    {
        let (mut head, form) = request.into_parts();
        let (kind, body) = form::written(form);
        let answer = HeaderValue::try_from(kind).map(|kind| {
            head.headers.insert(CONTENT_TYPE, kind);
            self.ask(Request::from_parts(head, body))
        });
        async move { Ok(answer?.await?.map(read::lazy)) }
    }

    fn send_streaming<T>(
        &self,
        request: Request<T>,
    ) -> impl Future<Output = Result<StreamingResponse>> + Send
    where
        T: Into<Bytes> + Send,
    {
        let answer = self.ask(request.map(Into::into));
        async move {
            let answer = answer.await?;
            Ok(answer.map(|body| Box::pin(read::pieces(body)) as Pin<Box<_>>))
        }
    }
}

fn failed(error: impl Into<BoxError>) -> Error {
    Error::Instance(error.into())
}
