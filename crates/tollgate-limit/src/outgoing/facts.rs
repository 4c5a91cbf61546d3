//! What a JSON request asks for, read in one pass.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// More answers than anybody gives to one request.
const MOST_ANSWERS: u64 = 128;

/// What a body says of itself.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) model: Name,
    /// The most tokens of one answer.
    pub(super) cap: Option<u64>,
    /// How many answers; 0 if it does not say.
    pub(super) answers: u64,
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
        let Ok(fields) = serde_json::from_slice::<Fields<'_>>(body) else {
            return Self::default();
        };
        let (cap, answers) = fields.asked();
        Self {
            model: fields
                .model
                .map_or(Name::None, |Text(name)| Name::of(name, body)),
            cap,
            answers: answers.min(MOST_ANSWERS),
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
            Self::At(range) => str::from_utf8(body?.get(range.clone())?).ok(),
            Self::Owned(name) => Some(name),
        }
    }
}

/// Borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The fields of all who are known; what is none of them is passed over.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    // Chat completions, responses, messages, Mistral, Cohere.
    #[serde(default)]
    max_completion_tokens: Asked,
    #[serde(default)]
    max_output_tokens: Asked,
    #[serde(default)]
    max_tokens: Asked,
    // Models on Bedrock.
    #[serde(default)]
    max_tokens_to_sample: Asked,
    #[serde(default)]
    max_gen_len: Asked,
    #[serde(default, rename = "textGenerationConfig")]
    titan: Asked,
    #[serde(default, rename = "inferenceConfig")]
    converse: Asked,
    // Gemini.
    #[serde(default, rename = "generationConfig", alias = "generation_config")]
    gemini: Asked,
    // Ollama, and text generation inference.
    #[serde(default)]
    options: Asked,
    #[serde(default)]
    parameters: Asked,
    #[serde(default)]
    n: Asked,
}

impl Fields<'_> {
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
        let plain = plain.into_iter().filter_map(|asked| asked.number);
        let caps = plain.chain(inside.into_iter().filter_map(|asked| asked.cap));
        let answers = self.n.number.or(self.gemini.answers);
        (caps.min(), answers.unwrap_or(0))
    }
}

/// A number, or the caps in an object; anything else is nothing, but no mistake either.
#[derive(Default)]
struct Asked {
    number: Option<u64>,
    cap: Option<u64>,
    answers: Option<u64>,
}

#[derive(Deserialize)]
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

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Asked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Asked, E> {
        let number = Some(number);
        Ok(Asked {
            number,
            ..Asked::default()
        })
    }

    fn visit_f64<E>(self, number: f64) -> Result<Asked, E> {
        let number = (number >= 0.0).then_some(number as u64);
        Ok(Asked {
            number,
            ..Asked::default()
        })
    }

    fn visit_i64<E>(self, _: i64) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_unit<E>(self) -> Result<Asked, E> {
        Ok(Asked::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Asked, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Asked::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Asked, A::Error> {
        let mut asked = Asked::default();
        while let Some(key) = fields.next_key()? {
            match key {
                Key::Cap => asked.cap = fields.next_value::<Self::Value>()?.number,
                Key::Answers => asked.answers = fields.next_value::<Self::Value>()?.number,
                Key::Other => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(asked)
    }
}
