//! Writes a request anew for a target: from the original each time, as a pure function.

pub(crate) mod envelope;
mod form;
pub(crate) mod headers;
pub(crate) mod model;
mod query;
pub(crate) mod uri;

use std::{error::Error, fmt, ops::Range};

use bytes::Bytes;
use http::request::Parts;
use tollgate_core::{Reason, Rejected, Replay, Target};

use crate::{Place, Wire, site::Site, wire::Kind};
use model::Found;

/// What else may pass, besides what every provider understands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keep {
    pub(crate) headers: Vec<http::HeaderName>,
    pub(crate) query: Vec<Box<str>>,
}

/// The original's body, and what is known of it.
#[derive(Debug)]
pub(crate) struct Body<'a, B> {
    pub(crate) body: &'a B,
    /// Its bytes, where they are known.
    pub(crate) bytes: Option<&'a Bytes>,
    /// Where it names the model.
    pub(crate) model: &'a Result<Found, BadBody>,
}

/// What is sent instead of the original's body.
#[derive(Debug)]
pub(crate) enum Edit<'a> {
    /// The same.
    None,
    /// The same with this text in place of a piece of it.
    Piece(Range<usize>, &'a str),
    /// Another one.
    All(Bytes),
}

impl Edit<'_> {
    /// How many bytes are sent.
    fn len(&self, original: Option<&Bytes>) -> Option<usize> {
        match self {
            Self::None => original.map(Bytes::len),
            Self::Piece(piece, text) => {
                Some(original?.len().checked_sub(piece.len())? + text.len())
            }
            Self::All(bytes) => Some(bytes.len()),
        }
    }

    /// The body that is sent; `None` where the piece is not there.
    pub(crate) fn apply<B: Replay + From<Bytes>>(self, original: B) -> Option<B> {
        match self {
            Self::None => Some(original),
            Self::Piece(piece, text) => original.replaced(&piece, text),
            Self::All(bytes) => Some(bytes.into()),
        }
    }
}

/// Turns the head of the original (or a copy of it) into one for this target. Returns what becomes of
/// the body.
pub(crate) fn rewrite<'s, B: Replay>(
    site: &'s Site,
    head: &mut Parts,
    body: &Body<'_, B>,
    keep: &Keep,
) -> Result<Edit<'s>, BadRequest> {
    let bad = |why| BadRequest::new(site.target.clone(), why);
    let path = head.uri.path();
    let operation = site.operation(path);
    let operation = operation.ok_or_else(|| bad(Why::path(site, Kind::Unknown, path)))?;
    let form = site.form(operation.kind);
    let form = form.ok_or_else(|| bad(Why::path(site, operation.kind, path)))?;
    let found = || match (body.model, body.bytes) {
        (Ok(found), Some(bytes)) => Ok((bytes, found)),
        (Ok(_), None) => Err(bad(Why::Body(BadBody::NotKept))),
        (Err(why), _) => Err(bad(Why::Body(*why))),
    };
    let mut stream = false;
    let edit = match (&site.model, form.place) {
        (_, place) if envelope::is_one(place) => {
            let (_, found) = found()?;
            let json = body.body.json();
            let json = json.ok_or_else(|| bad(Why::Body(BadBody::NotAnObject)))?;
            let wrapped = envelope::wrap(site, form, (&json, found), &head.headers);
            let wrapped = wrapped.map_err(|why| bad(Why::Body(why)))?;
            stream = wrapped.stream;
            Edit::All(wrapped.body)
        }
        (Some(model), Place::Body) if !form.bare => {
            let (bytes, found) = found()?;
            found.put(bytes, model).map_err(|why| bad(Why::Body(why)))?
        }
        _ => Edit::None,
    };
    let named = || body.model.as_ref().ok()?.model(body.bytes?);
    let asked = uri::Asked {
        operation,
        form,
        stream,
    };
    head.uri = uri::rewrite(site, &head.uri, asked, named, keep).map_err(bad)?;
    // How the caller came here says nothing about how the client goes on: one that came by HTTP/2
    // would be refused on a connection of HTTP/1.1.
    head.version = http::Version::default();
    let length = edit.len(body.bytes);
    headers::rewrite(site, form.place, &mut head.headers, length, keep);
    Ok(edit)
}

