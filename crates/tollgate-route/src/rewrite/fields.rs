//! Fields of the outermost object of a JSON body, by their place in it.

use std::{fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// Where its key begins.
    pub(crate) start: usize,
    pub(crate) value: Range<usize>,
}

/// All fields with these names, each in their order. `None` where the body is no object.
pub(crate) fn find<const N: usize>(body: &[u8], names: [&str; N]) -> Option<[Vec<Field>; N]> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let found = Names(names).deserialize(&mut json).ok()?;
    Some(found.map(|values| {
        let place = |raw: &RawValue| {
            let value = range_in(body, raw.get());
            let start = key_before(body, value.start);
            Field { start, value }
        };
        values.into_iter().map(place).collect()
    }))
}

/// Where a part of a body lies in it.
pub(super) fn range_in(body: &[u8], raw: &str) -> Range<usize> {
    // The distance of their first bytes.
    let start = raw.as_ptr() as usize - body.as_ptr() as usize;
    start..start + raw.len()
}

/// Where the key of a value begins. A key that reads as one of our names has no quote in it, however
/// it is escaped, so the second quote before the value is its first byte.
pub(super) fn key_before(body: &[u8], value: usize) -> usize {
    let mut quotes = (0..value).rev().filter(|at| body[*at] == b'"');
    quotes.nth(1).unwrap_or(value)
}

struct Names<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Names<'_, N> {
    type Value = [Vec<&'de RawValue>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Names<'_, N> {
    type Value = [Vec<&'de RawValue>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = [const { Vec::new() }; N];
        while let Some(place) = map.next_key_seed(Place(&self.0))? {
            match place {
                Some(place) => found[place].push(map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

/// Which of the names a key is.
struct Place<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Place<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

/// What a field says, where it is a text.
pub(crate) fn text(body: &[u8], field: &Field) -> Option<String> {
    let raw = body.get(field.value.clone())?;
    String::deserialize(&mut serde_json::Deserializer::from_slice(raw)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name_however_they_are_written() {
        let body = br#" { "a" : 1, "x":{"a":2}, "\u0062":"two", "a":[3] } "#;
        let [a, b, c] = find(body, ["a", "b", "c"]).expect("an object");
        let raw = |field: &Field| std::str::from_utf8(&body[field.value.clone()]).expect("text");
        assert_eq!(a.iter().map(raw).collect::<Vec<_>>(), ["1", "[3]"]);
        assert_eq!(text(body, &b[0]).as_deref(), Some("two"));
        assert!(body[b[0].start..].starts_with(br#""\u0062":"#));
        assert_eq!(text(body, &a[0]), None);
        assert!(c.is_empty());
        assert_eq!(find(b"[]", ["a"]), None);
        assert_eq!(find(b"{", ["a"]), None);
    }
}
