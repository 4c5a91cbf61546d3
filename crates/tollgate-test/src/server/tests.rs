//! The provider as a server, seen by a real client.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::yield_now,
};
use tower::ServiceExt;

use super::*;
use crate::{Dialect, Fault, Kind, Provider, Quota};

type Http = Client<HttpConnector, Full<Bytes>>;

const BODY: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hello?"}]}"#;
const STREAM: &str = r#"{"model":"m","stream":true}"#;

fn client(version: Version) -> Http {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .http2_only(version == Version::HTTP_2)
        // A retry of the client's own would hide a reset.
        .retry_canceled_requests(false)
        .build(connector)
}

fn ask(base: &str, body: &'static str) -> Request<Full<Bytes>> {
    Request::post(format!("{base}/v1/chat/completions"))
        .body(Full::from(body))
        .expect("a request")
}

async fn whole<B>(response: Response<B>) -> (StatusCode, HeaderMap, String)
where
    B: http_body::Body<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("a body").to_bytes();
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    (parts.status, parts.headers, text)
}

/// The `io::Error` that a client's error comes from.
fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        next = error.source();
    }
    None
}

/// Lets the other tasks of this thread run until this holds. They do all the work there is, so their
/// turns count, not the time.
async fn until(holds: impl Fn() -> bool) {
    for _ in 0..10_000_000 {
        if holds() {
            return;
        }
        yield_now().await;
    }
    panic!("it never came to pass");
}

/// The clock is paused so that both tell the same time; sockets do not mind.
#[tokio::test(start_paused = true)]
async fn server_and_service_give_the_same_answers() {
    for dialect in Dialect::ALL {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let build = || {
                Provider::builder(dialect)
                    .quota(Quota::fixed(Kind::Requests, 2, Duration::from_secs(60)))
                    .fault(Fault::status(503).call(4))
                    .starts_at(std::time::SystemTime::UNIX_EPOCH)
                    .build()
            };
            let (near, far) = (build(), build());
            let server = far.serve().await.expect("a port");
            let http = client(version);
            for body in [BODY, STREAM, BODY, BODY] {
                let expected = near.service().oneshot(ask("", body)).await;
                let got = http.request(ask(&server.uri(), body)).await;
                let got = got.expect("an answer");
                assert_eq!(got.version(), version);
                let expected = whole(expected.expect("an answer")).await;
                let mut got = whole(got).await;
                // HTTP/1.1 frames a stream by chunks.
                got.1.remove("transfer-encoding");
                assert_eq!(got, expected, "{dialect} {version:?}");
            }
            assert_eq!(near.stats(), far.stats());
            drop(http);
            server.shutdown().await;
        }
    }
}

#[tokio::test]
async fn a_reset_before_the_headers_is_a_tcp_reset() {
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::reset_before_headers().first(1))
        .build();
    let server = provider.serve().await.expect("a port");
    let http = client(Version::HTTP_11);
    let error = http
        .request(ask(&server.uri(), BODY))
        .await
        .expect_err("a reset");
    assert_eq!(
        io_kind(&error),
        Some(io::ErrorKind::ConnectionReset),
        "{error:?}"
    );
    let after = http
        .request(ask(&server.uri(), BODY))
        .await
        .expect("an answer");
    assert_eq!(after.status(), 200);
}

