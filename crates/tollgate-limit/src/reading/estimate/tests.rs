//! Tests of the default estimator, and of who is asked.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tollgate_core::Call;

use super::*;

const CHAT: &str = "https://api.example.com/v1/chat/completions";

fn request(uri: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    Request::post(uri)
        .body(Full::new(body.into()))
        .expect("a request")
}

fn cost(request: &Request<Full<Bytes>>, learned: &Learned) -> Cost {
    BytesPerToken::new().estimate(&Outgoing::new(request), learned)
}

/// What the default expects where nothing is learned: input, output.
fn tokens(uri: &str, body: &str) -> (u64, u64) {
    let cost = cost(&request(uri, body.to_owned()), &Learned::new());
    assert_eq!(cost.requests(), 1);
    (cost.input_tokens(), cost.output_tokens())
}

#[test]
fn four_bytes_to_a_token_and_the_cap_for_the_answer() {
    let body = format!(
        r#"{{"model":"m","max_tokens":64,"prompt":"{}"}}"#,
        "word ".repeat(800)
    );
    let input = body.len() as u64 / 4;
    assert_eq!(tokens(CHAT, &body), (input, 64));
    assert_eq!(tokens(CHAT, r#"{"messages":[{"role":"user"}]}"#), (7, 500));
}

#[test]
fn without_a_cap_the_usual_length_is_expected() {
    let mut learned = Learned::new();
    (0..100).for_each(|_| learned.learn_output(80));
    let asked = request(CHAT, "{}");
    assert_eq!(cost(&asked, &learned).output_tokens(), 80);
    let capped = request(CHAT, r#"{"max_tokens":7}"#);
    assert_eq!(cost(&capped, &learned).output_tokens(), 7);
}

#[test]
fn a_cap_is_reserved_where_the_provider_reserves_it() {
    let of = |path: &str, learned: &Learned| {
        let asked = request(&format!("https://a{path}"), r#"{"max_tokens":8192}"#);
        cost(&asked, learned).output_tokens()
    };
    let mut taught = Learned::new();
    (0..100).for_each(|_| taught.learn_output(600));
    let mut written = taught;
    written.learn_counting();
    for (path, at_first, then, shown) in [
        ("/v1/chat/completions", 8192, 8192, 600),
        ("/v1/responses", 8192, 8192, 600),
        ("/model/anthropic.claude/invoke", 8192, 8192, 8192),
        ("/v1/messages", 500, 600, 600),
        ("/anthropic/v1/messages", 500, 600, 600),
        ("/v1beta/models/m:streamGenerateContent", 500, 600, 600),
        ("/v1beta/openai/chat/completions", 500, 600, 600),
    ] {
        assert_eq!(of(path, &Learned::new()), at_first, "{path}");
        assert_eq!(of(path, &taught), then, "{path}");
        assert_eq!(of(path, &written), shown, "{path}");
    }
    let short = request("https://a/v1/messages", r#"{"max_tokens":64}"#);
    assert_eq!(cost(&short, &taught).output_tokens(), 64);
}

#[test]
fn a_picture_is_no_text() {
    let data = "iVBORw0KGgo/".repeat(90_000);
    let body = |url: &str| {
        format!(
            r#"{{"messages":[{{"content":[{{"type":"image_url","image_url":{{"url":"{url}"}}}}]}}]}}"#
        )
    };
    let inline = tokens(CHAT, &body(&format!("data:image/png;base64,{data}"))).0;
    assert!((1_000..1_100).contains(&inline), "{inline}");
    let linked = tokens(CHAT, &body("https://example.com/picture.png")).0;
    assert!((1_000..1_100).contains(&linked), "{linked}");
    let two = format!(
        r#"{{"contents":[{{"inlineData":{{"data":"{data}"}}}},{{"inlineData":{{"data":"{data}"}}}}]}}"#
    );
    let two = tokens("https://g/v1beta/models/m:generateContent", &two).0;
    assert!((2_000..2_100).contains(&two), "{two}");
}

#[test]
fn what_has_no_answer_in_text_reserves_none() {
    for path in [
        "/v1/embeddings",
        "/v2/rerank",
        "/v1/moderations",
        "/v1beta/models/m:embedContent",
    ] {
        let uri = format!("https://a{path}");
        assert_eq!(tokens(&uri, r#"{"input":"12345678"}"#), (5, 0), "{path}");
    }
    for path in ["/v1/messages/count_tokens", "/v1beta/models/m:countTokens"] {
        assert_eq!(
            tokens(&format!("https://a{path}"), r#"{"input":"1234567"}"#),
            (0, 0),
            "{path}"
        );
    }
}

#[test]
fn a_batch_is_as_many_requests_as_its_provider_counts() {
    let gemini = "https://g/v1beta/models/m:batchEmbedContents";
    let batch = |items: usize| {
        let item = r#"{"model":"m","content":{"parts":[{"text":"12345678"}]}}"#;
        format!(r#"{{"requests":[{}]}}"#, vec![item; items].join(","))
    };
    let of = |uri: &str, body: String| {
        let cost = cost(&request(uri, body), &Learned::new());
        (
            cost.requests(),
            cost.input_tokens() > 0,
            cost.output_tokens(),
        )
    };
    assert_eq!(of(gemini, batch(100)), (100, true, 0));
    assert_eq!(of(gemini, batch(3)), (3, true, 0));
    assert_eq!(of(gemini, batch(0)), (1, true, 0));
    assert_eq!(of(gemini, batch(5_000)), (100, true, 0), "it is refused");
    assert_eq!(of(gemini, r#"{"requests":"many"}"#.into()), (1, true, 0));
    assert_eq!(
        of("https://g/v1beta/models/m:embedContent", batch(9)),
        (1, true, 0)
    );
    let inputs = r#"{"model":"m","input":["12345678","12345678","12345678"]}"#;
    assert_eq!(of("https://o/v1/embeddings", inputs.into()), (1, true, 0));
    assert_eq!(
        tokens("https://o/v1/embeddings", inputs).0,
        inputs.len() as u64 / 4
    );
    for later in [
        "/v1/messages/batches",
        "/v1/batches",
        "/v1beta/models/m:batchGenerateContent",
    ] {
        assert_eq!(
            of(&format!("https://a{later}"), batch(50)),
            (1, false, 0),
            "{later}"
        );
    }
}

#[test]
fn pictures_that_are_asked_for_are_counted() {
    let asked = request(
        "https://a/v1/images/generations",
        r#"{"prompt":"a gate","n":3}"#,
    );
    let cost = cost(&asked, &Learned::new());
    assert_eq!((cost.images(), cost.output_tokens()), (3, 0));
}

#[test]
fn what_sends_nothing_costs_one_request() {
    let mut get = request("https://a/v1/models", "{}");
    *get.method_mut() = http::Method::GET;
    assert_eq!(cost(&get, &Learned::new()), Cost::default());
    assert_eq!(tokens(CHAT, ""), (0, 0));
}

#[test]
fn what_is_no_json_counts_as_one_picture() {
    let upload = "--x\r\ncontent-type: audio/wav\r\n\r\n".to_owned() + &"\u{1}".repeat(1 << 20);
    assert_eq!(
        tokens("https://a/v1/audio/transcriptions", &upload),
        (1_000, 500)
    );
}

/// A body whose bytes are not known beforehand.
struct Stream;

impl tollgate_core::Replay for Stream {
    fn try_clone(&self) -> Option<Self> {
        None
    }

    fn bytes(&self) -> Option<Bytes> {
        None
    }
}

#[test]
fn a_stream_is_judged_by_its_length() {
    let cost = |kind: &str, length: &str| {
        let request = Request::post(CHAT)
            .header("content-type", kind)
            .header("content-length", length)
            .body(Stream)
            .expect("a request");
        let cost = BytesPerToken::new().estimate(&Outgoing::new(&request), &Learned::new());
        (cost.input_tokens(), cost.output_tokens())
    };
    assert_eq!(cost("application/json", "4000"), (1_000, 500));
    assert_eq!(cost("application/json", "many"), (0, 0));
    assert_eq!(cost("multipart/form-data; boundary=x", "4000"), (0, 0));
}

#[test]
fn a_cost_on_the_call_comes_first_and_is_not_corrected() {
    let mut learned = Learned::new();
    for _ in 0..50 {
        let expected = Expected::guessed(Cost::default().with_input_tokens(1_000), &learned);
        learned.learn_input(&expected, 2_000);
    }
    let mut asked = request(CHAT, format!(r#"{{"prompt":"{}"}}"#, "a b ".repeat(997)));
    let guessed = Expected::of(&BytesPerToken::new(), &Outgoing::new(&asked), &learned);
    assert_eq!(guessed.guess(), Some(1_000));
    assert!(
        (1_990..=2_000).contains(&guessed.cost().input_tokens()),
        "{guessed:?}"
    );
    let set = Cost::default().with_requests(2).with_input_tokens(9);
    asked.extensions_mut().insert(Call::new().with_cost(set));
    let expected = Expected::of(&BytesPerToken::new(), &Outgoing::new(&asked), &learned);
    assert_eq!(expected, Expected::set(set));
}

#[test]
fn a_closure_is_an_estimator() {
    let asked = request(CHAT, "{}");
    let flat = |_: &Outgoing<'_>, _: &Learned| Cost::default().with_input_tokens(7);
    let expected = Expected::of(&flat, &Outgoing::new(&asked), &Learned::new());
    assert_eq!(expected.cost().input_tokens(), 7);
}
