//! Tests of the reader, on answers written after each provider's documentation.

mod answers;
mod cached;
mod counting;
mod kit;
mod odd;
mod places;
mod repeats;
mod splits;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use tollgate_core::{Cost, Usage};

use super::UsageReader;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";
const FRAMES: &str = "application/vnd.amazon.eventstream";

fn headers(content_type: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", content_type.parse().expect("a type"));
    headers
}

/// Reads a body in pieces of this length.
fn read(content_type: &str, body: &[u8], length: usize) -> UsageReader {
    let mut reader = UsageReader::new(&headers(content_type));
    body.chunks(length).for_each(|chunk| reader.read(chunk));
    reader
}

fn told(content_type: &str, body: &[u8]) -> Option<Usage> {
    read(content_type, body, usize::MAX).told()
}

/// What a reader says where 1,000 and 500 tokens were expected.
fn settled(reader: &UsageReader) -> (u64, u64) {
    let usage = reader.usage(&estimate());
    (usage.input(), usage.output())
}

fn estimate() -> Cost {
    Cost::default()
        .with_input_tokens(1_000)
        .with_output_tokens(500)
}

/// A frame of AWS. One of its headers is 34 bytes long, which is a quote; nobody checks the sums.
fn frame(payload: &str) -> Vec<u8> {
    let mut head = b"\x01:\x07\x00\x22".to_vec();
    head.extend_from_slice(&[b'x'; 34]);
    let length = |bytes: usize| u32::try_from(bytes).expect("short").to_be_bytes();
    let mut frame = length(16 + head.len() + payload.len()).to_vec();
    frame.extend_from_slice(&length(head.len()));
    frame.extend_from_slice(b"\"sum");
    frame.extend_from_slice(&head);
    frame.extend_from_slice(payload.as_bytes());
    frame.extend_from_slice(b"sum\"");
    frame
}

/// A frame of Bedrock's invoke.
fn encoded(json: &str) -> Vec<u8> {
    let mut text = vec![0; json.len().div_ceil(3) * 4];
    STANDARD.encode_slice(json, &mut text).expect("it fits");
    let text = std::str::from_utf8(&text).expect("base64 is ASCII");
    frame(&format!(r#"{{"bytes":"{text}","p":"abcdefgh"}}"#))
}
