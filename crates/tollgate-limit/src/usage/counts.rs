//! What an object of counts says, whoever wrote it.

use serde_json::Value;

/// Tokens as one object tells them; `None` where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Of the prompt, those from a cache included.
    pub(super) input: Option<u64>,
    /// Of the prompt, from a cache.
    pub(super) cached: u64,
    /// Of the answer, thoughts included.
    pub(super) output: Option<u64>,
}

/// Prompts counted with what came from a cache: chat completions, Gemini.
const WHOLE: [&str; 2] = ["prompt_tokens", "promptTokenCount"];
/// Prompts counted without, where a cache is told apart: messages, converse, Bedrock's invoke. (Where
/// it is told in details, as in responses, it is included.)
const FRESH: [&str; 3] = ["input_tokens", "inputTokens", "inputTokenCount"];
/// What came from a cache, told apart.
const READ: [&str; 3] = [
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cacheReadInputTokenCount",
];
/// What went into a cache, told apart.
const WRITTEN: [&str; 3] = [
    "cache_creation_input_tokens",
    "cacheWriteInputTokens",
    "cacheWriteInputTokenCount",
];
/// What came from a cache, included: DeepSeek, Kimi, Gemini.
const CACHED: [&str; 3] = [
    "prompt_cache_hit_tokens",
    "cached_tokens",
    "cachedContentTokenCount",
];
/// Where chat completions and responses tell it.
const DETAILS: [&str; 2] = ["prompt_tokens_details", "input_tokens_details"];
const ANSWER: [&str; 6] = [
    "completion_tokens",
    "output_tokens",
    "outputTokens",
    "outputTokenCount",
    "candidatesTokenCount",
    "responseTokenCount",
];
/// Above any prompt or answer: what is larger is a mistake.
const MOST: u64 = 1 << 40;
const TOTAL: [&str; 3] = ["total_tokens", "totalTokens", "totalTokenCount"];

impl Counts {
    /// One number alone: of the prompt, or else of the answer.
    pub(super) fn one(prompt: bool, tokens: u64) -> Self {
        let tokens = Some(tokens).filter(|tokens| *tokens <= MOST);
        Self {
            input: tokens.filter(|_| prompt),
            output: tokens.filter(|_| !prompt),
            cached: 0,
        }
    }

    /// Reads an object. Nothing where it is none, or tells no tokens.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        // Cohere tells what was counted, and what is billed.
        [&value["tokens"], &value["billed_units"], &value]
            .into_iter()
            .map(Self::of)
            .find(|counts| counts.input.is_some() || counts.output.is_some())
    }

    fn of(value: &Value) -> Self {
        let number = |keys: &[&str]| keys.iter().find_map(|key| tokens(&value[*key]));
        let details = || {
            DETAILS
                .iter()
                .find_map(|key| tokens(&value[*key]["cached_tokens"]))
        };
        let read = number(&READ).unwrap_or(0);
        let written = number(&WRITTEN).unwrap_or(0);
        let fresh = || {
            let fresh = number(&FRESH)?;
            Some(fresh.saturating_add(read).saturating_add(written))
        };
        let tools = number(&["toolUsePromptTokenCount"]).unwrap_or(0);
        let whole = number(&WHOLE).map(|whole| whole.saturating_add(tools));
        let answer = number(&ANSWER);
        let thoughts = number(&["thoughtsTokenCount"]);
        let output = match (answer, thoughts) {
            (None, None) => None,
            (answer, thoughts) => Some(answer.unwrap_or(0).saturating_add(thoughts.unwrap_or(0))),
        };
        let counts = Self {
            input: whole.or_else(fresh),
            cached: details().or(number(&CACHED)).unwrap_or(read),
            output,
        };
        counts.within(number(&TOTAL))
    }

    /// A total may show thoughts that are in no other count (xAI, and Gemini as chat completions).
    /// Where it stands alone there was no answer to count (embeddings).
    fn within(self, total: Option<u64>) -> Self {
        match (self.input, total) {
            (Some(input), Some(total)) if total > input => Self {
                output: self.output.max(Some(total - input)),
                ..self
            },
            (None, Some(total)) if self.output.is_none() => Self {
                input: Some(total),
                ..self
            },
            _ => self,
        }
    }
}

/// A number of tokens; nothing for what can not be one.
fn tokens(value: &Value) -> Option<u64> {
    let whole = value.as_u64();
    whole
        .or_else(|| {
            let number = value.as_f64()?;
            (number >= 0.0).then_some(number as u64)
        })
        .filter(|tokens| *tokens <= MOST)
}
