//! Every error has its status, its code and its sentence.

use std::{io, time::Duration};

use http_body_util::BodyExt;
use serde_json::Value;
use tollgate_core::{BoxError, Reason, Rejected};
#[cfg(feature = "route")]
use {
    bytes::Bytes,
    http::{Request, Response},
    http_body_util::Full,
    tollgate_core::Class,
    tower::{Layer, ServiceExt, service_fn},
};

use super::reply;

/// Status, `type`, `code` and message of the answer.
async fn parts(error: &BoxError) -> (u16, String, String, String) {
    let response = reply(error.as_ref());
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-should-retry"], "false");
    let body = response.into_body().collect().await.expect("whole");
    let json: Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
    assert_eq!(json["error"]["param"], Value::Null);
    let text = |field: &str| json["error"][field].as_str().expect("a text").to_owned();
    (status, text("type"), text("code"), text("message"))
}

/// Another process may serve it.
#[test]
fn a_closed_stack_sends_sdks_elsewhere() {
    let response = reply(&Rejected::new(Reason::Closed));
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["x-should-retry"], "true");
}

#[tokio::test]
async fn every_reason_has_a_status() {
    let limit = "rate_limit_error";
    let wrong = "invalid_request_error";
    let server = "server_error";
    for (reason, status, kind) in [
        (Reason::QueueFull, 429, limit),
        (Reason::WaitTooLong, 429, limit),
        (Reason::CircuitOpen, 503, server),
        (Reason::NoTarget, 503, server),
        (Reason::DeadlineExceeded, 504, server),
        (Reason::TooLarge, 413, wrong),
        (Reason::BodyTooLarge, 413, wrong),
        (Reason::StoreUnavailable, 503, server),
    ] {
        let error = Rejected::new(reason);
        let sentence = error.to_string();
        let expected = (status, kind.to_owned(), reason.to_string(), sentence);
        assert_eq!(parts(&error.into()).await, expected);
    }
}

#[tokio::test]
async fn errors_of_others_say_nothing_of_theirs() {
    let secret = "https://host/?key=canary";
    for (kind, status, code) in [
        (io::ErrorKind::TimedOut, 504, "timeout"),
        (io::ErrorKind::ConnectionRefused, 502, "transport"),
    ] {
        let error: BoxError = io::Error::new(kind, secret).into();
        let (got, _, got_code, message) = parts(&error).await;
        assert_eq!((got, &*got_code), (status, code));
        assert!(message.starts_with("the provider") && !message.contains("canary"));
    }
}

#[test]
fn a_wait_is_rounded_up_and_never_overflows() {
    for (wait, seconds, ms) in [
        (Duration::ZERO, "0", "0"),
        (Duration::from_nanos(1), "1", "1"),
        (Duration::from_secs(7), "7", "7000"),
        (
            Duration::MAX,
            "18446744073709551615",
            "18446744073709551615",
        ),
    ] {
        let error = Rejected::new(Reason::CircuitOpen).with_retry_after(wait);
        let headers = reply(&error).headers().clone();
        let told = (&headers["retry-after"], &headers["retry-after-ms"]);
        assert_eq!(
            told,
            (
                &seconds.parse().expect("a header"),
                &ms.parse().expect("a header")
            )
        );
    }
    let unknown = reply(&Rejected::new(Reason::CircuitOpen));
    assert!(!unknown.headers().contains_key("retry-after"));
}

#[cfg(feature = "route")]
#[tokio::test(start_paused = true)]
async fn no_target_left_is_429_for_limits_and_4xx_for_what_is_wrong_everywhere() {
    use tollgate_route::{Route, RouteLayer, provider::preset};

    for (first, second, status, class) in [
        (429, 429, 429, Class::RateLimited),
        (429, 500, 503, Class::ServerError),
        (404, 404, 404, Class::InvalidRequest),
        (429, 404, 503, Class::InvalidRequest),
    ] {
        let client = service_fn(move |request: Request<Full<Bytes>>| async move {
            let status = match request.uri().host() {
                Some("api.openai.com") => second,
                _ => first,
            };
            Response::builder()
                .status(status)
                .header("retry-after", "1000")
                .body(())
        });
        let groq = preset::groq().key("gsk_not_a_real_key");
        let openai = preset::openai().key("sk_not_a_real_key");
        let route = Route::new("chat").ordered([groq.model("a"), openai.model("b")]);
        let client = RouteLayer::new(route).expect("it is right").layer(client);
        let request = Request::post("/v1/chat/completions").body(Full::from(r#"{"model":"a"}"#));
        let error = client.oneshot(request.expect("a request")).await;
        let error: BoxError = error.expect_err("nobody is left");
        let response = reply(error.as_ref());
        assert_eq!(response.status(), status, "{class}: {error}");
        assert_eq!(response.headers()["retry-after"], "1000");
        let (_, _, code, message) = parts(&error).await;
        assert_eq!(code, "no_target");
        assert_eq!(message, error.to_string());
    }
}

#[cfg(feature = "route")]
#[tokio::test]
async fn a_call_that_allows_no_target_is_400() {
    use tollgate_route::{Preference, Route, RouteLayer, provider::preset};

    let client = service_fn(async |_: Request<Full<Bytes>>| Response::builder().body(()));
    let groq = preset::groq().key("gsk_not_a_real_key").model("a");
    let layer = RouteLayer::new(Route::new("chat").ordered([groq]));
    let client = layer.expect("it is right").layer(client);
    let request = Request::post("/v1/chat/completions")
        .extension(Preference::new().deny("groq"))
        .body(Full::from(r#"{"model":"a"}"#));
    let error = client.oneshot(request.expect("a request")).await;
    let error = error.expect_err("nobody may be asked");
    assert_eq!(reply(error.as_ref()).status(), 400, "{error}");
}

#[cfg(feature = "stack")]
#[tokio::test]
async fn a_body_that_is_too_large_to_be_written_is_413_and_a_bad_one_400() {
    use tollgate_route::{Route, provider::preset};

    type Sent = Request<tollgate_core::ReplayBody<Full<Bytes>>>;
    let client = service_fn(async |_: Sent| Response::builder().body(Full::<Bytes>::default()));
    let groq = preset::groq().key("gsk_not_a_real_key").model("a");
    let stack = crate::Stack::new().keep_bodies(20);
    let client = stack
        .route(Route::new("chat").ordered([groq]))
        .around(client);
    let client = client.expect("it is right");
    for (body, status, code) in [
        (r#"{"model":"a","messages":[]}"#, 413, "body_too_large"),
        ("no JSON", 400, "bad_request"),
    ] {
        let request = Request::post("/v1/chat/completions").body(Full::from(body));
        let error = client.clone().oneshot(request.expect("a request")).await;
        let (got, kind, got_code, _) = parts(&error.expect_err("not sent")).await;
        assert_eq!((got, &*got_code), (status, code));
        assert_eq!(kind, "invalid_request_error");
    }
}
