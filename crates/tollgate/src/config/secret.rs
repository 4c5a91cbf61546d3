//! Keys that come from elsewhere, and never show.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::route;

/// Looks a variable of the environment up.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A key of a provider: `"env:NAME"` for a variable of the environment, or `"literal:KEY"`.
///
/// A bare key is refused. Files of settings are copied, shown and committed; whoever writes a key into
/// one should have to say so, and a name that lost its `env:` must not be sent as a key.
///
/// `Debug` and `Serialize` show the name of the variable, and of a literal only that it is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Said);

/// What is shown of a literal: when it is read back, nobody may send it as a key.
const HIDDEN: &str = "(hidden)";

#[derive(Clone, PartialEq, Eq)]
enum Said {
    Literal(String),
    /// The value is there once somebody looked.
    Env {
        name: String,
        value: Option<String>,
    },
}

impl Secret {
    /// The variable of the environment that holds the key.
    #[must_use]
    pub fn env(name: impl Into<String>) -> Self {
        let name = name.into();
        Self(Said::Env { name, value: None })
    }

    /// The key itself.
    #[must_use]
    pub fn literal(key: impl Into<String>) -> Self {
        Self(Said::Literal(key.into()))
    }

    /// Fills in the value of a variable.
    ///
    /// # Errors
    ///
    /// Says what is missing, in words that complete a sentence.
    pub(super) fn resolve(&mut self, env: Env<'_>) -> Result<(), String> {
        let (name, value) = match &mut self.0 {
            Said::Env { name, value } => (name, value),
            Said::Literal(text) if text == HIDDEN => {
                return Err("was written down without what it holds".to_owned());
            }
            Said::Literal(_) => return Ok(()),
        };
        if value.is_none() {
            *value = env(name)
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty());
        }
        match value {
            Some(_) => Ok(()),
            None => Err(format!(
                "the environment variable {name} is not set or empty"
            )),
        }
    }

    /// The key; empty where a variable was not looked up.
    pub(super) fn expose(&self) -> &str {
        match &self.0 {
            Said::Literal(text) => text,
            Said::Env { value, .. } => value.as_deref().unwrap_or_default(),
        }
    }

    pub(super) fn key(&self) -> route::Secret {
        route::Secret::new(self.expose())
    }

    fn shown(&self) -> String {
        match &self.0 {
            Said::Literal(_) => format!("literal:{HIDDEN}"),
            Said::Env { name, .. } => format!("env:{name}"),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.shown())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.shown())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        // What was written is not repeated: it may be a key.
        let bad = "must be \"env:NAME\" for a variable of the environment, or \"literal:KEY\" for the \
                   key itself";
        let (kind, rest) = text.split_once(':').ok_or(bad).map_err(de::Error::custom)?;
        match (kind, rest.trim()) {
            ("env", name) if is_name(name) => Ok(Self::env(name)),
            ("env", _) => Err(de::Error::custom("\"env:\" needs the name of a variable")),
            ("literal", "") => Err(de::Error::custom("\"literal:\" needs a key")),
            ("literal", _) => Ok(Self::literal(rest)),
            _ => Err(de::Error::custom(bad)),
        }
    }
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(fits)
}

/// The value of a header or of a part of a query: plain text, or a secret as `"env:NAME"`.
///
/// `Debug` and `Serialize` hide plain text as well, because people put keys there.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Secret);

impl Text {
    /// Plain text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self(Secret::literal(text))
    }

    /// The variable of the environment that holds the text.
    #[must_use]
    pub fn env(name: impl Into<String>) -> Self {
        Self(Secret::env(name))
    }

    pub(super) fn secret_mut(&mut self) -> &mut Secret {
        &mut self.0
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({})", self.0.shown())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        match text.strip_prefix("env:").map(str::trim) {
            Some(name) if is_name(name) => Ok(Self::env(name)),
            Some(_) => Err(de::Error::custom("\"env:\" needs the name of a variable")),
            None => {
                let plain = text.strip_prefix("literal:").unwrap_or(&text);
                Ok(Self::plain(plain))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Secret, serde_json::Error> {
        serde_json::from_value(text.into())
    }

    #[test]
    fn a_secret_says_where_it_comes_from() {
        assert_eq!(
            read("env:GROQ_API_KEY").expect("a name"),
            Secret::env("GROQ_API_KEY")
        );
        assert_eq!(read("literal:a:b").expect("a key"), Secret::literal("a:b"));
        for bad in [
            "gsk_canary",
            "env:",
            "env:canary-key",
            "literal: ",
            "file:canary",
        ] {
            let error = read(bad).expect_err(bad).to_string();
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn nothing_shows_it() {
        let mut env = Secret::env("KEY");
        env.resolve(&|_| Some(" canary\n".to_owned()))
            .expect("it is set");
        assert_eq!(env.expose(), "canary");
        let all = (env, Secret::literal("canary"), Text::plain("canary"));
        let shown = format!("{all:?} {}", serde_json::to_string(&all).expect("text"));
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("env:KEY"), "{shown}");
    }

    #[test]
    fn a_missing_variable_is_named() {
        for value in [None, Some(" ".to_owned())] {
            let error = Secret::env("KEY")
                .resolve(&|_| value.clone())
                .expect_err("empty");
            assert_eq!(error, "the environment variable KEY is not set or empty");
        }
    }
}
