//! Connections that are made in time.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use tokio::time::timeout;
use tollgate_core::BoxError;
use tower_service::Service;

use super::reused::Dated;

/// A connector that gives up after a time. The one of TCP alone does not count the look-up of the name,
/// nor a server that takes the connection and never speaks TLS.
#[derive(Debug, Clone)]
pub(super) struct InTime<C> {
    pub(super) connector: C,
    pub(super) time: Duration,
}

impl<C> Service<Uri> for InTime<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = Dated<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Dated<C::Response>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connected = timeout(self.time, self.connector.call(uri));
        Box::pin(async move { connected.await?.map(Dated::new).map_err(Into::into) })
    }
}
