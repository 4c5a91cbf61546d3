//! Readiness, cancellation, and services of every kind.

use std::{
    cell::Cell,
    future::{Pending, pending},
    io,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

use crate::support::*;

type Mock = mock::Mock<Request<&'static str>, Response<Full<Bytes>>>;

#[tokio::test]
async fn readiness_is_the_inner_ones() {
    let (mut service, mut handle) = mock::spawn_layer(layer());
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(service.is_woken());
    assert!(matches!(service.poll_ready(), Poll::Ready(Ok(()))));
    let future = service.call(Request::new("hi"));
    // The inner service was called before the future was polled.
    let (request, respond) = handle.next_request().await.expect("a call");
    assert_eq!(*request.body(), "hi");
    respond.send_response(Response::new(Full::new(Bytes::from("ho"))));
    let body = future.await.expect("ok").into_body();
    assert_eq!(body.collect().await.expect("a body").to_bytes(), "ho");
}

#[tokio::test]
async fn errors_pass_unchanged() {
    let (inner, mut handle): (Mock, _) = mock::pair();
    let mut service = layer().layer(inner);
    let future = service
        .ready()
        .await
        .expect("ready")
        .call(Request::new("hi"));
    let (_, respond) = handle.next_request().await.expect("a call");
    respond.send_error(io::Error::other("mine"));
    let error = future.await.expect_err("an error");
    assert_eq!(
        error
            .downcast_ref::<io::Error>()
            .map(ToString::to_string)
            .as_deref(),
        Some("mine")
    );
    handle.send_error(io::Error::other("not ready"));
    let error = service.ready().await.expect_err("an error");
    assert!(error.is::<io::Error>(), "{error:?}");
}

#[tokio::test]
async fn an_inner_that_can_neither_be_sent_nor_cloned() {
    struct Local(Rc<Cell<u32>>);
    impl Service<Request<()>> for Local {
        type Response = Response<Full<Bytes>>;
        type Error = Rc<str>;
        type Future = std::future::Ready<Result<Self::Response, Rc<str>>>;
        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Rc<str>>> {
            Poll::Ready(Ok(()))
        }
        fn call(&mut self, _: Request<()>) -> Self::Future {
            self.0.set(self.0.get() + 1);
            std::future::ready(Ok(response(LIMITED, Full::new(Bytes::from("x")))))
        }
    }
    let calls = Rc::new(Cell::new(0));
    let service = layer().layer(Local(Rc::clone(&calls)));
    let answer = service.oneshot(Request::new(())).await.expect("ok");
    assert_eq!((shown(&answer), calls.get()), (Some("x"), 1));
}

#[tokio::test]
async fn an_inner_that_borrows_and_a_request_that_borrows() {
    let (word, text) = (String::from("slow"), String::from("down"));
    let inner = tower::service_fn(|request: Request<&str>| {
        let text = format!("{word} {}", request.body());
        async { Ok::<_, &str>(response(LIMITED, Full::new(Bytes::from(text)))) }
    });
    let answer = layer()
        .layer(inner)
        .oneshot(Request::new(text.as_str()))
        .await;
    assert_eq!(shown(&answer.expect("ok")), Some("slow down"));
}

/// A future that tells of its end.
struct Told(
    #[expect(dead_code, reason = "counted")] Arc<()>,
    Pending<io::Result<Response<Full<Bytes>>>>,
);

impl Future for Told {
    type Output = io::Result<Response<Full<Bytes>>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.1).poll(cx)
    }
}

#[test]
fn dropped_while_waiting() {
    let alive = Arc::new(());
    let inner = tower::service_fn(|_: Request<()>| Told(Arc::clone(&alive), pending()));
    let mut future = Box::pin(layer().layer(inner).oneshot(Request::new(())));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut cx).is_pending());
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(future);
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test(start_paused = true)]
async fn dropped_while_peeking_and_while_the_body_is_read() {
    for head in [LIMITED, SSE, JSON] {
        let (body, fate) = Script::new([says("a"), Step::Hang]);
        let mut future = Box::pin(through(head, body));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut cx).is_pending());
        assert_eq!((fate.polled(), fate.dropped()), (1, false));
        drop(future);
        assert!(fate.dropped());

        let (body, fate) = Script::new([says("a"), Step::Hang]);
        let mut answer = through(head, body).await;
        assert!(answer.body_mut().frame().await.is_some());
        assert!(!fate.dropped());
        drop(answer);
        assert!(fate.dropped());
    }
}

#[test]
fn the_inner_future_is_gone_when_its_answer_is_there() {
    /// Answers once and tells of its end.
    struct Answers(
        #[expect(dead_code, reason = "counted")] Arc<()>,
        Option<Response<Script>>,
    );

    impl Future for Answers {
        type Output = io::Result<Response<Script>>;

        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Ready(Ok(self.1.take().expect("polled once")))
        }
    }

    for (head, reads_on) in [(LIMITED, true), ((200, &[][..]), false)] {
        let alive = Arc::new(());
        let mut service = layer().layer(tower::service_fn(|_: Request<()>| {
            let (body, _) = Script::new([says("a"), says("b")]);
            Answers(Arc::clone(&alive), Some(response(head, body)))
        }));
        let mut future = Box::pin(service.call(Request::new(())));
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(Ok(answer)) = future.as_mut().poll(&mut cx) else {
            panic!("all is there")
        };
        assert_eq!(answer.body().ahead() > 0, reads_on);
        assert_eq!(Arc::strong_count(&alive), 1, "though the outer one is kept");
    }
}

#[tokio::test]
async fn what_it_prints_holds_no_text() {
    let secret = "secret";
    let answer = through(LIMITED, Full::new(Bytes::from(secret))).await;
    let body = format!("{:?}", answer.body());
    assert_eq!(body, "PeekBody { ahead: 6, .. }");
    let service = format!("{:?} {:?}", layer(), layer().layer("inner"));
    assert!(
        service.contains("inner") && service.contains("max_peek: 16384"),
        "{service}"
    );
}
