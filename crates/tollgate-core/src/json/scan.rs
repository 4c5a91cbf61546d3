//! What one pass over a request finds.

use std::{borrow::Cow, ops::Range};

use super::{
    FieldPlace, JsonField, PromptContents,
    blobs::SHORTEST,
    walk::{Visit, walk},
};

/// More answers than anybody gives to one request.
const MOST_ANSWERS: u64 = 128;

/// More calls than Gemini takes in one batch are refused by it as a mistake.
const MOST_BATCHED: u64 = 100;

/// More repeated fields than anybody sends by mistake.
const MOST_REPEATED: usize = 64;

/// What the cap is called: in chat completions, responses, messages, Mistral and Cohere; by models on
/// Bedrock; and inside of other objects ([`has_caps`]).
const CAPS: [&[u8]; 10] = [
    b"max_completion_tokens",
    b"max_output_tokens",
    b"max_tokens",
    b"max_tokens_to_sample",
    b"max_gen_len",
    b"maxOutputTokens",
    b"maxTokens",
    b"maxTokenCount",
    b"max_new_tokens",
    b"num_predict",
];

/// How many of them stand in the outermost object.
const OUTERMOST_CAPS: usize = 5;

/// What is known of a body, by its places in it.
#[derive(Debug, Clone, Default)]
pub(super) struct Scan {
    /// Where each field stands first.
    first: [Option<Spot>; JsonField::ALL.len()],
    /// Where it stands again. JSON allows it, and nobody does it.
    again: Vec<(JsonField, Spot)>,
    /// The most tokens of one answer, by the name that says so.
    caps: [Option<u64>; CAPS.len()],
    answers: Option<u64>,
    candidates: Option<u64>,
    pub(super) batched: u64,
    pub(super) continues: bool,
    pub(super) contents: PromptContents,
}

/// A [`FieldPlace`] in half of its size: a body that is kept has no 4 GiB.
#[derive(Debug, Clone, Copy)]
struct Spot {
    key: u32,
    start: u32,
    end: u32,
}

impl Scan {
    /// `None` where the body is not one JSON object.
    pub(super) fn of(body: &[u8]) -> Option<Self> {
        u32::try_from(body.len()).ok()?;
        let mut found = Finder {
            body,
            scan: Self::default(),
            readable: true,
        };
        walk(body, &mut found)?;
        found.readable.then_some(found.scan)
    }

    /// The most tokens of one answer.
    pub(super) fn cap(&self) -> Option<u64> {
        self.caps.iter().flatten().min().copied()
    }

    /// How many answers; 0 if it does not say.
    pub(super) fn answers(&self) -> u64 {
        let answers = self.answers.or(self.candidates);
        answers.unwrap_or(0).min(MOST_ANSWERS)
    }

    pub(super) fn places(&self, field: JsonField) -> impl Iterator<Item = FieldPlace> {
        let first = self.first[field as usize].into_iter();
        let again = self.again.iter().filter(move |(other, _)| *other == field);
        first.chain(again.map(|(_, spot)| *spot)).map(Spot::place)
    }

    /// The same after a value became longer or shorter by its replacement.
    pub(super) fn replaced(&self, old: &Range<usize>, len: usize) -> Self {
        let mut scan = self.clone();
        let all = scan.first.iter_mut().flatten();
        let again = scan.again.iter_mut().map(|(_, spot)| spot);
        for spot in all.chain(again) {
            for at in [&mut spot.key, &mut spot.start, &mut spot.end] {
                if *at as usize >= old.end {
                    // `with_model` rejects a body that is too long for these.
                    *at = (*at as usize - old.len() + len) as u32;
                }
            }
        }
        scan
    }
}

impl Spot {
    const fn place(self) -> FieldPlace {
        FieldPlace {
            key: self.key as usize,
            value: self.start as usize..self.end as usize,
        }
    }
}

/// What a string says, its quotes included; `None` where it is none.
pub(super) fn text(raw: &[u8]) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    // Without an end before the last byte the compiler looks at many at once.
    let special = |any, byte: &u8| any | (*byte == b'\\') | (*byte < b' ');
    if inner.iter().fold(false, special) {
        return serde_json::from_slice(raw).ok().map(Cow::Owned);
    }
    std::str::from_utf8(inner).ok().map(Cow::Borrowed)
}

struct Finder<'b> {
    body: &'b [u8],
    scan: Scan,
    /// So far.
    readable: bool,
}

/// What the outermost fields of all who are known mean.
enum Meaning {
    Field(JsonField),
    /// The most tokens of an answer, by the place of its name in [`CAPS`].
    Cap(usize),
    Answers,
    /// A batch.
    Calls,
    /// It names what the provider keeps.
    Kept,
    /// A text, or the name of a stored prompt.
    Prompt,
}

