//! Anthropic's messages as Bedrock and Vertex AI take them: the model is in the path, and a version
//! of the dialect in the body.
//!
//! As Anthropic's own libraries write them: <https://docs.claude.com/en/api/claude-on-amazon-bedrock>
//! and <https://docs.claude.com/en/api/claude-on-vertex-ai>.

use std::{collections::HashSet, ops::Range};

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName};
use tollgate_core::{FieldPlace, JsonField, JsonRequest};

use super::{BadBody, model::Found};
use crate::{
    Place,
    site::{Form, Site},
};

const BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// The call that counts tokens: it has the model in the body at Vertex AI too.
pub(crate) const COUNT: &str = "/messages/count_tokens";

/// Whether a place is one of these envelopes.
pub(crate) const fn is_one(place: Place) -> bool {
    matches!(place, Place::Invoke | Place::RawPredict)
}

/// Headers that stay here: what they say is in the body, or in the way the answer is asked for.
pub(super) const fn dropped(place: Place) -> &'static [&'static str] {
    match place {
        // What it would accept is the type of an event there, and no stream.
        Place::Invoke => &["anthropic-version", "anthropic-beta", "accept"],
        Place::RawPredict => &["anthropic-version"],
        Place::Body | Place::Path | Place::Deployment => &[],
    }
}

/// What follows the model in the path.
pub(super) const fn method(place: Place, stream: bool) -> &'static str {
    match (place, stream) {
        (Place::Invoke, false) => "/invoke",
        (Place::Invoke, true) => "/invoke-with-response-stream",
        (_, false) => ":rawPredict",
        (_, true) => ":streamRawPredict",
    }
}

/// A body in its envelope.
#[derive(Debug)]
pub(super) struct Wrapped {
    pub(super) body: Bytes,
    /// The answer is to be a stream.
    pub(super) stream: bool,
}

/// Puts a body into the envelope of a target. All bytes but those of a few fields stay as they are.
pub(super) fn wrap(
    site: &Site,
    form: Form,
    (json, model): (&JsonRequest, &Found),
    headers: &HeaderMap,
) -> Result<Wrapped, BadBody> {
    let body = json.body();
    let raw = |range: &Range<usize>| &body[range.clone()];
    let streams = json.places(JsonField::Stream);
    let versions = json.places(JsonField::AnthropicVersion);
    let betas: Vec<_> = json.places(JsonField::AnthropicBeta).collect();
    let stream = json.is_stream();
    let version = match form.place {
        Place::Invoke => "bedrock-2023-05-31",
        _ => "vertex-2023-10-16",
    };
    let mut new = format!(r#""anthropic_version":"{version}""#);
    if form.counts {
        let same = || String::from_utf8_lossy(raw(&model.at)).into_owned();
        let own = site.model.as_ref();
        new.push_str(r#","model":"#);
        new.push_str(&own.map_or_else(same, |own| own.json.to_string()));
    }
    let mut cuts: Vec<FieldPlace> = streams.chain(versions).collect();
    if form.place == Place::Invoke {
        let texts = |list: &[u8]| serde_json::from_slice::<Vec<String>>(list).ok();
        let stated = betas.iter().map(|beta| texts(raw(&beta.value)));
        // Where the body has something else than texts there, the provider shall say so.
        if let Some(stated) = stated.collect::<Option<Vec<_>>>() {
            let all = merged(
                stated
                    .into_iter()
                    .flatten()
                    .chain(of_headers(site, headers)),
            );
            if !all.is_empty() {
                new.push_str(r#","anthropic_beta":"#);
                new.push_str(&serde_json::to_string(&all).map_err(|_| BadBody::NotJson)?);
            }
            cuts.extend(betas);
        }
    }
    // The field of the model is replaced where it stands. Fields before it are cut with the comma
    // behind them, and those behind it with the comma before them, so that no comma is cut twice.
    let own = model.member();
    let mut edits: Vec<(Range<usize>, &str)> = vec![(own.clone(), &new)];
    for cut in cuts {
        let range = match cut.key < own.start {
            true => cut.key..comma(body, cut.value.end, 1),
            false => comma(body, cut.key, -1)..cut.value.end,
        };
        edits.push((range, ""));
    }
    edits.sort_by_key(|(range, _)| range.start);
    Ok(Wrapped {
        body: edited(body, &edits),
        stream,
    })
}

/// The betas that the caller and the target state in headers.
fn of_headers(site: &Site, headers: &HeaderMap) -> Vec<String> {
    let own = site.headers.iter().filter(|(name, _)| *name == BETA);
    let all = headers
        .get_all(BETA)
        .iter()
        .chain(own.map(|(_, value)| value));
    let texts = all.filter_map(|value| value.to_str().ok());
    let names = texts.flat_map(|text| text.split(',')).map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Each once, in their order.
fn merged(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = HashSet::new();
    all.filter(|one| known.insert(one.clone())).collect()
}

/// Where a cut ends that takes along the comma beside a field. Between them is white space only.
fn comma(body: &[u8], from: usize, step: isize) -> usize {
    let found = match step {
        1 => body[from..]
            .iter()
            .position(|b| *b == b',')
            .map(|at| from + at + 1),
        _ => body[..from].iter().rposition(|b| *b == b','),
    };
    found.unwrap_or(from)
}

fn edited(body: &[u8], edits: &[(Range<usize>, &str)]) -> Bytes {
    let mut out = BytesMut::with_capacity(body.len() + 64);
    let mut at = 0;
    for (range, new) in edits {
        out.put(&body[at..range.start]);
        out.put(new.as_bytes());
        at = range.end;
    }
    out.put(&body[at..]);
    out.freeze()
}

#[cfg(test)]
mod tests;
