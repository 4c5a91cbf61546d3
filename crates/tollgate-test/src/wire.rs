//! How successes look: one file per shape of answer, whoever the provider.

mod aws;
mod chat;
mod cohere;
mod completions;
mod converse;
mod embeddings;
mod gemini;
mod invoke;
mod messages;
mod responses;

use http::StatusCode;
use serde_json::Value;
use tollgate_core::Usage;

use crate::Answer;

pub(crate) use converse::exception;

/// A success to be said in the shape of a provider.
///
/// # Examples
///
/// ```
/// use tollgate_test::{Dialect, Success};
///
/// let answer = Dialect::Groq.success(&Success::new("llama-3.1-8b-instant").with_text("Hello."));
/// let json = answer.value().unwrap();
/// assert_eq!(json["choices"][0]["message"]["content"], "Hello.");
/// assert_eq!(json["usage"]["completion_tokens"], 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Success {
    pub(crate) model: Box<str>,
    pub(crate) text: Box<str>,
    pub(crate) usage: Usage,
    pub(crate) number: u64,
    pub(crate) created: u64,
    /// How many texts were asked about: an embedding for each.
    pub(crate) inputs: usize,
}

impl Success {
    /// A short answer of this model. Its usage is 9 tokens of prompt, and one for each word of the
    /// text.
    #[must_use]
    pub fn new(model: impl Into<Box<str>>) -> Self {
        let success = Self {
            model: model.into(),
            text: Box::default(),
            usage: Usage::new(9, 0),
            number: 1,
            created: 1_700_000_000,
            inputs: 1,
        };
        success.with_text("All clear at the gate.")
    }

    /// Sets the text, and its tokens to the number of its words.
    #[must_use]
    pub fn with_text(mut self, text: impl Into<Box<str>>) -> Self {
        self.text = text.into();
        let words = self.text.split_whitespace().count();
        self.usage = Usage::new(self.usage.input(), words as u64);
        self
    }

    /// Sets the usage the answer reports, whatever its text.
    #[must_use]
    pub const fn with_usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// Sets the number that its identifiers are made of.
    #[must_use]
    pub const fn with_number(mut self, number: u64) -> Self {
        self.number = number;
        self
    }

    /// Sets when it was made, in seconds since 1970.
    #[must_use]
    pub const fn with_created(mut self, epoch_seconds: u64) -> Self {
        self.created = epoch_seconds;
        self
    }

    fn id(&self, prefix: &str) -> String {
        format!("{prefix}{:016x}", self.number)
    }

    /// The text in pieces that join to the whole.
    fn pieces(&self) -> impl Iterator<Item = &str> {
        self.text.split_inclusive(' ')
    }
}

/// Whether a stream tells its usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tally {
    /// In a last chunk of its own, as with `stream_options.include_usage`.
    Last,
    /// In the chunk that says why the answer ended.
    WithFinish,
    /// There, and once more in Groq's `x_groq`.
    Groq,
    /// Nowhere.
    Untold,
}

/// The shape of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// OpenAI chat completions, which nearly everybody speaks.
    Chat,
    /// OpenAI's older completions.
    Completions,
    /// OpenAI responses.
    Responses,
    /// OpenAI embeddings.
    Embeddings,
    /// Anthropic messages.
    Messages,
    /// Gemini `generateContent`.
    Gemini,
    /// Bedrock converse.
    Converse,
    /// Anthropic messages, as Bedrock's invoke hands them on.
    Invoke,
    /// Cohere v2 chat.
    Cohere,
}

impl Wire {
    /// The shape a path asks for, else the provider's own.
    pub(crate) fn of(path: &str, own: Self) -> Self {
        let ends = |end: &str| path.ends_with(end);
        if ends("/chat/completions") || ends("/fim/completions") {
            Self::Chat
        } else if ends("/completions") {
            Self::Completions
        } else if ends("/responses") || path.contains("/responses/") {
            Self::Responses
        } else if ends("/embeddings") {
            Self::Embeddings
        } else if ends("/messages") || ends("awPredict") {
            // Vertex AI has them behind `:rawPredict` and `:streamRawPredict`.
            Self::Messages
        } else if ends("/invoke") || ends("/invoke-with-response-stream") {
            Self::Invoke
        } else if path.contains("enerateContent") {
            Self::Gemini
        } else if path.ends_with("/converse") || path.ends_with("/converse-stream") {
            Self::Converse
        } else {
            own
        }
    }

