//! What a breaker adds where each call goes to a new clone of a service that is never called itself,
//! as servers do it. Take "bare, cloned" off: to clone and to call a service once costs that.
//!
//! A bench of its own: code that two rows share is compiled otherwise, and the rows of `overhead`
//! would show more than a program with one kind of client pays.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tollgate_benches::{Mock, Row, request, run};
use tollgate_breaker::BreakerLayer;
use tower::util::{Oneshot, ServiceExt};
use tower_layer::Layer;
use tower_resilience::circuitbreaker::CircuitBreakerLayer;
use tower_service::Service;

type Req = Request<Full<Bytes>>;

fn main() {
    run(rows);
}

fn rows() -> Vec<Row> {
    let rival = CircuitBreakerLayer::builder().build();
    let rival = rival.expect("the defaults are good");
    vec![
        Row::new("bare", request(), Mock::bare()),
        Row::new("bare, cloned", request(), Cloned(Mock::bare())),
        Row::new(
            "tollgate/breaker, cloned",
            request(),
            Cloned(BreakerLayer::new().layer(Mock::bare())),
        ),
        Row::new(
            "tower-resilience/breaker, cloned",
            request(),
            Cloned(rival.layer(Mock::bare())),
        ),
    ]
}

/// A new clone for each call.
#[derive(Debug)]
struct Cloned<S>(S);

impl<S: Service<Req> + Clone> Service<Req> for Cloned<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, Req>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> Self::Future {
        self.0.clone().oneshot(request)
    }
}
