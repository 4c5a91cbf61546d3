//! The default estimator: so many bytes to a token.

use std::num::NonZeroU64;

use http::{Method, header};
use tollgate_core::Cost;

use super::{Estimate, Learned};
use crate::Outgoing;

/// The default estimator: so many bytes of the body to a token.
///
/// * Prompt: the bytes of the JSON body over 4. Base64 of 1 KiB or more is no text: each run of it,
///   and each file or image that is linked to, counts as 1,000 tokens. So does a body that is not JSON.
/// * Answer: the cap that the request sets, where the provider reserves it when the call arrives
///   (OpenAI, Azure, Groq, Cerebras, Bedrock). Where the provider counts what is written (Anthropic,
///   Gemini), or no cap is set: what answers to this key usually have, else 500, but no more than the
///   cap, nor than the limits allow at all. Nothing where the answer is no text (embeddings, ranking, moderation).
/// * Images: as many as a call to `/images/` asks for.
/// * A request that is no POST, has no body, only counts tokens, or hands over a batch for later: one
///   request, no tokens. A batch of embeddings for Gemini: one request for each of them.
///
/// A body whose bytes are not known beforehand is judged by its `content-length` where it is JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BytesPerToken {
    bytes: NonZeroU64,
    blob: u64,
    answer: u64,
}

/// English text, and the JSON around it.
const BYTES: NonZeroU64 = NonZeroU64::new(4).expect("not zero");

impl BytesPerToken {
    /// Four bytes to a token, 1,000 tokens to an image, and 500 to an answer of which nothing is
    /// known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: BYTES,
            blob: 1_000,
            answer: 500,
        }
    }

    /// Sets the bytes to a token. What is learned corrects it anyway; this is for the first calls.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: NonZeroU64) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the tokens to an image, or whatever else is in a prompt in base64.
    #[must_use]
    pub const fn with_image(mut self, tokens: u64) -> Self {
        self.blob = tokens;
        self
    }

    /// Sets the tokens to an answer of which nothing is known.
    #[must_use]
    pub const fn with_answer(mut self, tokens: u64) -> Self {
        self.answer = tokens;
        self
    }

    fn prompt(&self, request: &Outgoing<'_>) -> u64 {
        let Some(body) = request.body() else {
            return declared(request).unwrap_or(0) / self.bytes;
        };
        if !request.is_json() {
            return self.blob;
        }
        let contents = request.contents();
        let text = (body.len() as u64).saturating_sub(contents.blob_bytes);
        (text / self.bytes).saturating_add(self.blob.saturating_mul(contents.blobs))
    }
}

impl Default for BytesPerToken {
    fn default() -> Self {
        Self::new()
    }
}

impl Estimate for BytesPerToken {
    fn estimate(&self, request: &Outgoing<'_>, learned: &Learned) -> Cost {
        let cost = Cost::default();
        let empty = match request.body() {
            Some(body) => body.is_empty(),
            None => declared(request).is_none(),
        };
        let endpoint = request.endpoint();
        if request.method() != Method::POST || empty || endpoint.takes_no_tokens {
            return cost;
        }
        let cost = cost
            .with_requests(request.requests())
            .with_input_tokens(self.prompt(request));
        if endpoint.makes_images {
            return cost.with_images(request.answers());
        }
        if endpoint.answers_in_numbers {
            return cost;
        }
        let usual = || {
            let usual = learned.output().unwrap_or(self.answer);
            learned.fit(cost.input_tokens(), usual)
        };
        let reserved = endpoint.reserves_cap.unwrap_or(learned.reserves_cap());
        cost.with_output_tokens(match request.output_cap() {
            Some(cap) if reserved => cap,
            Some(cap) => cap.min(usual()),
            None => usual(),
        })
    }
}

/// The length of a JSON body that is not at hand.
fn declared(request: &Outgoing<'_>) -> Option<u64> {
    let text = |name| request.headers().get(name)?.to_str().ok();
    text(header::CONTENT_TYPE)?.contains("json").then_some(())?;
    let length = text(header::CONTENT_LENGTH)?.parse().ok()?;
    (length > 0).then_some(length)
}
