//! The place of the client, so that a wrong one reads as a sentence.

use std::{
    future::Future,
    task::{Context, Poll},
};

use http::Request;
use tower_service::Service;

/// A client that takes requests with the body `B`: a tower service of them.
///
/// Nobody need implement it: every such service is one. It is a trait of its own for the sake of its
/// compile error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the client of a stack: it takes no `Request<{B}>`",
    label = "a client takes `Request<{B}>` here",
    note = "a stack hands down another body than its callers send, `ReplayBody`, which can be sent twice",
    note = "let the client take any body, as `tollgate::Client` does, or that one: hyper-util's finds it out where `build_http()` and `build()` name no body"
)]
pub trait Sends<B> {
    /// What it answers.
    type Response;
    /// How it fails.
    type Error;
    /// The call.
    type Future: Future<Output = Result<Self::Response, Self::Error>>;

    /// As for a [`Service`].
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>>;

    /// As for a [`Service`].
    fn call(&mut self, request: Request<B>) -> Self::Future;
}

#[diagnostic::do_not_recommend]
impl<S: Service<Request<B>>, B> Sends<B> for S {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Service::poll_ready(self, cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        Service::call(self, request)
    }
}

/// The client at the bottom of a stack, as it is.
#[derive(Debug, Clone)]
pub struct Bottom<S>(pub(super) S);

impl<S: Sends<B>, B> Service<Request<B>> for Bottom<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        self.0.call(request)
    }
}
