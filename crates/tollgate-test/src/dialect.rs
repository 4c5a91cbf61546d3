//! How providers speak: one small file per provider, each with its errors and its quota headers.

mod anthropic;
mod azure;
mod bedrock;
mod cerebras;
mod cohere;
mod deepseek;
mod fireworks;
mod format;
mod gemini;
pub(crate) mod groq;
mod kimi;
mod limited;
mod minimax;
mod mistral;
mod openai;
mod openrouter;
mod perplexity;
mod plain;
mod together;
mod voice;
mod xai;
mod zhipu;

use std::{fmt, time::SystemTime};

use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::{
    Answer, Success,
    quota::Level,
    wire::{Tally, Wire, event, exception},
};

pub use limited::Limited;
pub(crate) use voice::{Snapshot, Told, Trouble};
use voice::{Tells, Voice};

/// A provider's way of speaking: its successes, its errors, and its quota headers.
///
/// The texts are those the providers document or were seen to send; identifiers in them are made up.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_test::{Dialect, Kind, Limited};
///
/// let answer = Dialect::Groq.rate_limited(
///     &Limited::new(Kind::Tokens).of(6_000, 5_000, 1_500).retry_after(Duration::from_millis(5_500)),
/// );
/// assert_eq!(answer.status(), 429);
/// assert_eq!(answer.headers()["retry-after"], "6");
/// let json = answer.value().unwrap();
/// assert!(json["error"]["message"].as_str().unwrap().contains("Please try again in 5.5s."));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenAI: <https://platform.openai.com/docs/guides/error-codes>.
    OpenAi,
    /// Azure OpenAI: <https://learn.microsoft.com/azure/ai-services/openai/quotas-limits>.
    Azure,
    /// Anthropic: <https://docs.anthropic.com/en/api/errors>.
    Anthropic,
    /// Groq: <https://console.groq.com/docs/rate-limits>.
    Groq,
    /// Gemini: <https://ai.google.dev/gemini-api/docs/rate-limits>. Vertex AI answers alike, and
    /// behind `:rawPredict` with Anthropic's messages.
    Gemini,
    /// Mistral: <https://docs.mistral.ai/api>.
    Mistral,
    /// Cerebras: <https://inference-docs.cerebras.ai/support/rate-limits>.
    Cerebras,
    /// OpenRouter: <https://openrouter.ai/docs/api-reference/errors>.
    OpenRouter,
    /// Moonshot's Kimi: <https://platform.moonshot.ai/docs>.
    Kimi,
    /// MiniMax, which puts its errors into answers with status 200.
    MiniMax,
    /// xAI: <https://docs.x.ai/docs>.
    Xai,
    /// AWS Bedrock, with Anthropic's messages behind `/invoke`: <https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html>.
    Bedrock,
    /// Together: <https://docs.together.ai/docs/rate-limits>.
    Together,
    /// Fireworks: <https://docs.fireworks.ai/serverless/rate-limits>.
    Fireworks,
    /// DeepSeek: <https://api-docs.deepseek.com/quick_start/error_codes>.
    DeepSeek,
    /// Cohere: <https://docs.cohere.com/docs/rate-limits>.
    Cohere,
    /// Zhipu's GLM: <https://docs.z.ai/api-reference/api-code>.
    Zhipu,
    /// Perplexity: <https://docs.perplexity.ai>.
    Perplexity,
    /// Nobody in particular: OpenAI's header names, and errors in plain text that say no more than
    /// their status.
    Plain,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 19] = [
        Self::OpenAi,
        Self::Azure,
        Self::Anthropic,
        Self::Groq,
        Self::Gemini,
        Self::Mistral,
        Self::Cerebras,
        Self::OpenRouter,
        Self::Kimi,
        Self::MiniMax,
        Self::Xai,
        Self::Bedrock,
        Self::Together,
        Self::Fireworks,
        Self::DeepSeek,
        Self::Cohere,
        Self::Zhipu,
        Self::Perplexity,
        Self::Plain,
    ];

    /// The name of the provider, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.names().0
    }

    /// The host of its API.
    #[must_use]
    pub const fn host(self) -> &'static str {
        self.names().1
    }

    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenAi => ("openai", "api.openai.com"),
            Self::Azure => ("azure_openai", "kit.openai.azure.com"),
            Self::Anthropic => ("anthropic", "api.anthropic.com"),
            Self::Groq => ("groq", "api.groq.com"),
            Self::Gemini => ("gemini", "generativelanguage.googleapis.com"),
            Self::Mistral => ("mistral", "api.mistral.ai"),
            Self::Cerebras => ("cerebras", "api.cerebras.ai"),
            Self::OpenRouter => ("openrouter", "openrouter.ai"),
            Self::Kimi => ("kimi", "api.moonshot.ai"),
            Self::MiniMax => ("minimax", "api.minimax.io"),
            Self::Xai => ("xai", "api.x.ai"),
            Self::Bedrock => ("bedrock", "bedrock-runtime.us-east-1.amazonaws.com"),
            Self::Together => ("together", "api.together.xyz"),
            Self::Fireworks => ("fireworks", "api.fireworks.ai"),
            Self::DeepSeek => ("deepseek", "api.deepseek.com"),
            Self::Cohere => ("cohere", "api.cohere.com"),
            Self::Zhipu => ("zhipu", "open.bigmodel.cn"),
            Self::Perplexity => ("perplexity", "api.perplexity.ai"),
            Self::Plain => ("plain", "llm.example"),
        }
    }

    pub(crate) const fn voice(self) -> &'static Voice {
        match self {
            Self::OpenAi => &openai::VOICE,
            Self::Azure => &azure::VOICE,
            Self::Anthropic => &anthropic::VOICE,
            Self::Groq => &groq::VOICE,
            Self::Gemini => &gemini::VOICE,
            Self::Mistral => &mistral::VOICE,
            Self::Cerebras => &cerebras::VOICE,
            Self::OpenRouter => &openrouter::VOICE,
            Self::Kimi => &kimi::VOICE,
            Self::MiniMax => &minimax::VOICE,
            Self::Xai => &xai::VOICE,
            Self::Bedrock => &bedrock::VOICE,
            Self::Together => &together::VOICE,
            Self::Fireworks => &fireworks::VOICE,
            Self::DeepSeek => &deepseek::VOICE,
            Self::Cohere => &cohere::VOICE,
            Self::Zhipu => &zhipu::VOICE,
            Self::Perplexity => &perplexity::VOICE,
            Self::Plain => &plain::VOICE,
        }
    }

    /// A success, in one JSON body.
    #[must_use]
    pub fn success(self, success: &Success) -> Answer {
        self.success_as(self.voice().wire, success)
    }

    pub(crate) fn success_as(self, wire: Wire, success: &Success) -> Answer {
        let mut value = wire.whole(success);
        match self {
            Self::MiniMax => value["base_resp"] = minimax::base_resp(0, ""),
            Self::Groq if wire == Wire::Chat => groq::add_times(&mut value["usage"]),
            _ => {}
        }
        Answer::json(StatusCode::OK, &value)
    }

    /// A success as a stream of server-sent events (Bedrock: the binary frames of AWS), with its
    /// usage.
    #[must_use]
    pub fn stream(self, success: &Success) -> Answer {
        self.stream_as(self.voice().wire, success, true)
    }

    /// `asked`: whether the call asked for the usage, as some providers want.
    pub(crate) fn stream_as(self, wire: Wire, success: &Success, asked: bool) -> Answer {
        let tally = match (self.voice().tally, asked) {
            (Tells::IfAsked, false) => Tally::Untold,
            (Tells::IfAsked, true) => Tally::Last,
            (Tells::Always, _) => Tally::WithFinish,
            (Tells::Groq, _) => Tally::Groq,
        };
        wire.stream(success, tally)
    }

    /// The quota headers for these levels; times of day in them are relative to `now`.
    #[must_use]
    pub fn quota_headers(self, levels: &[Level], now: SystemTime) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let snapshot = Snapshot { levels, now };
        (self.voice().headers)(&snapshot, &mut headers);
        headers
    }

    /// A limit was met: a 429 (a 200 at MiniMax), its body and its headers.
    ///
    /// Anthropic, Kimi, OpenAI and Zhipu have words of their own for too many calls at the same
    /// time. The others are not known to have any, and say the same as for requests.
    #[must_use]
    pub fn rate_limited(self, limited: &Limited) -> Answer {
        self.limited_told(limited, self.voice().told)
    }

    pub(crate) fn limited_told(self, limited: &Limited, told: Told) -> Answer {
        let mut answer = (self.voice().say)(&Trouble::Limited(limited));
        answer.extend(self.quota_headers(&limited.levels, limited.now));
        told.write(limited.retry_after, &mut answer);
        answer
    }

    /// The provider has no capacity: its 529, 498, 503, or 429. (MiniMax has no code for that, and
    /// says "unknown error".)
    #[must_use]
    pub fn overloaded(self, model: &str) -> Answer {
        (self.voice().say)(&Trouble::Overloaded { model })
    }

    /// Credits, a plan or a spending limit are used up.
    #[must_use]
    pub fn quota_exhausted(self, model: &str) -> Answer {
        (self.voice().say)(&Trouble::Exhausted { model })
    }

    /// The key is missing or wrong.
    #[must_use]
    pub fn unauthorized(self) -> Answer {
        (self.voice().say)(&Trouble::Auth)
    }

    /// The prompt of `tokens` is above `most`, what the model takes.
    #[must_use]
    pub fn context_too_long(self, most: u64, tokens: u64) -> Answer {
        (self.voice().say)(&Trouble::TooLong { most, tokens })
    }

    /// There is no such model.
    #[must_use]
    pub fn model_not_found(self, model: &str) -> Answer {
        (self.voice().say)(&Trouble::NoModel { model })
    }

    /// The provider failed.
    #[must_use]
    pub fn server_error(self) -> Answer {
        (self.voice().say)(&Trouble::Broken)
    }

    /// The answer that goes with a status, as far as the provider has one: 429 is a limit on
    /// requests, 503 and 529 are no capacity, 402 no credit, 401 and 403 the key, 404 the model,
    /// 413 the context; all else is a failure of the provider, with that status.
    #[must_use]
    pub fn with_status(self, status: StatusCode, model: &str) -> Answer {
        let answer = match status.as_u16() {
            200..=299 => self.success(&Success::new(model)),
            401 | 403 => self.unauthorized(),
            402 => self.quota_exhausted(model),
            404 => self.model_not_found(model),
            413 => self.context_too_long(8_192, 9_000),
            429 => self.rate_limited(&Limited::new(crate::Kind::Requests).model(model)),
            498 | 503 | 529 => self.overloaded(model),
            _ => self.server_error(),
        };
        answer.with_status(status)
    }

    /// A stream with status 200 whose first event is an error: the provider has no capacity.
    #[must_use]
    pub fn stream_error(self, model: &str) -> Answer {
        let error = self.overloaded(model);
        let text = error
            .value()
            .unwrap_or_else(|| json!({ "error": String::from_utf8_lossy(&error.body()) }));
        Answer::events([match self {
            Self::Anthropic => event("error", &text),
            Self::Bedrock => return exception("serviceUnavailableException", &text),
            Self::Cohere => {
                let delta = json!({ "finish_reason": "ERROR", "error": text["message"] });
                event(
                    "message-end",
                    &json!({ "type": "message-end", "delta": delta }),
                )
            }
            // A comment keeps the connection alive until the upstream has decided.
            Self::OpenRouter => format!(": OPENROUTER PROCESSING\n\ndata: {text}\n\n"),
            _ => format!("data: {text}\n\n"),
        }])
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
