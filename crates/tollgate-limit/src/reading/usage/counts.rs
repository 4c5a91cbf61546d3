//! What an object of counts says, whoever wrote it.

use serde::Deserialize;

use crate::reading::lenient::{Fields, Lenient};

/// Tokens as one object reports them; `None` where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// Of the prompt, those from a cache included.
    pub(super) input: Option<u64>,
    /// Of the prompt, from a cache.
    pub(super) cached: u64,
    /// Of the prompt, from a cache, and not counted toward limits (October 2026):
    ///
    /// * Anthropic: <https://platform.claude.com/docs/en/api/rate-limits>, "Cache-aware ITPM". (Models
    ///   before Claude 3.7 counted them; they are retired.)
    /// * Bedrock: <https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html>.
    /// * Groq: <https://console.groq.com/docs/prompt-caching>.
    ///
    /// Anthropic and Bedrock report them apart from the rest of the prompt, everybody else inside of
    /// it, so that the shape of the object decides; Groq is known by the times it reports.
    pub(super) free: u64,
    /// Of the prompt, written to a cache. Providers that report it count it.
    pub(super) written: u64,
    /// Of the answer, thoughts included.
    pub(super) output: Option<u64>,
    /// The object has the shape of a provider that counts the tokens written, and reserves no cap.
    pub(super) counts_written: bool,
}

/// Above any prompt or answer (the largest prompts have ten million tokens): what is larger is a
/// mistake, and would hold a key back for years.
const MOST: u64 = 1 << 24;

impl Counts {
    /// One number alone: of the prompt, or else of the answer.
    pub(super) fn one(prompt: bool, tokens: u64) -> Self {
        let tokens = Some(tokens).filter(|tokens| *tokens <= MOST);
        Self {
            input: tokens.filter(|_| prompt),
            output: tokens.filter(|_| !prompt),
            ..Self::default()
        }
    }

    /// Reads an object. `None` where it is no object, or reports no tokens.
    pub(super) fn read(json: &[u8]) -> Option<Self> {
        let value: Lenient<Object> = serde_json::from_slice(json).ok()?;
        let object = value.object()?;
        // Cohere reports what was counted, and what is billed.
        let counts = [object.tokens, object.billed, object.counts()];
        counts.into_iter().find(Self::has_tokens)
    }

    const fn has_tokens(&self) -> bool {
        self.input.is_some() || self.output.is_some()
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

/// What counts are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(field_identifier)]
enum Key {
    /// A prompt, including what came from a cache: chat completions.
    #[serde(rename = "prompt_tokens")]
    Whole,
    /// The same: Gemini.
    #[serde(rename = "promptTokenCount")]
    WholeOfGemini,
    /// A prompt without what came from a cache, if the object reports that beside it (messages). If it
    /// reports that in its details (responses), the prompt includes it.
    #[serde(rename = "input_tokens")]
    Fresh,
    /// The same: converse, Bedrock's invoke.
    #[serde(rename = "inputTokens", alias = "inputTokenCount")]
    FreshOfBedrock,
    /// What came from a cache, not included in the prompt.
    #[serde(
        rename = "cache_read_input_tokens",
        alias = "cacheReadInputTokens",
        alias = "cacheReadInputTokenCount"
    )]
    Read,
    /// What was written to a cache, not included in the prompt.
    #[serde(
        rename = "cache_creation_input_tokens",
        alias = "cacheWriteInputTokens",
        alias = "cacheWriteInputTokenCount"
    )]
    Written,
    /// What came from a cache, included: DeepSeek, Kimi, Gemini.
    #[serde(
        rename = "cached_tokens",
        alias = "prompt_cache_hit_tokens",
        alias = "cachedContentTokenCount"
    )]
    Cached,
    /// How long a prompt took: only Groq reports that.
    #[serde(rename = "prompt_time", alias = "queue_time")]
    Groq,
    /// What tools added to a prompt, not included in it: Gemini.
    #[serde(rename = "toolUsePromptTokenCount")]
    Tools,
    #[serde(
        rename = "completion_tokens",
        alias = "output_tokens",
        alias = "outputTokens",
        alias = "outputTokenCount",
        alias = "candidatesTokenCount",
        alias = "responseTokenCount"
    )]
    Answer,
    /// Not included in the answer: Gemini.
    #[serde(rename = "thoughtsTokenCount")]
    Thoughts,
    #[serde(
        rename = "total_tokens",
        alias = "totalTokens",
        alias = "totalTokenCount"
    )]
    Total,
    /// Where chat completions and responses report what came from a cache.
    #[serde(rename = "prompt_tokens_details", alias = "input_tokens_details")]
    Details,
    #[serde(rename = "tokens")]
    Tokens,
    #[serde(rename = "billed_units")]
    Billed,
    #[serde(other)]
    Other,
}

/// How many of the keys stand for numbers.
const NUMBERS: usize = Key::Total as usize + 1;

/// An object's numbers, and what is in the objects inside.
#[derive(Debug, Default)]
struct Object {
    numbers: [Option<u64>; NUMBERS],
    tokens: Counts,
    billed: Counts,
}

impl Fields for Object {
    type Key = Key;
    const OTHER: Key = Key::Other;

    fn set(&mut self, key: Key, value: Lenient<Self>) {
        match (key, value.object()) {
            (Key::Tokens, Some(inside)) => self.tokens = inside.counts(),
            (Key::Billed, Some(inside)) => self.billed = inside.counts(),
            (Key::Details, Some(inside)) => {
                let cached = &mut self.numbers[Key::Cached as usize];
                *cached = inside.number(Key::Cached).or(*cached);
            }
            _ => {
                let tokens = value.number().filter(|tokens| *tokens <= MOST);
                if let Some(number) = self.numbers.get_mut(key as usize) {
                    *number = number.or(tokens);
                }
            }
        }
    }
}

impl Object {
    fn number(&self, key: Key) -> Option<u64> {
        self.numbers[key as usize]
    }

    fn counts(&self) -> Counts {
        let or_none = |key| self.number(key).unwrap_or(0);
        let whole = self
            .number(Key::Whole)
            .or(self.number(Key::WholeOfGemini))
            .map(|whole| whole + or_none(Key::Tools));
        let apart = or_none(Key::Read) + or_none(Key::Written);
        let fresh = self.number(Key::Fresh);
        let fresh_of_any = fresh.or(self.number(Key::FreshOfBedrock));
        let answer = self.number(Key::Answer).or(self.number(Key::Thoughts));
        let thoughts = || self.number(Key::Answer).map(|_| or_none(Key::Thoughts));
        let cached = self.number(Key::Cached).unwrap_or(or_none(Key::Read));
        let free = match (whole, self.number(Key::Groq)) {
            (Some(whole), Some(_)) => cached.min(whole),
            (Some(_), None) => 0,
            (None, _) => or_none(Key::Read),
        };
        let counts = Counts {
            input: whole.or(fresh_of_any.map(|fresh| fresh + apart)),
            cached,
            free,
            written: or_none(Key::Written),
            output: answer.map(|answer| answer + thoughts().unwrap_or(0)),
            // Responses have a total; messages have none.
            counts_written: self.number(Key::WholeOfGemini).is_some()
                || (fresh.is_some() && whole.is_none() && self.number(Key::Total).is_none()),
        };
        counts.within(self.number(Key::Total))
    }
}
