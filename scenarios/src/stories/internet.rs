//! All providers, each at its host.

use std::{
    io,
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use tollgate_test::Provider;
use tower::Service;

use crate::{
    request::Req,
    trace::Trace,
    wire::{Res, Wire},
};

/// Sends each request to the provider at its host, and records it.
#[derive(Clone)]
pub(super) struct Internet(Vec<(&'static str, Wire)>);

impl Internet {
    pub(super) fn of(providers: &[Provider]) -> Self {
        let at = |it: &Provider| (it.dialect().host(), Wire::new(it));
        Self(providers.iter().map(at).collect())
    }

    /// The way to the first provider alone.
    pub(super) fn first(&self) -> Wire {
        self.0[0].1.clone()
    }

    /// What went to each provider.
    pub(super) fn traces(&self) -> Vec<Trace> {
        self.0.iter().map(|(_, wire)| wire.take().0).collect()
    }
}

impl Service<Req> for Internet {
    type Response = Res;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Res>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        let host = request.uri().host();
        let wire = self.0.iter_mut().find(|(name, _)| host == Some(name));
        wire.expect("somebody is there").1.call(request)
    }
}
