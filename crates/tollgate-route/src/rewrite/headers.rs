//! The headers for a target.
//!
//! What may pass is listed, not what may not: nobody can list every header in which somebody might
//! put a key. So a header that is not known to be harmless stays here, unless people name it.

use std::io::Write;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{Keep, envelope};
use crate::{Place, Wire, site::Site};

/// Headers that say what is asked, and nothing about who asks.
const HARMLESS: [&str; 13] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "idempotency-key",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-client-request-id",
    "x-request-id",
];

/// The libraries that OpenAI and Anthropic generate say with these which of them they are.
const HARMLESS_PREFIX: &str = "x-stainless-";

fn passes(name: &HeaderName, wire: Wire, keep: &Keep) -> bool {
    let text = name.as_str();
    HARMLESS.contains(&text)
        || text.starts_with(HARMLESS_PREFIX)
        || wire.headers().contains(&text)
        || keep.headers.contains(name)
}

/// Makes the headers of the original those for this target, in place. `length` is that of the body,
/// where it is known.
pub(super) fn rewrite(
    site: &Site,
    place: Place,
    headers: &mut HeaderMap,
    length: Option<usize>,
    keep: &Keep,
) {
    let dropped = envelope::dropped(place);
    let dropped = |name: &HeaderName| dropped.contains(&name.as_str());
    let own = site.auth.iter().chain(&site.headers);
    let own = own.filter(|(name, _)| !dropped(name));
    // A header that is set anew is replaced where it is: removed and put in again, it could make the
    // map grow.
    let stays = |name: &HeaderName| {
        (passes(name, site.wire, keep) && !dropped(name)) || own.clone().any(|(own, _)| own == name)
    };
    while let Some(name) = headers.keys().find(|name| !stays(name)).cloned() {
        headers.remove(name);
    }
    for (name, value) in own {
        set(headers, name, value.clone());
    }
    if let (Some(length), Some(value)) = (length, headers.get(header::CONTENT_LENGTH)) {
        let said = value.to_str().ok().and_then(|text| text.parse().ok());
        // Two of them would be read by one as this body and by another as more.
        if said != Some(length) || is_double(headers, &header::CONTENT_LENGTH) {
            set(headers, &header::CONTENT_LENGTH, number(length));
        }
    }
}

/// In one allocation: the value's own way from a number needs two.
fn number(n: usize) -> HeaderValue {
    let mut digits = [0; 20];
    let mut rest = &mut digits[..];
    match write!(rest, "{n}") {
        Ok(()) => {
            let unused = rest.len();
            let used = digits.len() - unused;
            HeaderValue::from_bytes(&digits[..used]).unwrap_or_else(|_| n.into())
        }
        Err(_) => n.into(),
    }
}

fn is_double(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get_all(name).iter().nth(1).is_some()
}

fn set(headers: &mut HeaderMap, name: &HeaderName, value: HeaderValue) {
    // One value, whatever there was: `insert` drops the others.
    let single = !is_double(headers, name);
    match headers.get_mut(name) {
        Some(old) if single => *old = value,
        _ => {
            headers.insert(name, value);
        }
    }
}
