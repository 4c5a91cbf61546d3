//! Finds the model in a body, JSON or a form, and replaces it without touching any other byte.

use std::{borrow::Cow, ops::Range};

use http::HeaderMap;
use serde::de::IgnoredAny;
use tollgate_core::{JsonField, Replay};

use super::{BadBody, Edit, form};
use crate::site::Model;

/// Where a body names its model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where the whole field begins.
    start: usize,
    pub(super) at: Range<usize>,
    /// It is a field of a form, and else a value in JSON.
    plain: bool,
}

impl Found {
    /// The model that the body of a request with these headers names.
    pub(crate) fn read<B: Replay>(headers: &HeaderMap, body: &B) -> Result<Self, BadBody> {
        let Some(boundary) = form::boundary(headers) else {
            return Self::of(body);
        };
        let bytes = body.bytes().ok_or(BadBody::NotKept)?;
        if bytes.is_empty() {
            return Err(BadBody::Empty);
        }
        let at = form::model(&bytes, &boundary?)?;
        Ok(Self {
            start: at.start,
            at,
            plain: true,
        })
    }

    /// The model that a JSON body names: the string `model` of its outermost object.
    pub(crate) fn of<B: Replay>(body: &B) -> Result<Self, BadBody> {
        let Some(json) = body.json() else {
            return Err(no_object(body));
        };
        let mut places = json.places(JsonField::Model);
        let place = places.next().ok_or(BadBody::NoModel)?;
        if places.next().is_some() {
            return Err(BadBody::TwoModels);
        }
        json.text(JsonField::Model).ok_or(BadBody::ModelIsNoText)?;
        Ok(Self {
            start: place.key,
            at: place.value,
            plain: false,
        })
    }

    /// The whole field of a JSON body: key and value.
    pub(super) const fn member(&self) -> Range<usize> {
        self.start..self.at.end
    }

    /// Which model that is.
    pub(crate) fn model<'a>(&self, body: &'a [u8]) -> Option<Cow<'a, str>> {
        let value = std::str::from_utf8(body.get(self.at.clone())?).ok()?;
        match self.plain {
            true => Some(Cow::Borrowed(value)),
            false => text(value),
        }
    }

    /// How the body gets another model; [`Edit::None`] where it names that one already.
    pub(crate) fn put<'m>(&self, body: &[u8], model: &'m Model) -> Result<Edit<'m>, BadBody> {
        // A line of its own could end the field.
        match self.plain {
            true if model.name.contains(['\r', '\n']) => Err(BadBody::BadForm),
            true => Ok(self.replace(body, &model.name)),
            false => Ok(self.replace(body, &model.json)),
        }
    }

    pub(super) fn replace<'m>(&self, body: &[u8], text: &'m str) -> Edit<'m> {
        match body.get(self.at.clone()) == Some(text.as_bytes()) {
            true => Edit::None,
            false => Edit::Piece(self.at.clone(), text),
        }
    }
}

/// Why a body is not read as JSON.
#[cold]
fn no_object<B: Replay>(body: &B) -> BadBody {
    match body.bytes() {
        None => BadBody::NotKept,
        Some(bytes) if bytes.is_empty() => BadBody::Empty,
        Some(bytes) => match serde_json::from_slice::<IgnoredAny>(&bytes) {
            Ok(_) => BadBody::NotAnObject,
            Err(_) => BadBody::NotJson,
        },
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

#[cfg(test)]
mod tests;
