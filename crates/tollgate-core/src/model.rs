//! Finds the model a request asks for.

use std::borrow::Cow;

use http::Uri;
use percent_encoding::percent_decode_str;

use crate::json::model_of_body;

/// The model that a request names: in its path, else in its JSON body.
///
/// Paths known to carry a model are `/models/{model}:method` (Gemini, Vertex),
/// `/deployments/{name}/` (Azure OpenAI) and `/model/{id}/` (Bedrock). In a body it is the string
/// `model` of the outermost object. `None` when neither is there; nothing is guessed.
///
/// # Examples
///
/// ```
/// use tollgate_core::model_of;
///
/// let uri = "https://api.groq.com/openai/v1/chat/completions".parse().unwrap();
/// let body = br#"{"messages":[],"model":"llama-3.1-8b-instant"}"#;
/// assert_eq!(model_of(&uri, Some(body)).as_deref(), Some("llama-3.1-8b-instant"));
/// ```
#[must_use]
pub fn model_of<'a>(uri: &'a Uri, body: Option<&'a [u8]>) -> Option<Cow<'a, str>> {
    in_path(uri.path())
        .and_then(|model| percent_decode_str(model).decode_utf8().ok())
        .or_else(|| model_of_body(body?))
}

/// What Gemini and Vertex let one do with a model.
const METHODS: [&str; 10] = [
    "generateContent",
    "streamGenerateContent",
    "countTokens",
    "embedContent",
    "batchEmbedContents",
    "predict",
    "predictLongRunning",
    "rawPredict",
    "streamRawPredict",
    "serverStreamingPredict",
];

fn in_path(path: &str) -> Option<&str> {
    let (mut models, mut deployments, mut named) = (None, None, None);
    // Slash by slash: to prepare a search for a text takes longer than a path is.
    for (at, _) in path.bytes().enumerate().filter(|(_, byte)| *byte == b'/') {
        let rest = &path[at + 1..];
        let place = match rest.as_bytes() {
            [b'm', b'o', b'd', b'e', b'l', b's', b'/', ..] => &mut models,
            [b'm', b'o', b'd', b'e', b'l', b'/', ..] => &mut named,
            [b'd', ..] if rest.starts_with("deployments/") => &mut deployments,
            _ => continue,
        };
        place.get_or_insert(&rest[rest.find('/').unwrap_or(0) + 1..]);
    }
    if let Some(rest) = models {
        // A bare `/models/x` looks a model up, and the name of a fine-tuned one has colons in it.
        let (model, method) = rest.rsplit_once(':')?;
        let calls = METHODS.contains(&method) && !model.is_empty() && !model.contains('/');
        return calls.then_some(model);
    }
    let rest: &str = deployments.or(named)?;
    let model = &rest[..rest.find('/').unwrap_or(rest.len())];
    (!model.is_empty() && model.len() < rest.len()).then_some(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> Option<&str> {
        in_path(path)
    }

    #[test]
    fn paths_of_the_providers() {
        assert_eq!(
            path("/v1beta/models/gemini-2.0-flash:generateContent"),
            Some("gemini-2.0-flash")
        );
        assert_eq!(
            path("/openai/deployments/gpt4/chat/completions"),
            Some("gpt4")
        );
        assert_eq!(
            path("/model/anthropic.claude-v2/converse"),
            Some("anthropic.claude-v2")
        );
        assert_eq!(path("/v1/chat/completions"), None);
        assert_eq!(path("/v1/models/gpt-4o"), None);
        assert_eq!(
            path("/v1/models/ft:gpt-4o:org"),
            None,
            "a look-up of a fine-tuned one"
        );
        assert_eq!(path("/v1/models/"), None);
        assert_eq!(path("/model/"), None);
    }

    #[test]
    fn one_model_has_one_name() {
        let uri = "https://b/model/anthropic.claude-v2%3A0/converse"
            .parse()
            .expect("a URI");
        assert_eq!(
            model_of(&uri, None).as_deref(),
            Some("anthropic.claude-v2:0")
        );
    }

    #[test]
    fn bodies_are_read_without_guessing() {
        let read = |text: &'static str| model_of_body(text.as_bytes());
        assert_eq!(read(r#" {"model":"a\u0062"}"#).as_deref(), Some("ab"));
        assert_eq!(read(r#"{"messages":[{"model":"no"}]}"#), None);
        assert_eq!(read(r#"{"model":"a","model":"b"}"#), None, "two are none");
        assert_eq!(read(r#"{"model":7}"#), None);
        assert_eq!(read(r#"{"model":"a""#), None);
        assert_eq!(read("[]"), None);
        assert_eq!(read(""), None);
    }
}
