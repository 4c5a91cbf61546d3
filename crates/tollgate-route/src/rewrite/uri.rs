//! The address of a target.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use tollgate_core::model_of;

use super::{Keep, Why, envelope, query};
use crate::{
    Place, Wire,
    site::{Form, Site},
    wire::{Kind, Operation},
};

/// All that could mean something in a path is escaped, the slash first of all.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Whether a name may stand in a path. It must not be nothing there, or a step up.
pub(crate) fn is_segment(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
}

/// A name as one segment of a path. `None` where it would be something else there.
pub(crate) fn segment(name: &str) -> Option<String> {
    is_segment(name).then(|| utf8_percent_encode(name, SEGMENT).to_string())
}

/// A name or value as a part of a query.
pub(crate) fn part(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// What is asked of a target, and how it is written for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) operation: Operation<'a>,
    pub(super) form: Form,
    /// The answer is to be a stream, where the path says so.
    pub(super) stream: bool,
}

/// The address for this target of what the original asks for.
/// `named` is the model that its body names.
pub(super) fn rewrite<'a>(
    site: &Site,
    original: &Uri,
    Asked {
        operation,
        form,
        stream,
    }: Asked<'_>,
    named: impl FnOnce() -> Option<Cow<'a, str>>,
    keep: &Keep,
) -> Result<Uri, Why> {
    let unknown = || Why::path(site, Kind::Unknown, original.path());
    let asked;
    let model = match (&site.model, form.place) {
        (_, Place::Body) => "",
        // In the place of a model; the model is in the body.
        (_, Place::RawPredict) if form.counts => "count-tokens",
        (Some(model), _) => &model.segment,
        (None, _) => {
            let model = match model_of(original, None) {
                Some(model) => model.into_owned().into(),
                None => named().ok_or(Why::Model)?,
            };
            asked = segment(&model).ok_or(Why::Model)?;
            &asked
        }
    };
    let before = match (form.place, site.wire) {
        (Place::Body, _) => "",
        (Place::Deployment, _) => "/deployments/",
        (Place::Path, Wire::Converse) | (Place::Invoke, _) => "/model/",
        (Place::Path | Place::RawPredict, _) => "/models/",
    };
    let wrapped = envelope::is_one(form.place);
    let operation = match wrapped {
        true => envelope::method(form.place, stream),
        false => operation.path,
    };
    // What a caller asks of Anthropic with its query is not asked there.
    let asks = original.query().filter(|_| !wrapped);
    let own_query = if form.query { &*site.query } else { "" };
    let parts = [&site.base.path, form.insert, before, model, operation];
    // Exactly what is needed where the original has no query, as it nearly always has none.
    let query_len = own_query.len() + usize::from(!own_query.is_empty());
    let len = parts.iter().map(|part| part.len()).sum::<usize>() + query_len;
    let mut path = String::with_capacity(len);
    for part in parts {
        path.push_str(part);
    }
    query::write(own_query, asks, keep, &mut path);
    let path = PathAndQuery::from_maybe_shared(Bytes::from(path)).map_err(|_| unknown())?;
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(site.base.scheme.clone());
    parts.authority = Some(site.base.authority.clone());
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).map_err(|_| unknown())
}
