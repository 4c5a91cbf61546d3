//! Uploads: the model is found and replaced, and no other byte is touched.

use bytes::Bytes;
use http::HeaderValue;
use http_body_util::Full;
use proptest::prelude::*;
use tollgate_core::Replay;

use super::*;
use crate::rewrite::model::Found;

const KIND: &str = "multipart/form-data; boundary=XX";

fn headers(kind: &str) -> HeaderMap {
    let value = HeaderValue::from_str(kind).expect("a value");
    HeaderMap::from_iter([(header::CONTENT_TYPE, value)])
}

fn read(kind: &str, body: &str) -> Result<String, BadBody> {
    let found = Found::read(&headers(kind), &body.to_owned())?;
    Ok(found.model(body.as_bytes()).expect("text").into_owned())
}

/// As clients write forms.
fn form(parts: &[(&str, &str)]) -> String {
    let part = |(head, value): &(&str, &str)| format!("--XX\r\n{head}\r\n\r\n{value}\r\n");
    let parts: String = parts.iter().map(part).collect();
    format!("{parts}--XX--\r\n")
}

const FILE: (&str, &str) = (
    "Content-Disposition: form-data; name=\"file\"; filename=\"a.mp3\"\r\nContent-Type: audio/mpeg",
    "ID3\0\r\n\r\n--X\r\n--XaX\r\nmodel\r\n--XX2",
);
const MODEL: (&str, &str) = (
    "Content-Disposition: form-data; name=\"model\"",
    "whisper-1",
);

#[test]
fn the_model_is_found_however_the_form_is_written() {
    for body in [
        form(&[FILE, MODEL]),
        form(&[MODEL, FILE]),
        form(&[("content-disposition:form-data;name=model", "whisper-1")]),
        form(&[(
            "Content-Type: text/plain\r\nContent-Disposition: form-data; x=\"a;b\\\"\"; name=\"mode\\l\"",
            "whisper-1",
        )]),
        format!("a preamble\r\n{}an epilogue", form(&[FILE, MODEL])),
        form(&[MODEL]).replace("--XX\r\n", "--XX \t\r\n"),
        form(&[("", "no headers"), MODEL]),
    ] {
        assert_eq!(read(KIND, &body).as_deref(), Ok("whisper-1"), "{body}");
    }
    for kind in [
        "Multipart/Form-Data; Boundary=\"XX\"",
        "multipart/form-data; charset=utf-8; boundary=XX",
        "multipart/form-data;boundary=XX ;x=y",
    ] {
        let body = form(&[MODEL]);
        assert_eq!(read(kind, &body).as_deref(), Ok("whisper-1"), "{kind}");
    }
}

#[test]
fn what_names_no_single_model_is_an_error() {
    let as_file = "Content-Disposition: form-data; name=\"model\"; filename=\"m\"";
    for (body, why) in [
        (form(&[FILE]), BadBody::NoModel),
        (form(&[(as_file, "m")]), BadBody::NoModel),
        (form(&[MODEL, FILE, MODEL]), BadBody::TwoModels),
        (form(&[]), BadBody::NoModel),
        (String::new(), BadBody::Empty),
        ("{\"model\":\"m\"}".to_owned(), BadBody::BadForm),
        (form(&[MODEL]).replace("--XX--", ""), BadBody::BadForm),
        (
            "--XX\r\nno end of headers\r\n--XX--".to_owned(),
            BadBody::BadForm,
        ),
    ] {
        assert_eq!(read(KIND, &body), Err(why), "{body}");
    }
    for kind in ["multipart/form-data", "multipart/form-data; boundary="] {
        assert_eq!(read(kind, &form(&[MODEL])), Err(BadBody::BadForm), "{kind}");
    }
    // Another type is read as JSON, as before.
    assert_eq!(read("text/plain", r#"{"model":"m"}"#).as_deref(), Ok("m"));
    assert_eq!(read("text/plain", "x"), Err(BadBody::NotJson));
}

proptest! {
    /// Whatever the values are, only that of the model changes.
    #[test]
    fn no_other_byte_is_touched(
        before in proptest::collection::vec("[a-z\r\n-]{0,12}", 0..4),
        after in proptest::collection::vec("[a-zX\r\n-]{0,12}", 0..4),
        new in "[a-z/:.]{1,8}",
    ) {
        // A value never holds the delimiter: whoever writes a form chooses it so.
        let all = before.iter().chain(&after);
        prop_assume!(all.clone().all(|value| !value.contains("--XX")));
        let other = "Content-Disposition: form-data; name=\"x\"";
        let parts = |model: &str| {
            let mut parts: Vec<(&str, &str)> = before.iter().map(|one| (other, &**one)).collect();
            parts.push((MODEL.0, model));
            parts.extend(after.iter().map(|one| (other, &**one)));
            form(&parts)
        };
        let body = Full::new(Bytes::from(parts("whisper-1")));
        let bytes = body.bytes().expect("it is whole");
        let found = Found::read(&headers(KIND), &body).expect("a form");
        let edited = found.replace(&bytes, &new).apply(body).expect("the piece is there");
        prop_assert_eq!(edited.bytes(), Some(Bytes::from(parts(&new))));
    }
}
