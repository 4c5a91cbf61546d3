//! The model is replaced, and no other byte is touched.

use bytes::Bytes;
use http_body_util::Full;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn edit(body: &'static str, json: &str) -> Result<Option<String>, BadBody> {
    let bytes = Bytes::from(body);
    let found = Found::of(&body.to_owned())?;
    let edited = match found.replace(&bytes, json) {
        Edit::None => return Ok(None),
        edit => edit.apply(Full::new(bytes)),
    };
    let bytes = edited.and_then(|body| body.bytes()).expect("it is whole");
    Ok(Some(String::from_utf8(bytes.to_vec()).expect("still text")))
}

#[test]
fn all_else_stays_as_it_is() {
    for (before, after) in [
        (r#"{"model":"a"}"#, r#"{"model":"new"}"#),
        (
            "{ \"b\" : 1.0e2,\r\n\t\"model\"  :  \"a\\\"b\" , \"a\":1.00}",
            "{ \"b\" : 1.0e2,\r\n\t\"model\"  :  \"new\" , \"a\":1.00}",
        ),
        // A key may be escaped, and numbers may be larger than any that a program holds.
        (
            r#"{"n":123456789012345678901234567890,"mod\u0065l":"a"}"#,
            r#"{"n":123456789012345678901234567890,"mod\u0065l":"new"}"#,
        ),
        // Other models are none of ours, nor are two fields of another name.
        (
            r#"{"x":{"model":"no"},"y":["model"],"x":2,"model":"a","tools":[{"model":"b"}]}"#,
            r#"{"x":{"model":"no"},"y":["model"],"x":2,"model":"new","tools":[{"model":"b"}]}"#,
        ),
        (
            "\u{20}{\"z\":\"ä\u{1f600}\",\"model\":\"ü\"} \n",
            " {\"z\":\"ä\u{1f600}\",\"model\":\"new\"} \n",
        ),
    ] {
        assert_eq!(
            edit(before, r#""new""#).as_ref().map(Option::as_deref),
            Ok(Some(after))
        );
    }
}

#[test]
fn what_says_so_already_is_not_copied() {
    assert_eq!(edit(r#"{"model":"a"}"#, r#""a""#), Ok(None));
}

#[test]
fn the_model_is_read_as_a_text() {
    let body = br#"{"model":"a\u0062\/c"}"#;
    let found = Found::of(&Full::new(&body[..])).expect("a model");
    assert_eq!(found.model(body).as_deref(), Some("ab/c"));
}

#[test]
fn nothing_is_guessed() {
    for (body, why) in [
        ("", BadBody::Empty),
        ("\r\n", BadBody::NotJson),
        ("model=a", BadBody::NotJson),
        ("\u{feff}{\"model\":\"a\"}", BadBody::NotJson),
        (r#"{"model":"a""#, BadBody::NotJson),
        (r#"{"model":"a"} x"#, BadBody::NotJson),
        (r#"{"model":"a"}{"model":"b"}"#, BadBody::NotJson),
        (r#"["model"]"#, BadBody::NotAnObject),
        (r#""model""#, BadBody::NotAnObject),
        ("{}", BadBody::NoModel),
        (r#"{"Model":"a"}"#, BadBody::NoModel),
        (r#"{"model":"a","model":"a"}"#, BadBody::TwoModels),
        (
            r#"{"model":"a","mode\u006c":"b","model":"c"}"#,
            BadBody::TwoModels,
        ),
        (r#"{"model":7}"#, BadBody::ModelIsNoText),
        (r#"{"model":null}"#, BadBody::ModelIsNoText),
        (r#"{"model":["a"]}"#, BadBody::ModelIsNoText),
    ] {
        assert_eq!(edit(body, r#""new""#), Err(why), "{body}");
    }
    // A lone half of a pair stands for no letter.
    assert_eq!(
        edit(r#"{"model":"\ud800"}"#, r#""new""#),
        Err(BadBody::ModelIsNoText)
    );
}

#[test]
fn depth_is_no_danger() {
    let deep = format!(
        r#"{{"x":{}{},"model":"a"}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(Found::of(&deep).is_ok());
}

proptest! {
    #[test]
    fn as_a_naive_model_has_it(
        before in proptest::collection::btree_map("[a-l]{1,4}", any::<i64>(), 0..5),
        after in proptest::collection::btree_map("[n-z]{1,4}", ".*", 0..5),
        old in ".*",
        new in ".*",
    ) {
        // Sorted by name, as `Value` writes them: then both must agree to the byte.
        let mut value = json!({});
        for (name, number) in &before {
            value[name] = json!({ "model": number });
        }
        value["model"] = json!(old);
        for (name, text) in &after {
            value[name] = json!(text);
        }
        let body = Full::new(Bytes::from(value.to_string()));
        let bytes = body.bytes().expect("it is whole");
        let found = Found::of(&body).expect("a model");
        let read = found.model(&bytes);
        prop_assert_eq!(read.as_deref(), Some(&*old));
        value["model"] = json!(new);
        let json = Value::from(new).to_string();
        let edited = found.replace(&bytes, &json).apply(body).expect("the piece is there");
        prop_assert_eq!(edited.bytes().expect("it is whole"), value.to_string());
    }

    #[test]
    fn garbage_is_refused_and_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(found) = Found::of(&Full::new(&body[..])) {
            prop_assert!(body[found.at].starts_with(b"\""));
        }
    }
}
