//! Tests of what is read out of a request.

use super::*;
use crate::{Replay, ReplayBody};

fn read(body: &str) -> Option<JsonRequest> {
    JsonRequest::read(Bytes::copy_from_slice(body.as_bytes()))
}

#[test]
fn all_that_is_asked_for() {
    let body = r#"{"model":"m\u0031","stream":true,"n":2,"max_tokens":9,"user":"u","requests":[1,2],
        "prompt_cache_key":"k","previous_response_id":"r","anthropic_version":"v","anthropic_beta":["b"]}"#;
    let request = read(body).expect("an object");
    let text = |field| request.text(field).map(Cow::into_owned);
    assert_eq!(request.model().as_deref(), Some("m1"));
    assert!(request.is_stream() && request.continues());
    assert_eq!(
        (request.output_cap(), request.answers(), request.batched()),
        (Some(9), 2, 2)
    );
    assert_eq!(text(JsonField::User).as_deref(), Some("u"));
    assert_eq!(text(JsonField::PromptCacheKey).as_deref(), Some("k"));
    assert_eq!(text(JsonField::PreviousResponseId).as_deref(), Some("r"));
    assert_eq!(text(JsonField::AnthropicVersion).as_deref(), Some("v"));
    assert_eq!(text(JsonField::AnthropicBeta), None, "it is no text");
    assert_eq!(
        request.raw(JsonField::AnthropicBeta),
        Some(&br#"["b"]"#[..])
    );
    assert!(!format!("{request:?}").contains("m1"));
}

#[test]
fn fields_of_other_types_are_as_if_absent() {
    let body = r#"{"model":["m"],"stream":"true","n":"2","max_tokens":"9","requests":{},"container":null,
        "prompt":"text","messages":[{"stream":true,"user":"no","conversation":"no"}]}"#;
    let request = read(body).expect("an object");
    assert_eq!(request.model(), None);
    assert!(!request.is_stream() && !request.continues());
    assert_eq!(
        (request.output_cap(), request.answers(), request.batched()),
        (None, 1, 0)
    );
    assert_eq!(request.text(JsonField::User), None);
    for body in ["", "[]", "7", r#"{"model":"m"} more"#] {
        assert!(read(body).is_none(), "{body}");
    }
}

#[test]
fn a_key_may_be_escaped_and_a_field_repeated() {
    let body = r#"{"m\u006fdel":"m","stre\u0061m":false,"stream":true}"#;
    let request = read(body).expect("an object");
    assert_eq!(request.model().as_deref(), Some("m"));
    assert!(request.is_stream(), "the last one counts");
    let places: Vec<_> = request.places(JsonField::Stream).collect();
    let whole = |place: &FieldPlace| &body[place.key..place.value.end];
    assert_eq!(
        places.iter().map(whole).collect::<Vec<_>>(),
        [r#""stre\u0061m":false"#, r#""stream":true"#]
    );
    let two = read(r#"{"model":"a","model":"b"}"#).expect("an object");
    assert_eq!(
        (two.model(), two.places(JsonField::Model).count()),
        (None, 2)
    );
}

#[test]
fn a_body_is_read_once_for_all_its_clones() {
    let body = ReplayBody::<()>::whole(r#"{"model":"m"}"#);
    let clone = body.try_clone().expect("it is whole");
    let first = body.json().expect("an object");
    let again = clone.json().expect("an object");
    assert!(std::ptr::eq(&*first, &*again));
    let whole = body.to_whole().expect("it is whole");
    assert!(std::ptr::eq(&*first, &*whole.json().expect("an object")));
    assert!(ReplayBody::once("{}", ()).json().is_none());
    assert!(ReplayBody::<()>::whole("[]").json().is_none());
}

/// What is known of a body stays known when its model is replaced, and stays true.
#[test]
fn a_replaced_model_is_not_read_again() {
    let body = r#"{"stream":true,"model":"gpt","user":"u","model2":1,"max_tokens":7,"prompt_cache_key":"k"}"#;
    for new in ["", "x", "gpt", "a-longer-model"] {
        let old = ReplayBody::<()>::whole(body);
        let at = old
            .json()
            .expect("an object")
            .places(JsonField::Model)
            .next();
        let edited = old.replaced(&at.expect("a model").value, &format!("\"{new}\""));
        let edited = edited.expect("the place is there");
        let carried = edited.json().expect("an object").into_owned();
        let bytes = edited.bytes().expect("it is whole");
        assert_eq!(bytes, body.replace("gpt", new).as_bytes());
        let read = JsonRequest::read(bytes).expect("an object");
        assert_eq!(
            format!("{:?}", carried.scan),
            format!("{:?}", read.scan),
            "{new}"
        );
        assert_eq!(carried.body(), read.body());
    }
    let outside = ReplayBody::<()>::whole(body).replaced(&(5..500), "x");
    assert!(outside.is_none());
}

#[test]
fn a_body_whose_fields_cannot_be_told_is_not_read() {
    for body in [
        &b"{\"mo\xffdel\":\"a\",\"model\":\"b\"}"[..],
        br#"{"model":"a","mod\el":"b"}"#,
        b"{\"model\":\"a\",\"mo\x01del\":\"b\"}",
        br#"{"model":"a","\ud800model":"b"}"#,
    ] {
        assert!(
            JsonRequest::read(Bytes::copy_from_slice(body)).is_none(),
            "{body:?}"
        );
    }
    let repeated = |times| format!(r#"{{"model":"a"{}}}"#, r#","stream":true"#.repeat(times));
    assert!(read(&repeated(65)).is_some() && read(&repeated(66)).is_none());
    assert!(read(r#"{"a b":1,"\u00e9":2,"é":3,"":4}"#).is_some());
}

/// Most parsers take the last one of two, and a lower cap than the provider's would take too little
/// from the limit.
#[test]
fn of_two_caps_of_one_name_the_last_counts() {
    let cap = |body| read(body).expect("an object").output_cap();
    assert_eq!(cap(r#"{"max_tokens":1,"max_tokens":99999}"#), Some(99_999));
    assert_eq!(cap(r#"{"max_tokens":1,"max_tokens":null}"#), None);
    assert_eq!(cap(r#"{"max_tokens":9,"max_output_tokens":5}"#), Some(5));
    let twice = r#"{"generationConfig":{"maxOutputTokens":1,"maxOutputTokens":7}}"#;
    assert_eq!(cap(twice), Some(7));
    let count = r#"{"options":{"candidateCount":3},"generation_config":{"candidate_count":2}}"#;
    assert_eq!(read(count).expect("an object").answers(), 2);
}

#[test]
fn only_a_model_is_carried_along() {
    let body = ReplayBody::<()>::whole(r#"{"model":"m","max_tokens":7}"#);
    let cap = body.json().expect("an object").output_cap();
    assert_eq!(cap, Some(7));
    let place = 26..27;
    let edited = body.replaced(&place, "9").expect("the piece is there");
    assert_eq!(edited.json().expect("an object").output_cap(), Some(9));
    #[expect(clippy::reversed_empty_ranges, reason = "a mistake of a caller")]
    let reversed = 9..5;
    assert!(body.replaced(&reversed, "x").is_none());
}
