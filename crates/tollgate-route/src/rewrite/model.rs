//! Finds the model in a body, JSON or a form, and replaces it without touching any other byte.

use std::{borrow::Cow, fmt, ops::Range};

use bytes::{BufMut, Bytes, BytesMut};
use http::HeaderMap;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess},
};
use serde_json::value::RawValue;

use super::{BadBody, fields, form};
use crate::site::Model;

/// Where a body names its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(super) at: Range<usize>,
    /// It is a field of a form, and else a value in JSON.
    plain: bool,
}

impl Found {
    /// The model that the body of a request with these headers names.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, BadBody> {
        match form::boundary(headers) {
            None => Self::of(body),
            Some(_) if body.is_empty() => Err(BadBody::Empty),
            Some(boundary) => Ok(Self {
                at: form::model(body, &boundary?)?,
                plain: true,
            }),
        }
    }

    /// The model that a JSON body names: the string `model` of its outermost object.
    pub(crate) fn of(body: &[u8]) -> Result<Self, BadBody> {
        if body.is_empty() {
            return Err(BadBody::Empty);
        }
        let seen: Seen<'_> = serde_json::from_slice(body).map_err(|error| {
            if error.is_data() {
                BadBody::NotAnObject
            } else {
                BadBody::NotJson
            }
        })?;
        let raw = match seen {
            Seen::None => return Err(BadBody::NoModel),
            Seen::Two => return Err(BadBody::TwoModels),
            Seen::One(raw) => raw.get(),
        };
        text(raw).ok_or(BadBody::ModelIsNoText)?;
        Ok(Self {
            at: fields::range_in(body, raw),
            plain: false,
        })
    }

    /// The whole field: key and value.
    pub(super) fn member(&self, body: &[u8]) -> Range<usize> {
        fields::key_before(body, self.at.start)..self.at.end
    }

    /// Which model that is.
    pub(crate) fn model<'a>(&self, body: &'a [u8]) -> Option<Cow<'a, str>> {
        let value = std::str::from_utf8(body.get(self.at.clone())?).ok()?;
        match self.plain {
            true => Some(Cow::Borrowed(value)),
            false => text(value),
        }
    }

    /// The body with another model; `None` where it names that one already.
    pub(crate) fn put(&self, body: &Bytes, model: &Model) -> Result<Option<Bytes>, BadBody> {
        // A line of its own could end the field.
        match self.plain {
            true if model.name.contains(['\r', '\n']) => Err(BadBody::BadForm),
            true => Ok(self.replace(body, &model.name)),
            false => Ok(self.replace(body, &model.json)),
        }
    }

    /// The body with this text in place of its model; `None` where it says so already.
    pub(super) fn replace(&self, body: &Bytes, text: &str) -> Option<Bytes> {
        if body.get(self.at.clone()) == Some(text.as_bytes()) {
            return None;
        }
        let (before, after) = (&body[..self.at.start], &body[self.at.end..]);
        let mut edited = BytesMut::with_capacity(before.len() + text.len() + after.len());
        edited.put(before);
        edited.put(text.as_bytes());
        edited.put(after);
        Some(edited.freeze())
    }
}

/// What a JSON value says that was found to be JSON, where it is a string: as it is where nothing in
/// it is escaped.
fn text(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.as_bytes().contains(&b'\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// The values called `model` in an object.
enum Seen<'a> {
    None,
    One(&'a RawValue),
    Two,
}

impl<'de> Deserialize<'de> for Seen<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Seen<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen<'de>, A::Error> {
                let mut seen = Seen::None;
                while let Some(IsModel(yes)) = map.next_key()? {
                    if !yes {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let value = map.next_value()?;
                    seen = match seen {
                        Seen::None => Seen::One(value),
                        Seen::One(_) | Seen::Two => Seen::Two,
                    };
                }
                Ok(seen)
            }
        }

        deserializer.deserialize_map(Visitor)
    }
}

/// Whether a key is `model`, however it is escaped.
struct IsModel(bool);

impl<'de> Deserialize<'de> for IsModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = IsModel;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: de::Error>(self, key: &str) -> Result<IsModel, E> {
                Ok(IsModel(key == "model"))
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests;
