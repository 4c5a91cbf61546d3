//! JSON that is read for a few numbers, whatever else is in it.
//!
//! One wrong field must not make the others unreadable: neither a request nor an answer is refused
//! here, only understood as far as possible.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A value of which a few kinds matter.
#[derive(Debug, Default)]
pub(crate) enum Lenient<T> {
    /// A number that is not negative, rounded down.
    Number(u64),
    /// An object, and what it is read for.
    Object(T),
    /// A string.
    Text,
    /// Anything else.
    #[default]
    Other,
}

/// An object of which a few keys matter.
pub(crate) trait Fields: Default {
    /// The keys.
    type Key: DeserializeOwned + PartialEq;
    /// What stands for all that do not matter.
    const OTHER: Self::Key;

    /// Notes the value of a key that matters.
    fn set(&mut self, key: Self::Key, value: Lenient<Self>);
}

impl<T> Lenient<T> {
    /// The number.
    pub(crate) fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The object.
    pub(crate) fn object(&self) -> Option<&T> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl<'de, T: Fields> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Fields> Visitor<'de> for Reader<T> {
    type Value = Lenient<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Lenient<T>, E> {
        Ok(Lenient::Number(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Lenient<T>, E> {
        let number = (number >= 0.0).then_some(number as u64);
        Ok(number.map_or(Lenient::Other, Lenient::Number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Lenient<T>, E> {
        Ok(Lenient::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Lenient<T>, E> {
        Ok(Lenient::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Lenient<T>, E> {
        Ok(Lenient::Text)
    }

    fn visit_unit<E>(self) -> Result<Lenient<T>, E> {
        Ok(Lenient::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Lenient<T>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Lenient::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Lenient<T>, A::Error> {
        let mut object = T::default();
        while let Some(key) = fields.next_key::<T::Key>()? {
            if key == T::OTHER {
                fields.next_value::<IgnoredAny>()?;
            } else {
                object.set(key, fields.next_value()?);
            }
        }
        Ok(Lenient::Object(object))
    }
}
