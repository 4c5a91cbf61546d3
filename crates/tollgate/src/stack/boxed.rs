//! A stack whose type is short.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use tollgate_core::BoxError;
use tower::{ServiceExt, util::BoxCloneSyncService};
use tower_layer::Layer;
use tower_service::Service;

use super::{BuildError, Built, Part, Stack};

/// Any stack for requests with the body `B`: a type to keep in a struct.
///
/// It costs three allocations per call that the stack itself does not need.
pub type BoxClient<B> = BoxCloneSyncService<Request<B>, Response<BoxBody>, BoxError>;

/// Any response body.
pub type BoxBody = UnsyncBoxBody<Bytes, BoxError>;

impl<R, T, B, L, C, O> Stack<R, T, B, L, C, O>
where
    R: Part<O>,
    T: Part<O>,
    B: Part<O>,
    L: Part<O>,
    C: Part<O>,
    O: Clone,
{
    /// Builds the layer, puts it around a client, and both into a box whose type is short.
    ///
    /// # Errors
    ///
    /// As for [`build`](Self::build).
    pub fn boxed<S, Q, P>(self, client: S) -> Result<BoxClient<Q>, BuildError>
    where
        Built<R, T, B, L, C, O>: Layer<S>,
        <Built<R, T, B, L, C, O> as Layer<S>>::Service: Service<Request<Q>, Response = Response<P>, Error = BoxError, Future: Send + 'static>
            + Clone
            + Send
            + Sync
            + 'static,
        P: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        fn put<P>(response: Response<P>) -> Response<BoxBody>
        where
            P: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
        {
            response.map(|body| body.map_err(Into::into).boxed_unsync())
        }
        let service = self.around(client)?;
        Ok(BoxCloneSyncService::new(service.map_response(put::<P>)))
    }
}
