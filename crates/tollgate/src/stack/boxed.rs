//! A stack whose type is short.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tollgate_core::{BoxError, CallError};
use tower::{ServiceExt, util::BoxCloneSyncService};
use tower_layer::Layer;
use tower_service::Service;

use super::{BuildError, Built, Part, Stack, StackLayer};
use crate::{BoxBody, BoxBodyLayer};

/// Any stack for requests with the body `B`: a type to keep in a struct.
///
/// It costs three allocations per call that the stack itself does not need. Its error is a [`CallError`],
/// so that other layers can go around it in spawned tasks, too.
pub type BoxClient<B> = BoxCloneSyncService<Request<B>, Response<BoxBody>, CallError>;

/// A layer that can go into one box with the client `S`, for requests with the body `B`.
///
/// Every layer can that makes services with boxed errors, of `http` responses whose body has `Bytes`
/// and may be sent between threads. It is a trait, so that a wrong client is one error, not many.
pub trait Boxes<S, B> {
    /// Puts this layer around a client, and both into a box.
    fn boxes(&self, client: S) -> BoxClient<B>;
}

impl<L, S, B, P> Boxes<S, B> for L
where
    L: Layer<S>,
    L::Service: Service<Request<B>, Response = Response<P>, Error = BoxError, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static,
    P: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    fn boxes(&self, client: S) -> BoxClient<B> {
        let service = BoxBodyLayer::new().layer(self.layer(client));
        BoxCloneSyncService::new(service.map_err(CallError::new))
    }
}

impl<R, T, B, L, C, O> StackLayer<R, T, B, L, C, O> {
    /// Puts this layer around a client, and both into a box whose type is short; for those who want
    /// the [`handle`](Self::handle), too.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # fn shown() -> Result<(), tollgate::stack::BuildError> {
    /// use bytes::Bytes;
    /// use http_body_util::Full;
    /// use tollgate::{BoxClient, Client, Stack};
    ///
    /// let layer = Stack::new().build()?;
    /// let handle = layer.handle();
    /// let client: BoxClient<Full<Bytes>> = layer.boxed(Client::new());
    /// # let _ = (handle, client);
    /// # Ok(())
    /// # }
    /// ```
    pub fn boxed<S, Q>(&self, client: S) -> BoxClient<Q>
    where
        Self: Boxes<S, Q>,
    {
        self.boxes(client)
    }
}

impl<R, T, B, L, C, O> Stack<R, T, B, L, C, O> {
    /// Builds the layer, puts it around a client, and both into a box whose type is short.
    ///
    /// # Errors
    ///
    /// As for [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use tollgate::{BoxClient, Stack};
    /// use tower::service_fn;
    ///
    /// struct App {
    ///     llm: BoxClient<Full<Bytes>>,
    /// }
    ///
    /// let client = service_fn(|_: Request<_>| async {
    ///     Ok::<_, std::io::Error>(Response::new(Full::<Bytes>::default()))
    /// });
    /// let app = App { llm: Stack::new().boxed(client)? };
    /// # let _ = app.llm;
    /// # Ok::<_, tollgate::stack::BuildError>(())
    /// ```
    pub fn boxed<S, Q>(self, client: S) -> Result<BoxClient<Q>, BuildError>
    where
        R: Part<O>,
        T: Part<O>,
        B: Part<O>,
        L: Part<O>,
        C: Part<O>,
        O: Clone,
        Built<R, T, B, L, C, O>: Boxes<S, Q>,
    {
        Ok(self.build()?.boxed(client))
    }
}
