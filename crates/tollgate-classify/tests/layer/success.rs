//! Successes: the ordinary ones pass, those that may be errors are looked into.

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::Full;
use tollgate_classify::PeekBody;
use tollgate_core::{Class, Classification, Note};
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

/// What the layer makes of a response from a provider that is not known to hide errors.
async fn honest<R>(
    head: Head<'_>,
    body: R,
    request: http::request::Builder,
) -> Response<PeekBody<R, (Shown, tollgate_classify::Builtin)>>
where
    R: Body<Data = Bytes> + Unpin,
{
    let mut response = Some(response(head, body));
    let inner = tower::service_fn(|_: Request<()>| {
        std::future::ready(Ok::<_, std::io::Error>(response.take().expect("once")))
    });
    let request = request.uri("https://honest/v1").body(());
    let service = layer().layer(inner);
    service
        .oneshot(request.expect("a request"))
        .await
        .expect("ok")
}

#[tokio::test]
async fn only_the_first_bytes_of_other_json_are_read() {
    let frame = format!("{{\"id\":1,\"text\":\"{}", "x".repeat(600));
    let (body, fate) = Script::new([says(&frame), says("error"), says("\"}")]);
    let answer = honest(JSON, body, Request::post("/")).await;
    assert_eq!(fate.polled(), frame.len());
    assert!(Note::of(&answer).is_none());
    let expected = [data(&frame), data("error"), data("\"}")];
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn json_that_begins_as_an_error_is_read_to_its_end() {
    let text = "{\"error\":{\"code\":429,\"message\":\"no\"}}";
    let far = format!("{{\"message\":\"error {}\"}}", "x".repeat(2_000));
    for text in [text, &far] {
        for size in [1, 3, 64, 600, 4_000] {
            let chunks = text.as_bytes().chunks(size).map(Bytes::copy_from_slice);
            let (body, _) = Script::new(chunks.map(Step::Data).chain([Step::Hang]));
            let answer = honest(JSON, body, Request::post("/")).await;
            let seen = Note::of(&answer).and_then(Note::classification);
            let class = seen.map(Classification::class);
            assert_eq!(class, Some(Class::RateLimited), "{text} by {size}");
        }
    }
}

/// A word of errors in what a model wrote is no error.
#[tokio::test]
async fn a_quoted_error_is_no_error() {
    let text = r#"{"id":"1","choices":[{"message":{"content":"{\"error\": 429}"}}]}"#;
    let answer = honest(JSON, full(text), Request::post("/")).await;
    assert!(Note::of(&answer).is_none());
}

const EVIDENCE: [(&str, &str); 3] = [
    ("application/json", "empty body"),
    ("text/event-stream", "stream ended without an event"),
    ("application/x-ndjson", "stream ended without an event"),
];

#[tokio::test]
async fn a_success_that_says_nothing_is_a_fault() {
    for (kind, evidence) in EVIDENCE {
        let head = [("content-type", kind)];
        for text in ["", " ", "\r\n\n"] {
            let (body, _) = Script::new([says(text)]);
            let answer = honest((200, &head), body, Request::post("/")).await;
            let seen = Note::of(&answer).and_then(Note::classification);
            let seen = seen.map(|seen| (seen.class(), seen.evidence()));
            assert_eq!(
                seen,
                Some((Class::ServerError, evidence)),
                "{kind} {text:?}"
            );
        }
    }
}

#[tokio::test]
async fn openings_alone_are_no_answer() {
    let head = [("content-type", "text/event-stream")];
    for text in [
        ": waiting\n\n: waiting\n\n",
        "event: ping\ndata: {}\n\n",
        "event: message_start\ndata: {\"type\":\"message_start\"}\n\n",
        "data: {\"type\":\"response.created\"}\n\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}",
    ] {
        let answer = honest((200, &head), full(text), Request::post("/")).await;
        let expected = Some("stream ended without an event");
        assert_eq!(shown(&answer), expected, "{text:?}");
        assert_eq!(drain(answer.into_body()).await, [data(text)]);
    }
}

#[tokio::test]
async fn a_success_may_say_nothing_where_nothing_is_expected() {
    let (post, get, head) = (Request::post("/"), Request::get("/"), Request::head("/"));
    let json = [("content-type", "application/json")];
    let html = [("content-type", "text/html"), ("content-length", "0")];
    let none = [("content-length", "0")];
    for (what, answer, request) in [
        ("a GET", (200, &json[..]), &get),
        ("a HEAD", (200, &json), &head),
        ("a GET of nothing", (200, &none), &get),
        ("no content", (204, &json), &post),
        ("nothing at all", (200, &none), &post),
        ("accepted", (202, &json), &post),
        ("created", (201, &json), &post),
        ("another type", (200, &html), &post),
        ("a mock that says nothing", (200, &[]), &post),
    ] {
        let request = Request::builder().method(request.method_ref().expect("one"));
        let answer = honest(answer, full(""), request).await;
        assert!(Note::of(&answer).is_none(), "{what}");
    }
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
    for (status, kind, coding) in [
        (429, "application/json", "compress"),
        (429, "application/json", "gzip, br"),
        (200, "application/json", "gzip"),
        (200, "text/event-stream", "gzip"),
    ] {
        let head = [("content-type", kind), ("content-encoding", coding)];
        let (body, fate) = Script::new([says("error"), Step::Hang]);
        let answer = through((status, &head), body).await;
        assert_eq!(fate.polled(), 0);
        let seen = (status == 429).then_some("");
        assert_eq!(shown(&answer), seen, "an error is classified by its head");
    }
}

/// The caller receives the bytes as they came.
#[cfg(feature = "compressed")]
#[tokio::test]
async fn a_compressed_error_is_read() {
    const BROTLI: &[u8] = include_bytes!("../data/rate_limit.json.br");
    let head = [
        ("content-type", "application/json"),
        ("content-encoding", "br"),
    ];
    for size in [1, 10, 100] {
        let chunks = BROTLI.chunks(size).map(Bytes::from_static);
        let (body, _) = Script::new(chunks.clone().map(Step::Data));
        let answer = through((429, &head), body).await;
        let expected = r#"{"error":{"message":"Rate limit reached. Please try again in 7s."}}"#;
        assert_eq!(shown(&answer), Some(expected), "by {size}");
        let pieces: Vec<_> = chunks.map(Piece::Data).collect();
        assert_eq!(drain(answer.into_body()).await, pieces);
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
