//! The keys of an answer that matter.

/// What a key stands for, where it stands in the place that its provider gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// An object of counts: nearly all providers (chat completions, responses, messages,
    /// converse).
    Usage,
    /// The same of Gemini.
    UsageMetadata,
    /// The same of Cohere v1, in `meta`.
    BilledUnits,
    /// The same in streams of Bedrock's invoke.
    Metrics,
    /// Ollama's number of tokens of the prompt.
    Prompt,
    /// And of the answer.
    Answer,
    /// A piece of the answer's text.
    Text,
    /// A piece of the answer's text, or an object with one: what a stream adds.
    Delta,
    /// An object that holds what others hold at the root; or, for Ollama's generate, a text.
    Response,
    /// An object that holds what others hold at the root.
    Envelope,
    /// An object around billed units.
    Meta,
    /// The answers of chat completions. (Kimi reports the usage of a stream in the last of them.)
    Choices,
    /// What is in `reasoning` beside it once more.
    Again,
    /// Base64, with JSON in it: Bedrock's invoke, in binary frames.
    Bytes,
}

/// The longest of them.
pub(super) const LONGEST: usize = 32;

impl Key {
    /// The key of this name.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"usage" => Self::Usage,
            b"usageMetadata" => Self::UsageMetadata,
            b"billed_units" => Self::BilledUnits,
            b"amazon-bedrock-invocationMetrics" => Self::Metrics,
            b"prompt_eval_count" => Self::Prompt,
            b"eval_count" => Self::Answer,
            // Chat completions, and what providers added to them for thoughts.
            b"content" | b"arguments" | b"reasoning_content" | b"reasoning" => Self::Text,
            // Messages, Gemini, Cohere, converse.
            b"text" | b"thinking" | b"partial_json" => Self::Text,
            b"delta" => Self::Delta,
            b"response" => Self::Response,
            // The start of messages; Groq's own place; Cloudflare, and gateways.
            b"message" | b"x_groq" | b"result" | b"data" => Self::Envelope,
            b"meta" => Self::Meta,
            b"choices" => Self::Choices,
            b"reasoning_details" => Self::Again,
            b"bytes" => Self::Bytes,
            _ => return None,
        })
    }
}

/// The name of a key that may come in pieces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    bytes: [u8; LONGEST],
    len: u8,
}

impl Name {
    /// Nothing of it yet.
    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; LONGEST],
            len: 0,
        }
    }

    /// With the next piece; `None` if that is longer than any key.
    pub(super) fn with(mut self, piece: &[u8]) -> Option<Self> {
        let start = usize::from(self.len);
        let end = start + piece.len();
        self.bytes.get_mut(start..end)?.copy_from_slice(piece);
        self.len = u8::try_from(end).ok()?;
        Some(self)
    }

    /// The key, where its last piece is this.
    pub(super) fn key(self, last: &[u8]) -> Option<Key> {
        if self.len == 0 {
            return Key::of(last);
        }
        let whole = self.with(last)?;
        Key::of(&whole.bytes[..usize::from(whole.len)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_longer_than_the_longest() {
        let longest = b"amazon-bedrock-invocationMetrics";
        assert_eq!(longest.len(), LONGEST);
        assert_eq!(Key::of(longest), Some(Key::Metrics));
    }

    #[test]
    fn a_name_in_pieces_is_the_same() {
        for name in ["usage", "usages", "amazon-bedrock-invocationMetrics", "x"] {
            for cut in 0..=name.len() {
                let (first, last) = name.as_bytes().split_at(cut);
                let begun = Name::new().with(first).expect("short enough");
                assert_eq!(begun.key(last), Key::of(name.as_bytes()), "{name} {cut}");
            }
        }
        assert!(Name::new().with(&[b'x'; LONGEST + 1]).is_none());
    }
}