/// Why the model in a body cannot be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadBody {
    /// There is nothing in it, as in a `GET`.
    Empty,
    /// It is neither JSON nor a form.
    NotJson,
    /// It is a form (`multipart/form-data`) that cannot be read, or the model cannot stand in one.
    BadForm,
    /// It is JSON, but no object.
    NotAnObject,
    /// It names no model.
    NoModel,
    /// It names two: which of them a provider would take is not known.
    TwoModels,
    /// What it names as its model is not a text.
    ModelIsNoText,
    /// It is compressed.
    Compressed,
    /// It is larger than what is kept of a body, or not there yet.
    NotKept,
}

impl BadBody {
    /// What is wrong, in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotJson => "not_json",
            Self::BadForm => "bad_form",
            Self::NotAnObject => "not_an_object",
            Self::NoModel => "no_model",
            Self::TwoModels => "two_models",
            Self::ModelIsNoText => "model_is_no_text",
            Self::Compressed => "compressed",
            Self::NotKept => "not_kept",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Empty => "it has no body, and a route serves calls of a model only",
            Self::NotJson => "its body is not JSON",
            Self::BadForm => "its body is a form that cannot be read or edited",
            Self::NotAnObject => "its body is no JSON object",
            Self::NoModel => "its body names no model",
            Self::TwoModels => "its body names two models",
            Self::ModelIsNoText => "the model in its body is no text",
            Self::Compressed => "its body is compressed",
            Self::NotKept => "its body is too large to be kept, or is a stream",
        }
    }
}

impl fmt::Display for BadBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that cannot be written for a target. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRequest {
    target: Target,
    why: Why,
}

/// What other layers understand of a body that is not there.
static NOT_KEPT: Rejected = Rejected::new(Reason::BodyTooLarge);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    Body(BadBody),
    /// Its path is none of a call in this dialect.
    Path(Box<str>, Wire),
    /// The target has no such call.
    Missing(&'static str),
    /// The model it asks for is missing, or is none that may stand in a path.
    Model,
}

impl Why {
    /// The path of a request is not understood, or the target has no such call.
    pub(crate) fn path(site: &Site, kind: Kind, path: &str) -> Self {
        match kind {
            Kind::Known(operation) => Self::Missing(operation),
            Kind::Added | Kind::Unknown => Self::Path(path.into(), site.wire),
        }
    }
}

/// Whether the request can be written for a target: what it asks for, what is known of its body, and
/// whether it names a model that may stand in a path.
pub(crate) fn can_write(
    site: &Site,
    kind: Kind,
    model: &Result<Found, BadBody>,
    names: bool,
) -> bool {
    let Some(form) = site.form(kind) else {
        return false;
    };
    match (&site.model, form.place) {
        (_, Place::Body) if form.bare => true,
        (Some(_), Place::Body | Place::Invoke | Place::RawPredict) => model.is_ok(),
        (Some(_), Place::Path | Place::Deployment) | (None, Place::Body) => true,
        (None, Place::Path | Place::Deployment) => names,
        (None, Place::Invoke | Place::RawPredict) => names && model.is_ok(),
    }
}

impl BadRequest {
    pub(crate) const fn new(target: Target, why: Why) -> Self {
        Self { target, why }
    }

    /// The target it could not be written for.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// What is wrong with its body; `None` where it is its path.
    #[must_use]
    pub const fn body(&self) -> Option<BadBody> {
        match self.why {
            Why::Body(why) => Some(why),
            Why::Path(..) | Why::Missing(_) | Why::Model => None,
        }
    }

    /// Its path, without the query, where that is not understood.
    #[must_use]
    pub const fn path(&self) -> Option<&str> {
        match &self.why {
            Why::Path(path, _) => Some(path),
            Why::Body(_) | Why::Missing(_) | Why::Model => None,
        }
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the request cannot be written for {}: ", self.target)?;
        match &self.why {
            Why::Body(why) => f.write_str(why.sentence()),
            Why::Model => f.write_str("it names no model"),
            Why::Missing(operation) => write!(f, "the target has no {operation}"),
            Why::Path(path, wire) => {
                // Paths have no end, and this sentence is read in a log.
                write!(
                    f,
                    "unknown path {path:.200} for dialect {wire}; expected one of: "
                )?;
                for (nth, operation) in wire.operations().iter().enumerate() {
                    let comma = if nth == 0 { "" } else { ", " };
                    write!(f, "{comma}{operation}")?;
                }
                f.write_str(", alone or behind the base of a provider such as /v1")
            }
        }
    }
}

impl Error for BadRequest {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.why {
            Why::Body(BadBody::NotKept) => Some(&NOT_KEPT),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
