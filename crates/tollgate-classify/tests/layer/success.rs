//! Successes: the ordinary ones pass, those that may be errors are looked into.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tollgate_core::{Classification, Note};
use tower::{Layer, ServiceExt};

use crate::support::*;

fn full(text: &str) -> Full<Bytes> {
    Full::new(Bytes::copy_from_slice(text.as_bytes()))
}

#[tokio::test]
async fn an_ordinary_success_is_not_read() {
    for head in [
        (200, &[][..]),
        (200, &[("content-type", "text/plain")]),
        (
            200,
            &[("content-type", "text/plain"), ("content-length", "65")],
        ),
        (200, &[("content-type", "audio/mpeg")]),
        (204, &[]),
        (302, &[("content-type", "application/json")]),
        (101, &[("content-type", "text/event-stream")]),
    ] {
        let (body, fate) = Script::new([says("error")]);
        let answer = through(head, body).await;
        assert_eq!(fate.polled(), 0, "{head:?}");
        assert!(answer.extensions().is_empty(), "{head:?}");
        assert_eq!(answer.body().size_hint().exact(), Some(5));
        assert_eq!(drain(answer.into_body()).await, [data("error")]);
    }
}

#[tokio::test]
async fn json_of_an_honest_provider_is_not_read() {
    let (body, fate) = Script::new([says("error")]);
    let mut response = Some(response(JSON, body));
    let inner = tower::service_fn(|_: Request<()>| {
        std::future::ready(Ok::<_, std::io::Error>(response.take().expect("once")))
    });
    let request = Request::builder()
        .uri("https://honest/v1")
        .body(())
        .expect("a request");
    let answer = layer().layer(inner).oneshot(request).await.expect("ok");
    assert_eq!(fate.polled(), 0);
    assert!(Note::of(&answer).is_none());
}

#[tokio::test]
async fn json_of_one_that_hides_errors_is_read() {
    let text = "{\"error\":{\"code\":429}}";
    let answer = through(JSON, full(text)).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(shown(&answer), Some(text));
    assert_eq!(drain(answer.into_body()).await, [data(text)]);
    let answer = through(JSON, full("{\"choices\":[]}")).await;
    assert!(answer.extensions().is_empty());
}

#[tokio::test]
async fn a_large_json_success_is_read_as_far_as_the_peek_goes() {
    let frame = format!("{{\"a\":\"{}", "x".repeat(1_000));
    let (body, fate) = Script::new(std::iter::repeat_n(says(&frame), 1_000));
    let answer = through(JSON, body).await;
    assert!(fate.polled() < (16 << 10) + frame.len());
    assert!(Note::of(&answer).is_none());
    assert_eq!(drain(answer.into_body()).await.len(), 1_000);
}

#[tokio::test]
async fn a_few_words_of_a_proxy_are_read() {
    let head = [
        ("content-type", "text/plain; charset=UTF-8"),
        ("content-length", "16"),
    ];
    let answer = through((200, &head), full("error code: 1015")).await;
    assert_eq!(shown(&answer), Some("error code: 1015"));
    let answer = through((200, &head), full("all good to know")).await;
    assert!(answer.extensions().is_empty());
}

#[tokio::test]
async fn an_encoded_body_is_not_read() {
    for (status, kind) in [
        (429, "application/json"),
        (200, "application/json"),
        (200, "text/event-stream"),
    ] {
        let head = [("content-type", kind), ("content-encoding", "gzip")];
        let (body, fate) = Script::new([says("error"), Step::Hang]);
        let answer = through((status, &head), body).await;
        assert_eq!(fate.polled(), 0);
        let seen = (status == 429).then_some("");
        assert_eq!(shown(&answer), seen, "an error is classified by its head");
    }
}

#[tokio::test]
async fn a_response_judged_below_is_left_alone() {
    let below = tower::service_fn(|_: Request<()>| async {
        let (body, _) = Script::new([says("above"), Step::Hang]);
        let mut response = response(LIMITED, body);
        Note::update(&mut response, |note| {
            let seen = Classification::new(tollgate_core::Class::Auth).with_evidence("below");
            note.set_classification(seen);
        });
        Ok::<_, std::io::Error>(response)
    });
    let answer = layer()
        .layer(below)
        .oneshot(Request::new(()))
        .await
        .expect("ok");
    assert_eq!(shown(&answer), Some("below"));
    assert_eq!(answer.body().ahead(), 0);
}

#[tokio::test]
async fn two_layers_classify_once() {
    let inner = tower::service_fn(|_: Request<()>| async {
        Ok::<_, std::io::Error>(response(LIMITED, full("once")))
    });
    let twice = layer().layer(layer().layer(inner));
    let answer = twice.oneshot(Request::new(())).await.expect("ok");
    assert_eq!(shown(&answer), Some("once"));
    assert_eq!(answer.body().ahead(), 0, "the outer one read nothing");
    assert_eq!(drain(answer.into_body()).await, [data("once")]);
}

#[tokio::test]
async fn a_note_of_a_limiter_is_no_judgement() {
    let held = std::time::Duration::from_secs(1);
    let below = tower::service_fn(|_: Request<()>| async move {
        let mut response = response(LIMITED, full("slow down"));
        Note::update(&mut response, |note| note.set_queued(held));
        Ok::<_, std::io::Error>(response)
    });
    let answer = layer()
        .layer(below)
        .oneshot(Request::new(()))
        .await
        .expect("ok");
    assert_eq!(shown(&answer), Some("slow down"));
    assert_eq!(Note::of(&answer).and_then(Note::queued), Some(held));
}

#[tokio::test]
async fn the_answer_to_a_head_request_has_no_body_to_read() {
    let head = [
        ("content-type", "application/json"),
        ("content-length", "1234"),
    ];
    let inner = tower::service_fn(|_: Request<()>| async {
        Ok::<_, std::io::Error>(response(
            (429, &head),
            http_body_util::Empty::<Bytes>::new(),
        ))
    });
    let request = Request::builder()
        .method(Method::HEAD)
        .body(())
        .expect("a request");
    let answer = layer().layer(inner).oneshot(request).await.expect("ok");
    assert_eq!(shown(&answer), Some(""));
    assert_eq!(answer.headers()["content-length"], "1234");
    assert!(answer.body().is_end_stream());
}

#[tokio::test]
async fn the_head_is_left_as_it_is() {
    let headers = [
        ("content-type", "application/json"),
        ("content-length", "8"),
        ("retry-after", "7"),
        ("x-twice", "a"),
        ("x-twice", "b"),
    ];
    let mut before: Response<_> = response((429, &headers), full("{\"a\": 1}"));
    *before.version_mut() = http::Version::HTTP_2;
    before.extensions_mut().insert("mine");
    let expected = before.headers().clone();
    let mut before = Some(before);
    let inner = tower::service_fn(|_: Request<()>| {
        std::future::ready(Ok::<_, std::io::Error>(before.take().expect("once")))
    });
    let answer = layer()
        .layer(inner)
        .oneshot(Request::new(()))
        .await
        .expect("ok");
    assert_eq!(answer.headers(), &expected);
    assert_eq!(answer.version(), http::Version::HTTP_2);
    assert_eq!(answer.extensions().get(), Some(&"mine"));
    assert_eq!(answer.body().size_hint().exact(), Some(8));
}
