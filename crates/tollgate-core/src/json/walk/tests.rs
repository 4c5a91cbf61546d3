//! Tests of the walk, beside what `serde_json` finds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Value, value::RawValue};

use super::*;

/// What was passed.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Key, value and items of each outermost field.
    fields: Vec<(Range<usize>, Range<usize>, u64)>,
    /// Depth and name of each key.
    keys: Vec<(u32, Range<usize>)>,
    texts: Vec<Range<usize>>,
}

impl Visit for Seen {
    const LONG: usize = 30;

    fn field(&mut self, key: Range<usize>, value: Range<usize>, items: u64) {
        self.fields.push((key, value, items));
    }

    fn key(&mut self, _: &Range<usize>, depth: u32, key: Range<usize>) {
        self.keys.push((depth, key));
    }

    fn long_text(&mut self, text: Range<usize>) {
        self.texts.push(text);
    }
}

fn seen(body: &[u8]) -> Option<Seen> {
    let mut seen = Seen::default();
    walk(body, &mut seen)?;
    Some(seen)
}

#[test]
fn fields_keys_and_long_texts() {
    let long = "a text of more than thirty bytes";
    let body = format!(r#" {{ "a" : [1, {{"b":"{long}"}} , []] ,"c":{{}}, "d":-1.5e3,"":null}} "#);
    let seen = seen(body.as_bytes()).expect("an object");
    let part = |range: &Range<usize>| &body[range.clone()];
    let fields = seen.fields.iter();
    let fields: Vec<_> = fields
        .map(|(key, value, items)| (part(key), part(value), *items))
        .collect();
    let list = format!(r#"[1, {{"b":"{long}"}} , []]"#);
    let expected = [
        ("a", &*list, 3),
        ("c", "{}", 0),
        ("d", "-1.5e3", 0),
        ("", "null", 0),
    ];
    assert_eq!(fields, expected);
    let keys: Vec<_> = seen
        .keys
        .iter()
        .map(|(depth, key)| (*depth, part(key)))
        .collect();
    assert_eq!(keys, [(1, "a"), (3, "b"), (1, "c"), (1, "d"), (1, "")]);
    assert_eq!(seen.texts.iter().map(part).collect::<Vec<_>>(), [long]);
}

#[test]
fn what_is_no_object_is_not_passed() {
    for body in [
        "",
        " ",
        "7",
        "[]",
        "[{}]",
        "{",
        "}",
        "{]",
        "[}",
        "{}}",
        "{},",
        "{} {}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1,,"b":2}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[,]}"#,
        r#"{"a":[1 2]}"#,
        r#"{"a":[1}}"#,
        r#"{"a":{"b":1]}"#,
        r#"{"a":"b"#,
        r#"{"a":"b\"}"#,
        r#"{"a":'b'}"#,
        r#"{a:1}"#,
        r#"{1:1}"#,
        r#"{"a":1"#,
        r#"{"a" "b"}"#,
        r#"{"a":[[]}"#,
        r#"{"a"::1}"#,
        r#"{"a":+1}"#,
        r#"{"a":undefined}"#,
        r#"{"a":nan}"#,
        r#"{"a":truefalse}"#,
        r#"{"a":nul}"#,
    ] {
        assert_eq!(seen(body.as_bytes()), None, "{body}");
    }
}

/// Each backslash escapes one byte, be it another one.
#[test]
fn a_string_ends_at_the_first_quote_that_is_not_escaped() {
    for slashes in 0..40 {
        let text = "\\".repeat(slashes);
        let body = format!(r#"{{"a":"{text}","b":1}}"#);
        let ends = slashes % 2 == 0;
        let fields = seen(body.as_bytes()).map(|seen| seen.fields.len());
        assert_eq!(fields, ends.then_some(2), "{slashes}");
        let body = format!(r#"{{"a":"{text}\"","b":1}}"#);
        assert_eq!(seen(body.as_bytes()).is_some(), ends, "{slashes}");
    }
}

/// A quote is found wherever it stands, and in a text of any length.
#[test]
fn every_place_of_a_quote() {
    for len in 0..200 {
        let text = "é\u{1}\u{21}\u{23}\u{a2}x"
            .chars()
            .cycle()
            .take(len)
            .collect::<String>();
        let body = format!(r#"{{"a":"{text}","b":1}}"#);
        let seen = seen(body.as_bytes()).expect("an object");
        assert_eq!(seen.fields[0].1, 5..5 + text.len() + 2, "{len}");
    }
}

#[test]
fn any_depth_is_walked() {
    for depth in [2, 127, 128, 129, 256, 300, 100_000] {
        let nested = |open: &str, close: &str| {
            format!(
                r#"{{"a":{}1{}}}"#,
                open.repeat(depth - 1),
                close.repeat(depth - 1)
            )
        };
        for (open, close) in [("[", "]"), (r#"{"b":"#, "}"), (r#"[{"b":"#, "}]")] {
            let body = nested(open, close);
            let found = seen(body.as_bytes()).expect("an object");
            assert_eq!(
                found.fields,
                [(2..3, 5..body.len() - 1, u64::from(open != r#"{"b":"#))]
            );
            assert_eq!(
                seen(nested(open, "]").as_bytes()).is_some(),
                open == "[",
                "{depth}"
            );
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e30..1e30).prop_map(Value::from),
        "[ -~é\\n\\\\\"]{0,60}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let key = "[a-c\"\\\\é]{0,12}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// The fields of any object are those that `serde_json` finds, byte for byte.
    #[test]
    fn the_same_fields(map in prop::collection::btree_map("[a-z\"\\\\]{0,40}", value(), 0..6), pretty: bool) {
        let text = match pretty {
            true => serde_json::to_string_pretty(&map),
            false => serde_json::to_string(&map),
        };
        let body = text.expect("it can be written");
        let theirs: BTreeMap<String, &RawValue> = serde_json::from_str(&body).expect("it was written");
        let ours = seen(body.as_bytes()).expect("an object");
        prop_assert_eq!(ours.fields.len(), theirs.len());
        for (key, value, items) in ours.fields {
            let key: String = serde_json::from_str(&body[key.start - 1..=key.end]).expect("a key");
            prop_assert_eq!(&body[value], theirs[&key].get());
            prop_assert_eq!(items, map[&key].as_array().map_or(0, Vec::len) as u64);
        }
    }

    /// What is an object for `serde_json` is one here, whatever is changed in it; and nothing makes the
    /// walk panic or run on.
    #[test]
    fn nothing_that_can_be_read_is_missed(
        value in value(), at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>(),
    ) {
        let mut body = serde_json::to_vec(&serde_json::json!({"a": value, "b": 1})).expect("written");
        let at = at.index(body.len());
        body[at] = byte;
        for body in [&body[..], &body[..cut.index(body.len())], &body[cut.index(body.len())..]] {
            let object = body.trim_ascii_start().starts_with(b"{");
            if object && serde_json::from_slice::<IgnoredAny>(body).is_ok() {
                prop_assert!(seen(body).is_some(), "{}", String::from_utf8_lossy(body));
            }
            let _ = seen(body);
        }
    }
}
