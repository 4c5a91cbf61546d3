//! The address of a target.

use std::borrow::Cow;

use bytes::Bytes;
use http::{Uri, uri::PathAndQuery};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use tollgate_core::model_of;

use super::{Keep, Why};
use crate::{Place, Wire, site::Site};

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

/// The address for this target of what the original asks for.
/// `named` is the model that its body names.
pub(super) fn rewrite<'a>(
    site: &Site,
    original: &Uri,
    named: impl FnOnce() -> Option<Cow<'a, str>>,
    keep: &Keep,
) -> Result<Uri, Why> {
    let operation = site.wire.operation(original.path()).ok_or(Why::Path)?;
    let asked;
    let model = match (&site.model, site.place) {
        (_, Place::Body) => "",
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
    let before = match (site.place, site.wire) {
        (Place::Body, _) => "",
        (Place::Deployment, _) => "/deployments/",
        (Place::Path, Wire::Converse) => "/model/",
        (Place::Path, _) => "/models/",
    };
    let base = &site.base;
    // Exactly what is needed where the original's query stays behind, as it nearly always does.
    let query_len = site.query.len() + usize::from(!site.query.is_empty());
    let len = base.path.len() + before.len() + model.len() + operation.len() + query_len;
    let mut path = String::with_capacity(len);
    path.push_str(&base.path);
    path.push_str(before);
    path.push_str(model);
    path.push_str(operation);
    query(site, original.query(), keep, &mut path);
    let path = PathAndQuery::from_maybe_shared(Bytes::from(path)).map_err(|_| Why::Path)?;
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(base.scheme.clone());
    parts.authority = Some(base.authority.clone());
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).map_err(|_| Why::Path)
}

/// The target's own query, and of the original's what belongs to the dialect and is not set anew.
fn query(site: &Site, original: Option<&str>, keep: &Keep, path: &mut String) {
    let mut mark = '?';
    let mut push = |part: &str| {
        path.push(mark);
        path.push_str(part);
        mark = '&';
    };
    if !site.query.is_empty() {
        push(&site.query);
    }
    let name = |part: &'_ str| part.find('=').unwrap_or(part.len());
    let is_set = |name: &str| {
        site.query
            .split('&')
            .any(|own| own.split('=').next() == Some(name))
    };
    for part in original.unwrap_or_default().split('&') {
        let name = &part[..name(part)];
        let kept = site.wire.query().contains(&name) || keep.query.iter().any(|k| **k == *name);
        if kept && !is_set(name) {
            push(part);
        }
    }
}