    /// Whether a path asks for a stream without the body saying so.
    pub(crate) fn streams(path: &str) -> bool {
        let ends = [
            ":streamGenerateContent",
            ":streamRawPredict",
            "/converse-stream",
            "/invoke-with-response-stream",
        ];
        ends.iter().any(|end| path.ends_with(end))
    }

    pub(crate) fn whole(self, success: &Success) -> Value {
        match self {
            Self::Chat => chat::whole(success),
            Self::Completions => completions::whole(success),
            Self::Responses => responses::whole(success),
            Self::Embeddings => embeddings::whole(success),
            Self::Messages | Self::Invoke => messages::whole(success),
            Self::Gemini => gemini::whole(success),
            Self::Converse => converse::whole(success),
            Self::Cohere => cohere::whole(success),
        }
    }

    pub(crate) fn stream(self, success: &Success, tally: Tally) -> Answer {
        Answer::events(match self {
            Self::Chat => chat::events(success, tally),
            Self::Completions => completions::events(success, tally),
            Self::Responses => responses::events(success),
            // There are no streams of them.
            Self::Embeddings => return Answer::json(StatusCode::OK, &embeddings::whole(success)),
            Self::Messages => messages::events(success),
            Self::Gemini => gemini::events(success),
            Self::Cohere => cohere::events(success),
            Self::Converse => return converse::stream(success),
            Self::Invoke => return invoke::stream(success),
        })
    }
}

/// One event without a name.
fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// One event with a name.
pub(crate) fn event(name: &str, value: &Value) -> String {
    format!("event: {name}\ndata: {value}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_says_what_an_answer_is() {
        let success = Success::new("gpt-4o");
        for (path, object) in [
            ("/v1/chat/completions", "chat.completion"),
            ("/openai/v1/completions", "text_completion"),
            ("/v1/responses", "response"),
            ("/v1/responses/resp_1", "response"),
            ("/beta/completions", "text_completion"),
            ("/v1/fim/completions", "chat.completion"),
            ("/v1/embeddings", "list"),
            ("/v1/anything", "chat.completion"),
        ] {
            let whole = Wire::of(path, Wire::Chat).whole(&success);
            assert_eq!(whole["object"], object, "{path}");
            assert_eq!(whole["model"], "gpt-4o", "{path}");
        }
    }

    #[test]
    fn claude_is_in_the_envelopes_of_others() {
        let success = Success::new("claude");
        let vertex = "/v1/projects/p/locations/l/publishers/anthropic/models/claude";
        for (path, stream, kind) in [
            ("/model/claude/invoke".to_owned(), false, "application/json"),
            (
                "/model/claude/invoke-with-response-stream".to_owned(),
                true,
                "application/vnd.amazon.eventstream",
            ),
            (format!("{vertex}:rawPredict"), false, "application/json"),
            (
                format!("{vertex}:streamRawPredict"),
                true,
                "text/event-stream",
            ),
        ] {
            let wire = Wire::of(&path, Wire::Chat);
            assert_eq!(Wire::streams(&path), stream, "{path}");
            assert_eq!(wire.whole(&success)["type"], "message", "{path}");
            let answer = match stream {
                true => wire.stream(&success, Tally::WithFinish),
                false => Answer::json(StatusCode::OK, &wire.whole(&success)),
            };
            assert_eq!(answer.headers()["content-type"], kind, "{path}");
        }
    }

    #[test]
    fn there_is_an_embedding_for_each_text() {
        let mut success = Success::new("text-embedding-3-small");
        success.inputs = 3;
        let whole = Wire::Embeddings.whole(&success);
        assert_eq!(whole["data"].as_array().map(Vec::len), Some(3));
        assert_eq!(whole["data"][2]["index"], 2);
    }
}
