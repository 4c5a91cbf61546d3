//! The way to the provider of a world: messages and answers take their time, and some are lost.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body::Body;
use tokio::time::sleep;
use tollgate_core::BoxError;
use tollgate_test::{KitBody, Provider, ProviderService};
use tower::Service;

use super::{provider::number, world::World};

/// A client of the provider; clones share what is still to fail.
#[derive(Clone)]
pub(super) struct Wire {
    world: Arc<World>,
    provider: ProviderService,
    /// By call: how many requests are still to fail, and how many answers to be lost.
    left: Arc<Mutex<Vec<(u32, u32)>>>,
}

impl Wire {
    pub(super) fn new(world: &Arc<World>, provider: &Provider) -> Self {
        let left = world.calls.iter().map(|call| (call.errors, call.resets));
        Self {
            world: world.clone(),
            provider: provider.service(),
            left: Arc::new(Mutex::new(left.collect())),
        }
    }

    /// One failure fewer is left of those that `which` points at; false where none was.
    fn fails(&self, call: usize, which: fn(&mut (u32, u32)) -> &mut u32) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = which(&mut left[call]);
        let fails = *left > 0;
        *left = left.saturating_sub(1);
        fails
    }

    async fn send<B>(mut self, request: Request<B>) -> io::Result<Response<KitBody>>
    where
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        let number = number(request.headers()).expect("every request has a number");
        let world = self.world.clone();
        let call = &world.calls[number];
        let (there, back) = call.travel;
        sleep(there).await;
        let response = self.provider.call(request).await?;
        if !response.status().is_success() {
            sleep(back).await;
            return Ok(response);
        }
        // The provider is done with the call when the response is dropped or read.
        sleep(call.latency + back).await;
        if self.fails(number, |(errors, _)| errors) {
            return Ok(world.headers.dialect.server_error().into_response());
        }
        if self.fails(number, |(_, resets)| resets) {
            let why = "the connection was reset before the head of the answer";
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, why));
        }
        Ok(response)
    }
}

impl<B> Service<Request<B>> for Wire
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<KitBody>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Response<KitBody>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}