impl Meaning {
    fn of(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"model" => Self::Field(JsonField::Model),
            b"stream" => Self::Field(JsonField::Stream),
            b"user" => Self::Field(JsonField::User),
            b"prompt_cache_key" => Self::Field(JsonField::PromptCacheKey),
            b"previous_response_id" => Self::Field(JsonField::PreviousResponseId),
            b"anthropic_version" => Self::Field(JsonField::AnthropicVersion),
            b"anthropic_beta" => Self::Field(JsonField::AnthropicBeta),
            b"n" => Self::Answers,
            // Gemini.
            b"requests" => Self::Calls,
            // Responses, and the container of messages.
            b"conversation" | b"container" => Self::Kept,
            b"prompt" => Self::Prompt,
            // All of them begin alike.
            [b'm', b'a', b'x', ..] => Self::Cap(place(&CAPS[..OUTERMOST_CAPS], key)?),
            _ => return None,
        })
    }
}

fn place(names: &[&[u8]], key: &[u8]) -> Option<usize> {
    names.iter().position(|name| *name == key)
}

/// Objects inside of a body that have the cap: Titan and converse on Bedrock, Gemini, Ollama, and text
/// generation inference.
fn has_caps(key: &[u8]) -> bool {
    matches!(
        key,
        b"textGenerationConfig"
            | b"inferenceConfig"
            | b"generationConfig"
            | b"generation_config"
            | b"options"
            | b"parameters"
    )
}

impl Visit for Finder<'_> {
    const LONG: usize = SHORTEST;

    fn field(&mut self, key: Range<usize>, value: Range<usize>, items: u64) {
        let (name, raw) = (&self.body[key.clone()], &self.body[value.clone()]);
        let meaning = Meaning::of(name).or_else(|| {
            let plain = name
                .iter()
                .all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\\');
            if plain {
                return None;
            }
            // A key may be written with escapes. One that cannot be read could be any field.
            let written = text(&self.body[key.start - 1..=key.end]);
            self.readable &= written.is_some();
            Meaning::of(written?.as_bytes())
        });
        match meaning {
            Some(Meaning::Field(field)) => {
                let kept = || matches!(raw.first(), Some(b'"' | b'{'));
                self.scan.continues |= field == JsonField::PreviousResponseId && kept();
                let spot = Spot {
                    key: key.start as u32 - 1,
                    start: value.start as u32,
                    end: value.end as u32,
                };
                match &mut self.scan.first[field as usize] {
                    first @ None => *first = Some(spot),
                    Some(_) if self.scan.again.len() < MOST_REPEATED => {
                        self.scan.again.push((field, spot));
                    }
                    Some(_) => self.readable = false,
                }
            }
            Some(Meaning::Cap(name)) => self.scan.caps[name] = number(raw),
            Some(Meaning::Answers) => self.scan.answers = number(raw),
            Some(Meaning::Calls) => self.scan.batched = items.min(MOST_BATCHED),
            Some(Meaning::Kept) => {
                self.scan.continues |= matches!(raw.first(), Some(b'"' | b'{'));
            }
            Some(Meaning::Prompt) => self.scan.continues |= raw.first() == Some(&b'{'),
            None => {}
        }
    }

    #[inline(always)]
    fn key(&mut self, outermost: &Range<usize>, depth: u32, key: Range<usize>) {
        let (name, after) = (&self.body[key.clone()], &self.body[key.end + 1..]);
        self.scan.contents.key(name, after);
        if depth == 2 && has_caps(&self.body[outermost.clone()]) {
            self.inside(outermost, name, after);
        }
    }

    fn long_text(&mut self, text: Range<usize>) {
        self.scan.contents.long_text(&self.body[text]);
    }
}

impl Finder<'_> {
    /// A key of an object that may have the cap, and what follows its closing quote.
    #[cold]
    fn inside(&mut self, outermost: &Range<usize>, key: &[u8], after: &[u8]) {
        let value = || {
            let after = after.trim_ascii_start().strip_prefix(b":")?;
            let value = after.trim_ascii_start();
            let end = value.iter().position(|byte| b",} \n\t\r".contains(byte));
            Some(&value[..end.unwrap_or(value.len())])
        };
        let Some(value) = value() else { return };
        if let Some(name) = place(&CAPS, key) {
            self.scan.caps[name] = number(value);
        }
        let gemini = self.body[outermost.clone()].starts_with(b"generation");
        if gemini && matches!(key, b"candidateCount" | b"candidate_count") {
            self.scan.candidates = number(value);
        }
    }
}

/// A number that is not negative, rounded down.
fn number(raw: &[u8]) -> Option<u64> {
    let raw = std::str::from_utf8(raw).ok()?;
    if let Ok(whole) = raw.parse() {
        return Some(whole);
    }
    let number: f64 = raw.parse().ok()?;
    // A word such as `nan` is a number to the parser, and none in JSON.
    (number >= 0.0 && raw.starts_with(|first: char| first.is_ascii_digit() || first == '-'))
        .then_some(number as u64)
}
