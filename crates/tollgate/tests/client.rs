//! The client with TLS, against servers on loopback whose certificate it is told to trust.
#![cfg(all(feature = "client", feature = "stack"))]

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rcgen::{CertifiedKey, KeyPair};
use rustls::{ClientConfig, RootCertStore, ServerConfig, pki_types::PrivateKeyDer};
use tokio::{net::TcpListener, time::timeout};
use tokio_rustls::TlsAcceptor;
use tollgate::{BoxError, Class, Client, Route, Served, Stack, provider::preset};
use tower::{ServiceExt, service_fn};

/// A server that speaks these protocols, and the settings with which a client trusts it. It answers
/// with the protocol it was asked in, the path and the body.
async fn server(protocols: &[&[u8]]) -> (SocketAddr, ClientConfig) {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key(&signing_key))
        .expect("a fitting key");
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).expect("a root");
    let client = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A client that does not trust it goes away here.
                if let Ok(stream) = acceptor.accept(stream).await {
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let service = hyper::service::service_fn(echo);
                    let served = builder.serve_connection(TokioIo::new(stream), service);
                    // It ends when the client goes.
                    let _ = served.await;
                }
            });
        }
    });
    (address, client)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn key(pair: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(pair.serialize_der().into())
}

async fn echo(
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let start = format!("{:?} {} ", request.version(), request.uri().path());
    let body = request
        .into_body()
        .collect()
        .await
        .expect("whole")
        .to_bytes();
    Ok(Response::new(Full::from(
        [start.as_bytes(), &body].concat(),
    )))
}

async fn text(response: Response<impl http_body::Body<Error: Into<BoxError>>>) -> String {
    let body = response.into_body().collect().await;
    let bytes = body.map_err(Into::into).expect("whole").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn it_speaks_what_the_server_speaks() {
    for (protocols, version) in [
        (&[&b"h2"[..], b"http/1.1"][..], Version::HTTP_2),
        (&[b"http/1.1"], Version::HTTP_11),
    ] {
        let (address, tls) = server(protocols).await;
        let client = Client::builder().tls(tls).build();
        let uri = format!("https://localhost:{}/v1/x", address.port());
        let request = Request::post(uri).body(Full::<Bytes>::from("hello"));
        let response = client.oneshot(request.expect("a request")).await;
        let response = response.expect("an answer");
        assert_eq!(response.version(), version);
        assert_eq!(text(response).await, format!("{version:?} /v1/x hello"));
    }
}

#[tokio::test]
async fn it_trusts_nobody_else() {
    let (address, _) = server(&[b"h2"]).await;
    let uri = format!("https://localhost:{}/", address.port());
    let request = Request::post(uri).body(Full::<Bytes>::from("secret"));
    let error = Client::new().oneshot(request.expect("a request")).await;
    let error = error.expect_err("a certificate of nobody's");
    assert_eq!(Class::of_error(&error), Some(Class::Transport));
}

/// A server that takes the connection and says nothing.
#[tokio::test(start_paused = true)]
async fn it_gives_up_where_tls_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok(stream) = listener.accept().await {
            taken.push(stream);
        }
    });
    let request = Request::post(format!("https://{address}/")).body(Full::<Bytes>::from("hello"));
    let call = Client::new().oneshot(request.expect("a request"));
    let error = timeout(Duration::from_secs(60), call).await;
    let error = error.expect("it hangs").expect_err("no TLS");
    assert_eq!(Class::of_error(&error), Some(Class::Timeout));
}

#[tokio::test]
async fn it_serves_below_a_stack() {
    let (address, tls) = server(&[b"h2"]).await;
    let own = preset::openai()
        .base(format!("https://localhost:{}/v1", address.port()))
        .key("sk_not_a_real_key");
    let client = Stack::new()
        .route(Route::new("chat").ordered([own.model("small")]))
        .around(Client::builder().tls(tls).build())
        .expect("it is right");
    let request = Request::post("/v1/chat/completions")
        .body(Full::<Bytes>::from(r#"{"model":"any"}"#))
        .expect("a request");
    let response = client.oneshot(request).await.expect("an answer");
    assert!(Served::of(&response).is_some());
    let told = text(response).await;
    assert_eq!(told, r#"HTTP/2.0 /v1/chat/completions {"model":"small"}"#);
}

#[tokio::test]
async fn a_stack_in_a_box_can_be_named() {
    let (address, tls) = server(&[b"h2"]).await;
    let client: tollgate::BoxClient<Full<Bytes>> = Stack::new()
        .boxed(Client::builder().tls(tls).build())
        .expect("it is right");
    let uri = format!("https://localhost:{}/v1/x", address.port());
    let request = Request::post(uri).body(Full::from("hello"));
    let response = client.oneshot(request.expect("a request")).await;
    assert_eq!(
        text(response.expect("an answer")).await,
        "HTTP/2.0 /v1/x hello"
    );
    let other = service_fn(|_: Request<_>| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from("other")))
    });
    let client: tollgate::BoxClient<Full<Bytes>> = Stack::new().boxed(other).expect("right");
    let response = client.oneshot(Request::new(Full::from(""))).await;
    assert_eq!(text(response.expect("an answer")).await, "other");
}

/// Over HTTP/2 all calls share a connection, which was used before from the second one on: a provider that
/// resets their streams is at fault all the same.
#[tokio::test]
async fn http2_streams_that_are_reset_are_failures() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key(&signing_key))
        .expect("a fitting key");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).expect("a root");
    let tls = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let stream = acceptor.accept(stream).await.expect("TLS");
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                // The first call is served; the streams of all others are reset.
                let service =
                    hyper::service::service_fn(move |_: Request<hyper::body::Incoming>| {
                        let number = count.fetch_add(1, Ordering::Relaxed);
                        async move {
                            if number == 0 {
                                return Ok::<_, std::io::Error>(Response::new(
                                    Full::<Bytes>::from("{}"),
                                ));
                            }
                            Err(std::io::Error::other("it broke"))
                        }
                    });
                let _ = builder
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    let soon = tollgate::retry::Backoff::new(Duration::from_millis(1), Duration::from_millis(1), 4);
    let layer = Stack::new()
        .retry(|it| it.transient(soon))
        .build()
        .expect("right");
    let handle = layer.handle();
    let client: tollgate::BoxClient<Full<Bytes>> = layer.boxed(Client::builder().tls(tls).build());
    for _ in 0..3 {
        let request =
            Request::post(format!("https://localhost:{port}/v1/x")).body(Full::from("{}"));
        let answer = client.clone().oneshot(request.expect("a request")).await;
        if let Ok(answer) = answer {
            drop(text(answer).await);
        }
    }
    // Resets within 50 ms of each other are one failure.
    let all = handle.breaker().expect("one").list();
    let failures: u32 = all.iter().map(tollgate::breaker::Status::failures).sum();
    assert!(failures > 0, "{all:?}");
    assert_eq!(
        asked.load(Ordering::Relaxed),
        9,
        "once, and two calls of four attempts"
    );
}
