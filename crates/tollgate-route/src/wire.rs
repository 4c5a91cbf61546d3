//! The dialects in which calls are written.

mod path;

use std::fmt;

pub(crate) use path::{Kind, Operation};

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
    /// A part of its path, as Bedrock's `InvokeModel` has it for Anthropic's models: the body has a
    /// version of the dialect instead, and whether the answer is a stream is in the path too. For
    /// [`Wire::Anthropic`] only.
    Invoke,
    /// A part of its path, as Vertex AI's `rawPredict` has it for Anthropic's models; like
    /// [`Invoke`](Self::Invoke). For [`Wire::Anthropic`] only.
    RawPredict,
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

    /// What a path asks for: the operation behind a base that is known. `bases` are those of the
    /// targets, which a caller may have written it for. `None` where this dialect has no such call.
    pub(crate) fn operation<'a>(self, path: &'a str, bases: &[Box<str>]) -> Option<Operation<'a>> {
        path::find(self, path, bases)
    }

    /// The operations of this dialect, with `{}` for a name.
    pub(crate) const fn operations(self) -> &'static [&'static str] {
        path::operations(self)
    }

    /// Headers that belong to the dialect and say nothing about who asks.
    pub(crate) const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["openai-beta"],
            Self::Anthropic => &["anthropic-version", "anthropic-beta"],
            Self::Gemini | Self::Converse | Self::Cohere => &[],
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
