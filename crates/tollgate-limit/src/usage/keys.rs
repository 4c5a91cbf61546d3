//! The keys of an answer that matter, and how they are found.

use std::sync::LazyLock;

use aho_corasick::{Span, packed::Searcher};
use memchr::{memchr_iter, memrchr};

/// What the value of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An object of counts.
    Counts,
    /// The number of tokens of the prompt.
    Prompt,
    /// The number of tokens of the answer.
    Answer,
    /// A piece of the answer's text.
    Text,
    /// Base64, with JSON in it.
    Encoded,
}

/// Each with its quotes.
const KEYS: [(&str, Kind); 16] = [
    // Nearly everybody: chat completions and those who speak it, responses, messages, converse.
    ("\"usage\"", Kind::Counts),
    // Gemini.
    ("\"usageMetadata\"", Kind::Counts),
    // Cohere v1, in `meta`.
    ("\"billed_units\"", Kind::Counts),
    // Streams of Bedrock's invoke.
    ("\"amazon-bedrock-invocationMetrics\"", Kind::Counts),
    // Ollama's own answers.
    ("\"prompt_eval_count\"", Kind::Prompt),
    ("\"eval_count\"", Kind::Answer),
    // Chat completions and those who speak it, with the words for thoughts that they invented.
    ("\"content\"", Kind::Text),
    ("\"arguments\"", Kind::Text),
    ("\"reasoning_content\"", Kind::Text),
    ("\"reasoning\"", Kind::Text),
    // Messages, Gemini, Cohere, converse.
    ("\"text\"", Kind::Text),
    ("\"thinking\"", Kind::Text),
    ("\"partial_json\"", Kind::Text),
    // Responses.
    ("\"delta\"", Kind::Text),
    // Ollama's generate.
    ("\"response\"", Kind::Text),
    // Bedrock's invoke, in binary frames.
    ("\"bytes\"", Kind::Encoded),
];

/// The longest of them.
const LONGEST: usize = 34;

/// Looks at many bytes at once; not there where the machine can not.
static FINDER: LazyLock<Option<Searcher>> =
    LazyLock::new(|| Searcher::new(KEYS.map(|(key, _)| key)));

/// A key that was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// Where it ends.
    pub(super) end: usize,
}

impl Found {
    fn new(key: usize, start: usize) -> Self {
        let (key, kind) = KEYS[key];
        Self {
            kind,
            end: start + key.len(),
        }
    }
}

/// The first key that is wholly in `bytes`, not before `at`.
pub(super) fn find(bytes: &[u8], at: usize) -> Option<Found> {
    let Some(finder) = &*FINDER else {
        return find_plainly(bytes, at);
    };
    let found = finder.find_in(bytes, Span::from(at..bytes.len()))?;
    Some(Found::new(found.pattern().as_usize(), found.start()))
}

/// The same, quote by quote.
fn find_plainly(bytes: &[u8], at: usize) -> Option<Found> {
    memchr_iter(b'"', &bytes[at..]).find_map(|quote| {
        let start = at + quote;
        let is = |(key, _): &(&str, _)| bytes[start..].starts_with(key.as_bytes());
        Some(Found::new(KEYS.iter().position(is)?, start))
    })
}

/// The beginning of a key: that of this number, so many bytes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun {
    key: u8,
    len: u8,
}

impl Begun {
    /// The key that begins at the end of `bytes`.
    pub(super) fn at_end_of(bytes: &[u8]) -> Option<Self> {
        let end = &bytes[bytes.len().saturating_sub(LONGEST - 1)..];
        Self::of(&end[memrchr(b'"', end)?..])
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let key = KEYS
            .iter()
            .position(|(key, _)| key.as_bytes().starts_with(bytes))?;
        Some(Self {
            key: u8::try_from(key).ok()?,
            len: u8::try_from(bytes.len()).ok()?,
        })
    }

    /// With one more byte; `Err` with its kind if that makes a key.
    pub(super) fn push(self, byte: u8) -> Option<Result<Kind, Self>> {
        let len = usize::from(self.len);
        let mut bytes = [0; LONGEST];
        bytes[..len].copy_from_slice(&KEYS[usize::from(self.key)].0.as_bytes()[..len]);
        bytes[len] = byte;
        let longer = Self::of(&bytes[..=len])?;
        let (key, kind) = KEYS[usize::from(longer.key)];
        Some(if key.len() == len + 1 {
            Ok(kind)
        } else {
            Err(longer)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_key_is_longer_than_the_longest() {
        assert_eq!(KEYS.iter().map(|(key, _)| key.len()).max(), Some(LONGEST));
    }

    proptest! {
        #[test]
        fn both_ways_find_the_same(
            words in prop::collection::vec(
                prop_oneof![prop::sample::select(&KEYS[..]).prop_map(|(key, _)| key), Just("\""), Just("usage"), Just("x")],
                0..30,
            ),
            at in 0_usize..40,
        ) {
            let text = words.concat();
            let at = at.min(text.len());
            prop_assert_eq!(find(text.as_bytes(), at), find_plainly(text.as_bytes(), at));
        }
    }
}
