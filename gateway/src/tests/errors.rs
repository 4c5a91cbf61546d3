//! What the providers refuse.

use std::{net::SocketAddr, time::Duration};

use http::StatusCode;
use serde_json::json;
use tokio::net::TcpSocket;
use tollgate_test::{Answer, Dialect, Fault, Kind, Limited, Provider};

use super::{
    answer::json as value,
    kit::{Running, chat},
    pair::start,
};

const CHAT: &str = "/v1/chat/completions";
const CALL: &str = r#"{"model":"chat","messages":[]}"#;

#[tokio::test]
async fn a_wrong_request_is_answered_in_the_providers_own_words() {
    let words = json!({ "error": { "message": "no such role", "type": "invalid_request_error",
        "param": "messages[0].role", "code": "bad_role" } });
    let refusal = Answer::json(StatusCode::BAD_REQUEST, &words)
        .header("x-request-id", "req_1")
        .header("set-cookie", "whose=the-account-s");
    let groq = Provider::builder(Dialect::Groq)
        .answers([refusal.clone()])
        .build();
    let openai = Provider::new(Dialect::OpenAi);
    let (gateway, _servers) = start(&groq, &openai).await;
    let answer = gateway.post(CHAT, CALL).await;
    assert_eq!(answer.0, 400);
    assert_eq!(answer.1["x-request-id"], "req_1");
    assert!(!answer.1.contains_key("set-cookie"));
    assert_eq!(answer.2, refusal.body());
    assert_eq!(openai.stats().calls, 0);
}

#[tokio::test]
async fn when_all_are_limited_the_client_learns_when_to_come_back() {
    let limited = |dialect: Dialect, wait| {
        let limited = Limited::new(Kind::Requests).retry_after(Duration::from_secs(wait));
        let always = Fault::answer(dialect.rate_limited(&limited));
        Provider::builder(dialect).fault(always).build()
    };
    let (groq, openai) = (limited(Dialect::Groq, 700), limited(Dialect::OpenAi, 900));
    let (gateway, _servers) = start(&groq, &openai).await;
    // The second call does not even leave: both are known to be limited.
    for _ in 0..2 {
        let answer = gateway.post(CHAT, CALL).await;
        assert_eq!(answer.0, 429);
        let header = |name: &str| answer.1[name].to_str().expect("text").to_owned();
        let wait: u64 = header("retry-after").parse().expect("seconds");
        assert!((690..=700).contains(&wait), "{wait}");
        let millis: u64 = header("retry-after-ms").parse().expect("milliseconds");
        assert_eq!(millis.div_ceil(1000), wait);
        assert_eq!(header("x-should-retry"), "false");
        let error = &value(&answer)["error"];
        assert_eq!(error["type"], "rate_limit_error");
        assert_eq!(error["code"], "no_target");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains("Rate limit reached for groq"), "{message}");
    }
    assert_eq!((groq.stats().calls, openai.stats().calls), (1, 1));
}

#[tokio::test]
async fn providers_that_are_not_there_are_an_error_without_their_address() {
    // Taken, but nobody listens there.
    let socket = TcpSocket::new_v4().expect("a socket");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    socket.bind(any).expect("a port");
    let address = socket.local_addr().expect("an address");
    let gateway = Running::start(chat(&[format!("http://{address}")])).await;
    let answer = gateway.post(CHAT, CALL).await;
    assert_eq!(answer.0, 502);
    let text = value(&answer).to_string();
    assert!(!text.contains("127.0.0.1"), "{text}");
    assert_eq!(value(&answer)["error"]["type"], "server_error");
}

#[tokio::test]
async fn a_refused_key_shows_nothing_of_it() {
    let refuses = |dialect: Dialect| {
        let words = "Incorrect API key provided: sk-ab****yz.";
        let answer = dialect.with_status(StatusCode::UNAUTHORIZED, words);
        let answer = answer.header("openai-organization", "org-secret");
        Provider::builder(dialect)
            .fault(Fault::answer(answer))
            .build()
    };
    let (groq, openai) = (refuses(Dialect::Groq), refuses(Dialect::OpenAi));
    let (gateway, _servers) = start(&groq, &openai).await;
    let answer = gateway.post(CHAT, CALL).await;
    assert_eq!(answer.0, 502);
    assert!(!answer.1.contains_key("openai-organization"));
    assert_eq!(value(&answer)["error"]["code"], "provider_auth");
    assert!(!value(&answer).to_string().contains("sk-ab"));
}
