//! The dialects in which calls are written.

use std::fmt;

/// The dialect of a request and its answer. A route speaks one: a fallback does not translate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wire {
    /// OpenAI's: chat completions, responses, embeddings and its other calls. Almost every provider
    /// speaks it at one of its addresses.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Gemini's `generateContent` and its relatives, at Gemini and at Vertex AI.
    Gemini,
    /// Bedrock's `Converse`.
    Converse,
    /// Cohere's version 2.
    Cohere,
}

/// Where a request says which model it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// The string `model` of its JSON body.
    Body,
    /// A part of its path, as Gemini and Bedrock have it.
    Path,
    /// A part of its path behind `/deployments/`, as Azure OpenAI has it; what its body says is left
    /// as it is.
    Deployment,
}

impl Wire {
    /// The name, as it appears in errors.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Converse => "converse",
            Self::Cohere => "cohere",
        }
    }

    /// Where this dialect has the model.
    #[must_use]
    pub const fn place(self) -> Place {
        match self {
            Self::OpenAi | Self::Anthropic | Self::Cohere => Place::Body,
            Self::Gemini | Self::Converse => Place::Path,
        }
    }

    /// Whether a path is one of its own calls, and not only one of a kind that servers add.
    pub(crate) fn knows(self, path: &str) -> bool {
        match (self, self.operation(path)) {
            (Self::OpenAi, Some(operation)) => OPENAI.contains(&operation),
            (_, operation) => operation.is_some(),
        }
    }

    /// What a path asks for, without the address it was written for. `None` where this dialect has
    /// no such call.
    pub(crate) fn operation(self, path: &str) -> Option<&str> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let known = |all: &'static [&'static str]| {
            all.iter()
                .copied()
                .find(|operation| path.ends_with(operation))
        };
        match self {
            Self::OpenAi => known(&OPENAI).or_else(|| versioned(path)),
            Self::Anthropic => known(&ANTHROPIC),
            Self::Cohere => known(&COHERE),
            Self::Gemini => known(&GEMINI),
            Self::Converse => known(&CONVERSE),
        }
    }

    /// Headers that belong to the dialect and say nothing about who asks.
    pub(crate) const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["openai-beta"],
            Self::Anthropic => &["anthropic-version", "anthropic-beta"],
            Self::Gemini | Self::Converse | Self::Cohere => &[],
        }
    }

    /// Parts of the query that belong to the dialect and say nothing about who asks.
    pub(crate) const fn query(self) -> &'static [&'static str] {
        match self {
            Self::Gemini => &["alt", "$alt"],
            Self::Anthropic => &["beta"],
            Self::OpenAi | Self::Converse | Self::Cohere => &[],
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The longer first where one ends in another.
const OPENAI: [&str; 11] = [
    "/chat/completions",
    "/completions",
    "/responses",
    "/embeddings",
    "/moderations",
    "/images/generations",
    "/images/edits",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/rerank",
];

const ANTHROPIC: [&str; 3] = ["/messages/count_tokens", "/messages", "/complete"];

const COHERE: [&str; 3] = ["/chat", "/embed", "/rerank"];

const GEMINI: [&str; 5] = [
    ":generateContent",
    ":streamGenerateContent",
    ":countTokens",
    ":embedContent",
    ":batchEmbedContents",
];

const CONVERSE: [&str; 2] = ["/converse", "/converse-stream"];

/// What follows the version in a path of plain words: servers of one's own have calls of their own.
fn versioned(path: &str) -> Option<&str> {
    let start = path.rfind("/v1/")? + 3;
    let operation = &path[start..];
    let plain = |segment: &str| {
        !segment.is_empty()
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    operation[1..].split('/').all(plain).then_some(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_whatever_stands_before_them() {
        for (path, operation) in [
            ("/v1/chat/completions", "/chat/completions"),
            ("/openai/v1/chat/completions/", "/chat/completions"),
            (
                "/openai/deployments/gpt4/chat/completions",
                "/chat/completions",
            ),
            ("/chat/completions", "/chat/completions"),
            ("/v1/completions", "/completions"),
            ("/v1/score", "/score"),
        ] {
            assert_eq!(Wire::OpenAi.operation(path), Some(operation), "{path}");
        }
        let gemini = "/v1beta/models/gemini-2.0-flash:streamGenerateContent";
        assert_eq!(
            Wire::Gemini.operation(gemini),
            Some(":streamGenerateContent")
        );
        let converse = "/model/anthropic.claude/converse-stream";
        assert_eq!(Wire::Converse.operation(converse), Some("/converse-stream"));
        let count = "/v1/messages/count_tokens";
        assert_eq!(
            Wire::Anthropic.operation(count),
            Some("/messages/count_tokens")
        );
    }

    #[test]
    fn what_is_no_call_has_no_operation() {
        for path in [
            "/",
            "",
            "/v1/",
            "/v1/..",
            "/v1/../admin",
            "/v1/%2e%2e/admin",
            "/v1/a//b",
            "/v1/a.b",
            "/admin",
        ] {
            assert_eq!(Wire::OpenAi.operation(path), None, "{path}");
        }
        assert_eq!(Wire::Anthropic.operation("/v1/chat/completions"), None);
        assert_eq!(Wire::Gemini.operation("/v1beta/models/gemini:delete"), None);
    }
}
