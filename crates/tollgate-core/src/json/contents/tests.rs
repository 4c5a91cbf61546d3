//! Tests of what is found in bodies.

use bytes::Bytes;

use super::*;
use crate::JsonRequest;

fn of(body: &str) -> PromptContents {
    serde_json::from_str::<serde_json::Value>(body).expect(body);
    let request = JsonRequest::read(Bytes::copy_from_slice(body.as_bytes()));
    *request.expect(body).contents()
}

#[test]
fn links_are_counted_and_data_only_once() {
    let blobs = |body: &str| (of(body).blobs, of(body).blob_bytes);
    let link = r#"{"type":"image_url","image_url":{"url":"https://a/b.png"}}"#;
    assert_eq!(blobs(link), (1, 0));
    assert_eq!(blobs(r#"{"image_url" : "https://a/b.png"}"#), (1, 0));
    let data = "iVBOR/".repeat(400);
    let inline = format!(r#"{{"image_url":{{"url":"data:image/png;base64,{data}"}}}}"#);
    assert_eq!(blobs(&inline), (1, 2400));
}

#[test]
fn parts_that_are_elsewhere_are_found() {
    for (body, files) in [
        (r#"{"image_url":{"url":"https://a/b.png"}}"#, 1),
        (r#"{"type":"input_file","file_id":"file-1"}"#, 1),
        (r#"{"type":"input_file","file_url":"https://a/b.pdf"}"#, 1),
        (
            r#"{"type":"image","source":{"type":"url","url":"https://a/b.png"}}"#,
            1,
        ),
        (
            r#"{"type":"document","source":{"type":"file","file_id":"file_1"}}"#,
            1,
        ),
        (
            r#"{"fileData":{"mimeType":"video/mp4","fileUri":"gs://a/b"}}"#,
            1,
        ),
        (r#"{"source":{"s3Location":{"uri":"s3://a/b"}}}"#, 0),
        (r#"{"cachedContent":"cachedContents/1","contents":[]}"#, 0),
        (
            r#"{"tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}"#,
            0,
        ),
        (r#"{"tools":[{"type" : "web_search_preview"}]}"#, 0),
        (
            r#"{"tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]}"#,
            0,
        ),
        (r#"{"tools":[{"type":"mcp","server_url":"https://a"}]}"#, 0),
        (r#"{"tools":[{"googleSearch":{}}]}"#, 0),
    ] {
        let found = of(body);
        assert!(found.elsewhere, "{body}");
        assert_eq!(found.blobs, files, "{body}");
    }
}

#[test]
fn text_schemas_and_names_are_no_parts_elsewhere() {
    for body in [
        r#"{"messages":[{"role":"user","content":"use \"file_id\":\"f\" and \"image_url\": \"http://a\""}]}"#,
        r#"{"properties":{"file_id":{"type":"string"},"server_url":{"type":"string"}}}"#,
        r#"{"tools":[{"type":"function","function":{"name":"web_search"}}]}"#,
        r#"{"required":["file_id","image_url","source"],"source":"crm"}"#,
        r#"{"source":{"type":"base64","media_type":"image/png","data":"AAAA"}}"#,
        r#"{"cachedContent":null,"source":{"type":"text","data":"x"}}"#,
    ] {
        assert_eq!(of(body), PromptContents::default(), "{body}");
    }
}

#[test]
fn a_cache_that_is_asked_for_is_found() {
    let found = |body: &str| of(body).cache;
    assert!(found(r#"{"cache_control":{"type":"ephemeral"}}"#));
    assert!(found(
        r#"{"system":[{"text":"x","cache_control" : {"type":"ephemeral"}}]}"#
    ));
    assert!(!found(r#"{"content":"\"cache_control\": is a key"}"#));
}
