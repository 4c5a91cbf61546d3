//! A call as the provider understands it.

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};
use serde_json::Value;
use tollgate_core::model_of;

use crate::wire::Wire;

/// What a call asks for: read out of its path and its JSON body.
///
/// `Debug` shows neither headers nor body: they hold keys and people's words.
#[derive(Clone)]
pub struct Asked {
    method: Method,
    path: Box<str>,
    headers: HeaderMap,
    body: Bytes,
    model: Box<str>,
    stream: bool,
    include_usage: bool,
    max_tokens: Option<u64>,
    prompt_tokens: u64,
    inputs: usize,
}

impl Asked {
    pub(crate) fn read(parts: Parts, body: Bytes) -> Self {
        let path = parts.uri.path();
        let model = model_of(&parts.uri, Some(&body));
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        let at = |pointer: &str| json.pointer(pointer);
        let limits = [
            "/max_tokens",
            "/max_completion_tokens",
            "/max_output_tokens",
            "/generationConfig/maxOutputTokens",
            "/inferenceConfig/maxTokens",
        ];
        let prompts = ["/messages", "/contents", "/system", "/prompt", "/input"];
        let length: u64 = prompts.into_iter().filter_map(at).map(letters).sum();
        let yes = |pointer: &str| at(pointer) == Some(&Value::Bool(true));
        Self {
            model: model.as_deref().unwrap_or("unknown").into(),
            stream: yes("/stream") || Wire::streams(path),
            include_usage: yes("/stream_options/include_usage"),
            max_tokens: limits.into_iter().filter_map(at).find_map(Value::as_u64),
            prompt_tokens: length.div_ceil(4),
            inputs: at("/input").map_or(1, texts),
            path: path.into(),
            method: parts.method,
            headers: parts.headers,
            body,
        }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The headers, the key among them.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The model, or `unknown`.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether it asks for a stream.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.stream
    }

    /// Whether it asks a stream to tell its usage (`stream_options.include_usage`).
    #[must_use]
    pub const fn asks_usage(&self) -> bool {
        self.include_usage
    }

    /// How long the answer may be, in tokens.
    #[must_use]
    pub const fn max_tokens(&self) -> Option<u64> {
        self.max_tokens
    }

    /// The tokens of the prompt: a quarter of the letters in it, rounded up.
    #[must_use]
    pub const fn prompt_tokens(&self) -> u64 {
        self.prompt_tokens
    }

    /// How many texts it is about.
    pub(crate) const fn inputs(&self) -> usize {
        self.inputs
    }

    /// Whether one of the headers that carry keys carries this one.
    pub(crate) fn carries(&self, key: &str) -> bool {
        let names = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
        let values = names.iter().filter_map(|name| self.headers.get(*name));
        values
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.strip_prefix("Bearer ").unwrap_or(value) == key)
    }
}

/// A list is one of texts, or one text in tokens.
fn texts(input: &Value) -> usize {
    match input.as_array() {
        Some(all) if !all.iter().all(Value::is_number) => all.len(),
        _ => 1,
    }
}

/// The letters of all texts in a value.
fn letters(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.chars().count() as u64,
        Value::Array(items) => items.iter().map(letters).sum(),
        Value::Object(fields) => fields.values().map(letters).sum(),
        _ => 0,
    }
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked")
            .field("path", &self.path)
            .field("model", &self.model)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