#[tokio::test]
async fn a_reset_after_the_headers_leaves_the_head() {
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::reset_after_headers())
        .build();
    let server = provider.serve().await.expect("a port");
    let http = client(Version::HTTP_11);
    let response = http
        .request(ask(&server.uri(), BODY))
        .await
        .expect("a head");
    assert_eq!(response.status(), 200);
    let error = response.into_body().collect().await.expect_err("a reset");
    assert_eq!(
        io_kind(&error),
        Some(io::ErrorKind::ConnectionReset),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_cut_ends_the_connection_in_order() {
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::cut(20))
        .build();
    let server = provider.serve().await.expect("a port");
    for body in [BODY, STREAM] {
        // Read by hand: every byte that came, and the end as TCP saw it.
        let mut tcp = TcpStream::connect(server.addr())
            .await
            .expect("a connection");
        let length = body.len();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: kit\r\ncontent-length: {length}\r\n\r\n"
        );
        tcp.write_all(head.as_bytes()).await.expect("sent");
        tcp.write_all(body.as_bytes()).await.expect("sent");
        let mut read = String::new();
        tcp.read_to_string(&mut read).await.expect("an orderly end");
        assert!(read.starts_with("HTTP/1.1 200 OK\r\n"), "{read}");
        assert!(
            !read.ends_with("0\r\n\r\n"),
            "the body ended as if it were whole"
        );

        let http = client(Version::HTTP_11);
        let response = http
            .request(ask(&server.uri(), body))
            .await
            .expect("a head");
        let mut body = response.into_body();
        let first = body.frame().await.expect("a frame").expect("no error");
        assert_eq!(first.data_ref().map(Bytes::len), Some(20));
        let error = body.frame().await.expect("a frame").expect_err("a cut");
        assert_ne!(
            io_kind(&error),
            Some(io::ErrorKind::ConnectionReset),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn over_http2_only_the_one_call_breaks() {
    let provider = Provider::builder(Dialect::Groq)
        .script([
            Fault::none(),
            Fault::reset_before_headers(),
            Fault::reset_after_headers(),
            Fault::cut(20),
        ])
        .build();
    let server = provider.serve().await.expect("a port");
    let http = client(Version::HTTP_2);
    let kept = http
        .request(ask(&server.uri(), STREAM))
        .await
        .expect("an answer");
    let request = || http.request(ask(&server.uri(), BODY));
    request().await.expect_err("a reset");
    let response = request().await.expect("a head");
    response.into_body().collect().await.expect_err("a reset");
    let response = request().await.expect("a head");
    response.into_body().collect().await.expect_err("a cut");
    let (_, _, body) = whole(kept).await;
    assert!(body.ends_with("[DONE]\n\n"), "{body}");
    assert_eq!(request().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn a_client_that_leaves_frees_its_place() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let provider = Provider::builder(Dialect::Kimi)
            .quota(Quota::concurrency(1))
            .fault(Fault::hang().call(1))
            .fault(Fault::stall(10).call(2))
            .build();
        let server = provider.serve().await.expect("a port");
        let http = client(version);
        for _ in 0..2 {
            let (http, request) = (http.clone(), ask(&server.uri(), BODY));
            let hung = tokio::spawn(async move {
                let response = http.request(request).await;
                response.expect("an answer").into_body().collect().await
            });
            until(|| provider.stats().hanging > 0).await;
            hung.abort();
            until(|| provider.stats().in_flight == 0).await;
        }
        let response = http
            .request(ask(&server.uri(), BODY))
            .await
            .expect("an answer");
        assert_eq!(response.status(), 200);
    }
}

#[tokio::test]
async fn shutdown_lets_answers_end_and_resets_what_hangs() {
    let provider = Provider::builder(Dialect::Groq)
        .script([
            Fault::drip(40, Duration::from_millis(1)),
            Fault::hang(),
            Fault::stall(10),
        ])
        .build();
    let server = provider.serve().await.expect("a port");
    let address = server.addr();
    let uri = server.uri();
    let http = client(Version::HTTP_11);
    let slow = http.request(ask(&uri, BODY)).await.expect("a head");
    let hung = tokio::spawn(http.request(ask(&uri, BODY)));
    until(|| provider.stats().calls >= 2).await;
    let stalled = http.request(ask(&uri, BODY)).await.expect("a head");
    until(|| provider.stats().hanging >= 2).await;
    let (_, slow) = tokio::join!(server.shutdown(), whole(slow));
    assert!(slow.2.contains("usage"), "{}", slow.2);
    hung.await.expect("no panic").expect_err("a reset");
    stalled.into_body().collect().await.expect_err("a reset");
    assert_eq!(provider.stats().in_flight, 0);
    TcpStream::connect(address)
        .await
        .expect_err("the port is closed");
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    // An answer that would end, but not today.
    let provider = Provider::builder(Dialect::Groq)
        .fault(Fault::drip(10, Duration::from_secs(86_400)))
        .build();
    let server = provider.serve().await.expect("a port");
    let http = client(Version::HTTP_11);
    let response = http
        .request(ask(&server.uri(), BODY))
        .await
        .expect("a head");
    drop(server);
    response.into_body().collect().await.expect_err("gone");
    until(|| provider.stats().in_flight == 0).await;
}
