//! Stacks that must not compile, each behind a `--cfg` of its own; see `main.rs` beside this file.
#![allow(
    dead_code,
    unused_imports,
    reason = "one of them is compiled at a time"
)]

use std::{io, rc::Rc};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{client::legacy, rt::TokioExecutor};
use tollgate::{
    BoxClient, Client, Event, ReplayLayer, RetryLayer, ServiceBuilderExt, Stack,
    core::{ReplayBody, check, check_resend},
    stack::Prebuilt,
};
use tower::{ServiceBuilder, service_fn};

type Body = Full<Bytes>;
type Boxed = Result<BoxClient<Body>, tollgate::stack::BuildError>;
type Sent = Request<ReplayBody<Body>>;

struct Unclonable;

fn main() {}

#[cfg(wrong = "nothing")]
fn nothing() -> Boxed {
    let hyper = legacy::Client::builder(TokioExecutor::new()).build_http();
    let around = Stack::new().around(hyper.clone())?;
    let _ = check::<_, Body>(around);
    Stack::new().boxed(hyper)
}

#[cfg(wrong = "a_body_that_cannot_be_sent_twice")]
fn a_body_that_cannot_be_sent_twice() {
    let client = service_fn(|_: Request<Incoming>| async { Ok::<_, io::Error>(Response::new(())) });
    check_resend::<_, Incoming>(client);
}

#[cfg(wrong = "replay_inside_retry")]
fn replay_inside_retry() {
    let client = ServiceBuilder::new().retries(RetryLayer::new()).replay();
    check::<_, Incoming>(client.classify().service(Client::new()));
}

#[cfg(wrong = "a_client_of_another_body")]
fn a_client_of_another_body() -> Boxed {
    Stack::new().boxed(legacy::Client::builder(TokioExecutor::new()).build_http::<Body>())
}

#[cfg(wrong = "a_checked_client_of_another_body")]
fn a_checked_client_of_another_body() {
    let hyper = legacy::Client::builder(TokioExecutor::new()).build_http::<Body>();
    let client = Stack::new().around(hyper).expect("it is right");
    check::<_, Body>(client);
}

#[cfg(wrong = "a_function_of_another_body")]
fn a_function_of_another_body() -> Boxed {
    let client = |_: Request<Body>| async { Ok::<_, io::Error>(Response::new(Body::default())) };
    Stack::new().boxed(service_fn(client))
}

#[cfg(wrong = "no_client")]
fn no_client() -> Boxed {
    Stack::new().boxed("https://api.groq.com")
}

#[cfg(wrong = "a_client_that_is_not_clone")]
fn a_client_that_is_not_clone() -> Boxed {
    let one = Unclonable;
    let client = move |_: Sent| {
        let _ = &one;
        async { Ok::<_, io::Error>(Response::new(Body::default())) }
    };
    Stack::new().boxed(service_fn(client))
}

#[cfg(wrong = "a_future_that_is_not_send")]
fn a_future_that_is_not_send() -> Boxed {
    let client = |_: Sent| async {
        let here = Rc::new(());
        tokio::task::yield_now().await;
        drop(here);
        Ok::<_, io::Error>(Response::new(Body::default()))
    };
    Stack::new().boxed(service_fn(client))
}

#[cfg(wrong = "an_error_that_is_none")]
fn an_error_that_is_none() -> Boxed {
    Stack::new().boxed(service_fn(|_: Sent| async { Err::<Response<Body>, u8>(7) }))
}

#[cfg(wrong = "an_answer_without_a_body")]
fn an_answer_without_a_body() -> Boxed {
    let client = |_: Sent| async { Ok::<_, io::Error>(Response::new(7_u8)) };
    Stack::new().boxed(service_fn(client))
}

#[cfg(wrong = "an_answer_not_of_bytes")]
fn an_answer_not_of_bytes() -> Boxed {
    let body = || Full::new(io::Cursor::new("no bytes"));
    let client = move |_: Sent| async move { Ok::<_, io::Error>(Response::new(body())) };
    Stack::new().boxed(service_fn(client))
}

#[cfg(wrong = "an_answer_that_cannot_be_moved")]
fn an_answer_that_cannot_be_moved() -> Boxed {
    use std::{marker::PhantomPinned, pin::Pin, task};
    struct Stuck(PhantomPinned);
    impl http_body::Body for Stuck {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut task::Context<'_>,
        ) -> task::Poll<Option<io::Result<http_body::Frame<Bytes>>>> {
            task::Poll::Ready(None)
        }
    }
    let client = |_: Sent| async { Ok::<_, io::Error>(Response::new(Stuck(PhantomPinned))) };
    Stack::new().boxed(service_fn(client))
}

#[cfg(wrong = "a_part_that_is_none")]
fn a_part_that_is_none() -> Boxed {
    Stack::new().retry(|_| 5_u8).boxed(Client::new())
}

#[cfg(wrong = "a_layer_that_is_none")]
fn a_layer_that_is_none() -> Boxed {
    Stack::new().limit(|_| Prebuilt(5_u8)).boxed(Client::new())
}

#[cfg(wrong = "an_observer_that_is_none")]
fn an_observer_that_is_none() -> Boxed {
    Stack::new().observer(5_u8).boxed(Client::new())
}

#[cfg(wrong = "an_observer_of_one_layer")]
fn an_observer_of_one_layer() -> Boxed {
    let observer = |_: &tollgate::retry::Event| {};
    Stack::new().observer(observer).boxed(Client::new())
}

#[cfg(wrong = "an_observer_that_is_not_clone")]
fn an_observer_that_is_not_clone() -> Boxed {
    let one = Unclonable;
    let observer = move |_: &Event<'_>| {
        let _ = &one;
    };
    Stack::new().observer(observer).boxed(Client::new())
}

#[cfg(wrong = "an_observer_that_is_not_send")]
fn an_observer_that_is_not_send() -> Boxed {
    let here = Rc::new(());
    let observer = move |_: &Event<'_>| {
        let _ = &here;
    };
    Stack::new().observer(observer).boxed(Client::new())
}
