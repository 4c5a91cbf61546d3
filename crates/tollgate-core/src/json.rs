//! What a JSON request asks for, found in one pass over its bytes.

mod blobs;
mod contents;
mod scan;
mod walk;

use std::{borrow::Cow, fmt, ops::Range};

use bytes::Bytes;

pub use contents::PromptContents;
use scan::{Scan, text};

/// What a JSON request to an LLM asks for: its model, whether it wants a stream, how long the answer may
/// be, and what its prompt holds.
///
/// All of it is found in one pass over the bytes, without a copy. A [`ReplayBody`](crate::ReplayBody)
/// keeps it beside them, so that a call is read once, whichever layers ask and however often it is
/// sent: see [`Replay::json`](crate::Replay::json).
///
/// Nothing is guessed, and nothing is refused: a value of another type than expected is as if it were
/// absent. Numbers, escapes and the characters of strings are not checked, except in the outermost keys:
/// a field whose name cannot be read could be any field, so that body is not read. Nor is one of 4 GiB or more,
/// or one that repeats fields more than 64 times. A body may be nested to any depth.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use tollgate_core::JsonRequest;
///
/// let body = Bytes::from(r#"{"messages":[],"model":"gpt-4o","stream":true,"max_tokens":64}"#);
/// let request = JsonRequest::read(body).expect("it is a JSON object");
/// assert_eq!(request.model().as_deref(), Some("gpt-4o"));
/// assert!(request.is_stream());
/// assert_eq!(request.output_cap(), Some(64));
/// ```
#[derive(Clone)]
pub struct JsonRequest {
    body: Bytes,
    scan: Scan,
}

/// A field of the outermost object that layers look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonField {
    /// `model`.
    Model,
    /// `stream`.
    Stream,
    /// `user`.
    User,
    /// `prompt_cache_key`.
    PromptCacheKey,
    /// `previous_response_id`.
    PreviousResponseId,
    /// `anthropic_version`.
    AnthropicVersion,
    /// `anthropic_beta`.
    AnthropicBeta,
}

impl JsonField {
    const ALL: [Self; 7] = [
        Self::Model,
        Self::Stream,
        Self::User,
        Self::PromptCacheKey,
        Self::PreviousResponseId,
        Self::AnthropicVersion,
        Self::AnthropicBeta,
    ];
}

/// Where a field stands in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldPlace {
    /// The first byte of its key, which is a quote.
    pub key: usize,
    /// Its value, with the quotes of a string.
    pub value: Range<usize>,
}

impl JsonRequest {
    /// Reads a body; `None` where it is not one JSON object.
    #[must_use]
    pub fn read(body: Bytes) -> Option<Self> {
        let scan = Scan::of(&body)?;
        Some(Self { body, scan })
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The model: `None` where none is named, or two, or something that is no text.
    #[must_use]
    pub fn model(&self) -> Option<Cow<'_, str>> {
        model_in(&self.body, &self.scan)
    }

    /// Whether the answer is to be a stream.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.raw(JsonField::Stream) == Some(b"true")
    }

    /// The most tokens that one answer may have: `max_tokens` and whatever else it is called, the least
    /// where it has several names; of one name the last counts. `None` where there is no cap.
    #[must_use]
    pub fn output_cap(&self) -> Option<u64> {
        self.scan.cap()
    }

    /// How many answers it asks for (`n`, `candidateCount`): 1 unless it says so, at most 128.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.scan.answers().max(1)
    }

    /// How many calls a batch of Gemini's holds, at most 100; 0 where it is none.
    #[must_use]
    pub const fn batched(&self) -> u64 {
        self.scan.batched
    }

    /// Whether its prompt goes on from something that the provider keeps: a response, a conversation, a
    /// container, or a stored prompt.
    #[must_use]
    pub const fn continues(&self) -> bool {
        self.scan.continues
    }

    /// What its prompt holds besides text.
    #[must_use]
    pub const fn contents(&self) -> &PromptContents {
        &self.scan.contents
    }

    /// Where a field stands: more than once where it was written more than once.
    pub fn places(&self, field: JsonField) -> impl Iterator<Item = FieldPlace> {
        self.scan.places(field)
    }

    /// The value of a field as it was written; the last one where there are several.
    #[must_use]
    pub fn raw(&self, field: JsonField) -> Option<&[u8]> {
        let last = self.places(field).last()?;
        self.body.get(last.value)
    }

    /// What a field says, where it is a text; the last one where there are several.
    #[must_use]
    pub fn text(&self, field: JsonField) -> Option<Cow<'_, str>> {
        text(self.raw(field)?)
    }

    /// The same for the body in which the model was replaced by another value, of so many bytes; `None`
    /// where something else was replaced.
    pub(crate) fn with_model(&self, value: &Range<usize>, len: usize, body: Bytes) -> Option<Self> {
        u32::try_from(body.len()).ok()?;
        let mut models = self.places(JsonField::Model);
        if !models.any(|place| place.value == *value) {
            return None;
        }
        drop(models);
        let scan = self.scan.replaced(value, len);
        Some(Self { body, scan })
    }
}

/// The model that a JSON body names.
pub(crate) fn model_of_body(body: &[u8]) -> Option<Cow<'_, str>> {
    model_in(body, &Scan::of(body)?)
}

fn model_in<'b>(body: &'b [u8], scan: &Scan) -> Option<Cow<'b, str>> {
    let mut places = scan.places(JsonField::Model);
    let place = places.next()?;
    if places.next().is_some() {
        return None;
    }
    text(body.get(place.value)?).filter(|model| !model.is_empty())
}

impl fmt::Debug for JsonRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A prompt does not belong into a log.
        f.debug_struct("JsonRequest")
            .field("len", &self.body.len())
            .field("is_stream", &self.is_stream())
            .field("output_cap", &self.output_cap())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
