//! Where nobody listens, the layers around calls and attempts allocate nothing.

use std::{convert::Infallible, future::poll_fn, hint::black_box};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tollgate::{AttemptLayer, Event, OperationLayer, event::Observer};
use tower::{Layer, Service, service_fn};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

type Body = Full<Bytes>;

async fn client(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    Ok(Response::new(Full::from("hello")))
}

/// Allocations of a hundred calls, each read to its end, after one that makes what is made once for all.
async fn allocations<S, R>(mut service: S) -> usize
where
    S: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
    R: http_body::Body<Data = Bytes, Error = Infallible> + Unpin,
{
    let mut counted = 0;
    for nth in 0..=100 {
        let request = Request::post("https://api.groq.com/openai/v1/chat/completions");
        let request = request
            .body(Full::from(r#"{"model":"m"}"#))
            .expect("a request");
        let region = Region::new(ALLOCATOR);
        poll_fn(|cx| service.poll_ready(cx))
            .await
            .expect("always ready");
        let response = service.call(request).await.expect("an answer");
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            black_box(frame.expect("it never fails"));
        }
        drop(body);
        let change = region.change();
        if nth > 0 {
            counted += change.allocations + change.reallocations;
        }
    }
    counted
}

fn around<O: Observer + Clone>(
    observer: O,
    spans: bool,
) -> impl Service<
    Request<Body>,
    Response = Response<impl http_body::Body<Data = Bytes, Error = Infallible> + Unpin>,
    Error = Infallible,
> {
    let attempt = AttemptLayer::new().observer(observer.clone()).spans(spans);
    let operation = OperationLayer::new().observer(observer).spans(spans);
    operation.layer(attempt.layer(service_fn(client)))
}

// One test, because all threads of the process are counted.
#[tokio::test(start_paused = true)]
async fn nothing_is_allocated_where_nobody_listens() {
    let bare = allocations(service_fn(client)).await;
    assert_eq!(allocations(around((), false)).await, bare);
    assert_eq!(
        allocations(around((), true)).await,
        bare,
        "and no subscriber is there"
    );
    let heard = allocations(around(|_: &Event<'_>| {}, false)).await;
    assert!(heard > bare, "else this measures nothing");
    println!(
        "{} allocations a call where somebody listens",
        (heard - bare) / 100
    );
}
