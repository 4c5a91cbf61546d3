//! What a JSON request asks for, read in one pass.

use std::{borrow::Cow, ops::Range};

use serde::Deserialize;

use crate::reading::lenient::{Fields, Lenient};

/// More answers than anybody gives to one request.
const MOST_ANSWERS: u64 = 128;

/// More calls than Gemini takes in one batch are refused by it as a mistake.
const MOST_BATCHED: u64 = 100;

/// What a body says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) model: Name,
    /// The most tokens of one answer.
    pub(super) cap: Option<u64>,
    /// How many answers; 0 if it does not say.
    pub(super) answers: u64,
    /// How many calls a batch holds; 0 if it is none.
    pub(super) batched: u64,
    /// The prompt goes on from something that the provider keeps.
    pub(super) kept: bool,
    /// It is a JSON object.
    pub(super) json: bool,
}

/// A model's name.
#[derive(Debug, Default)]
pub(super) enum Name {
    #[default]
    None,
    /// As it stands in the body.
    At(Range<usize>),
    /// Written with escapes.
    Owned(Box<str>),
}

impl Facts {
    /// Reads a body; nothing is found in what is not one JSON object.
    pub(super) fn read(body: &[u8]) -> Self {
        if !body.trim_ascii_start().starts_with(b"{") {
            return Self::default();
        }
        let Ok(said) = serde_json::from_slice::<Body<'_>>(body) else {
            return Self::default();
        };
        let (cap, answers) = said.asked();
        let kept = said.goes_on();
        let batched = said.batched().min(MOST_BATCHED);
        Self {
            model: said
                .model
                .map_or(Name::None, |Text(name)| Name::of(name, body)),
            cap,
            answers: answers.min(MOST_ANSWERS),
            batched,
            kept,
            json: true,
        }
    }
}

impl Name {
    fn of(name: Cow<'_, str>, body: &[u8]) -> Self {
        match name {
            _ if name.is_empty() => Self::None,
            Cow::Borrowed(name) => {
                let start = name.as_ptr() as usize - body.as_ptr() as usize;
                Self::At(start..start + name.len())
            }
            Cow::Owned(name) => Self::Owned(name.into()),
        }
    }

    pub(super) fn get<'a>(&'a self, body: Option<&'a [u8]>) -> Option<&'a str> {
        match self {
            Self::None => None,
            Self::At(range) => std::str::from_utf8(body?.get(range.clone())?).ok(),
            Self::Owned(name) => Some(name),
        }
    }
}

/// Borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields of all who are known; what is none of them is passed over.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    // Chat completions, responses, messages, Mistral, Cohere.
    #[serde(default)]
    max_completion_tokens: Lenient<Asked>,
    #[serde(default)]
    max_output_tokens: Lenient<Asked>,
    #[serde(default)]
    max_tokens: Lenient<Asked>,
    // Models on Bedrock.
    #[serde(default)]
    max_tokens_to_sample: Lenient<Asked>,
    #[serde(default)]
    max_gen_len: Lenient<Asked>,
    #[serde(default, rename = "textGenerationConfig")]
    titan: Lenient<Asked>,
    #[serde(default, rename = "inferenceConfig")]
    converse: Lenient<Asked>,
    // Gemini.
    #[serde(default, rename = "generationConfig", alias = "generation_config")]
    gemini: Lenient<Asked>,
    // Ollama, and text generation inference.
    #[serde(default)]
    options: Lenient<Asked>,
    #[serde(default)]
    parameters: Lenient<Asked>,
    #[serde(default)]
    n: Lenient<Asked>,
    // A batch: Gemini.
    #[serde(default)]
    requests: Lenient<Asked>,
    // What the provider keeps: responses, and the container of messages.
    #[serde(default)]
    previous_response_id: Lenient<Asked>,
    #[serde(default)]
    conversation: Lenient<Asked>,
    #[serde(default)]
    container: Lenient<Asked>,
    /// A text, or the name of a stored prompt.
    #[serde(default)]
    prompt: Lenient<Asked>,
}

impl Body<'_> {
    /// How many calls a batch holds.
    const fn batched(&self) -> u64 {
        match &self.requests {
            Lenient::List(length) => *length,
            _ => 0,
        }
    }

    /// Whether the prompt goes on from something that the provider keeps.
    fn goes_on(&self) -> bool {
        let kept = [
            &self.previous_response_id,
            &self.conversation,
            &self.container,
        ];
        let named = |value: &&Lenient<_>| matches!(value, Lenient::Text | Lenient::Object(_));
        kept.iter().any(named) || self.prompt.object().is_some()
    }

    /// The least of the caps, and how many answers.
    fn asked(&self) -> (Option<u64>, u64) {
        let plain = [
            &self.max_completion_tokens,
            &self.max_output_tokens,
            &self.max_tokens,
            &self.max_tokens_to_sample,
            &self.max_gen_len,
        ];
        let inside = [
            &self.titan,
            &self.converse,
            &self.gemini,
            &self.options,
            &self.parameters,
        ];
        let plain = plain.into_iter().filter_map(Lenient::number);
        let caps = plain.chain(inside.into_iter().filter_map(|asked| asked.object()?.cap));
        let answers = self
            .n
            .number()
            .or(self.gemini.object().and_then(|asked| asked.answers));
        (caps.min(), answers.unwrap_or(0))
    }
}

/// What an object inside of a body asks for.
#[derive(Default)]
struct Asked {
    cap: Option<u64>,
    answers: Option<u64>,
}

#[derive(PartialEq, Deserialize)]
#[serde(field_identifier)]
enum Key {
    #[serde(
        rename = "maxOutputTokens",
        alias = "max_output_tokens",
        alias = "maxTokens",
        alias = "max_tokens",
        alias = "maxTokenCount",
        alias = "max_new_tokens",
        alias = "num_predict"
    )]
    Cap,
    #[serde(rename = "candidateCount", alias = "candidate_count")]
    Answers,
    #[serde(other)]
    Other,
}

impl Fields for Asked {
    type Key = Key;
    const OTHER: Key = Key::Other;

    fn set(&mut self, key: Key, value: Lenient<Self>) {
        match key {
            Key::Cap => self.cap = value.number(),
            Key::Answers => self.answers = value.number(),
            Key::Other => {}
        }
    }
}
