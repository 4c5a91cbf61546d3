//! Reads from the headers how much is left: limit, remaining and reset of every dimension.

mod ietf;
mod name;

use std::{cell::OnceCell, time::SystemTime};

use http::{HeaderMap, HeaderName};
use tollgate_core::{Dimension, LimitKind, Quota, Window};

use crate::{Answer, text::moment};
use name::{Field, Name};

/// The windows a provider leaves unsaid in its header names.
pub(crate) type Windows = fn(LimitKind) -> Option<Window>;

/// What the headers of an answer say. `None` where they say nothing, which costs one quick look at
/// each name.
pub(crate) fn of(answer: &Answer<'_>, windows: impl FnOnce() -> Option<Windows>) -> Option<Quota> {
    let headers = answer.headers();
    if headers.is_empty() || !headers.keys().any(speaks) {
        return None;
    }
    let quota = read(headers, windows(), || answer.now());
    (!quota.is_empty()).then_some(quota)
}

/// What these headers say.
pub(crate) fn read(
    headers: &HeaderMap,
    windows: Option<Windows>,
    now: impl Fn() -> Option<SystemTime>,
) -> Quota {
    // The time is read at most once, and only for a reset that is a moment.
    let read_now = OnceCell::new();
    let now = || *read_now.get_or_init(&now);
    let mut quota = Quota::new();
    let mut standard = ietf::Standard::default();
    for (name, value) in headers {
        if !speaks(name) {
            continue;
        }
        // Not only ASCII: Go writes "250µs".
        let Ok(value) = std::str::from_utf8(value.as_bytes()) else {
            continue;
        };
        let Some(name) = name::read(name.as_str()) else {
            continue;
        };
        match name.field {
            Field::Standard => standard.limits.add(value),
            Field::Policy => standard.policies.add(value),
            _ => {
                if name.field == Field::Limit && standard.policies.is_empty() {
                    let policy = ietf::policy_behind(value);
                    policy
                        .into_iter()
                        .for_each(|policy| standard.policies.add(policy));
                }
                put(&mut quota, &name, value, windows, now);
            }
        }
    }
    standard.read(&mut quota);
    quota
}

/// The quick test: could this header speak of a limit? A few bytes tell; [`name::read`] looks closer.
#[inline]
fn speaks(name: &HeaderName) -> bool {
    let name = name.as_str().as_bytes();
    if name.len() < 9 {
        return false;
    }
    match name[0] {
        // x-ratelimit-*, x-rate-limit-*, x-tokenlimit-*
        b'x' => matches!(name[2..5], [b'r', b'a', b't'] | [b't', b'o', b'k']),
        // ratelimit, rate-limit-*
        b'r' => name[1] == b'a',
        // anthropic-ratelimit-*
        b'a' => name[1] == b'n',
        // LiteLLM hands on its upstream's headers with llm_provider- in front.
        b'l' => name[1] == b'l',
        _ => false,
    }
}

fn put(
    quota: &mut Quota,
    name: &Name,
    value: &str,
    windows: Option<Windows>,
    now: impl FnOnce() -> Option<SystemTime>,
) {
    let window = name.window.or_else(|| windows?(name.kind));
    // Parsed before the place is taken, so that garbage makes no dimension.
    match name.field {
        Field::Limit => {
            let Some(limit) = count(value) else { return };
            if let Some(place) = quota.entry(name.kind, window) {
                place.limit = Some(limit);
            }
        }
        Field::Remaining => {
            let Some(left) = count(value) else { return };
            if let Some(place) = quota.entry(name.kind, window) {
                // The tighter of two limits of one kind counts.
                place.remaining = Some(place.remaining.map_or(left, |other| other.min(left)));
            }
        }
        Field::Reset => {
            let Some(wait) = moment::reset(value, now) else {
                return;
            };
            if let Some(place) = quota.entry(name.kind, window) {
                place.reset = place.reset.max(Some(wait));
            }
        }
        Field::Standard | Field::Policy => {}
    }
}

/// A count: the first number, without its fraction. `-1` and the like mean "not known".
fn count(value: &str) -> Option<u64> {
    let value = value.trim_ascii().as_bytes();
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = value[digits..].iter();
    // "100, 100;w=60" is how old drafts put the policy behind the limit.
    let mut rest = rest.take_while(|b| !matches!(b, b',' | b';' | b' '));
    if digits == 0 || !rest.all(|b| *b == b'.' || b.is_ascii_digit()) {
        return None;
    }
    value[..digits].iter().try_fold(0_u64, |sum, digit| {
        sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// The dimension whose reset is the wait after a refusal: one with nothing left, the one the text
/// names before others, else the one that is the latest.
///
/// Where no header says how much is left, a lone reset is the only hint there is.
pub(crate) fn binding(
    quota: &Quota,
    limit: Option<LimitKind>,
    window: Option<Window>,
) -> Option<Dimension> {
    let fits = |d: &Dimension| {
        let kind = limit.is_some_and(|limit| d.kind == limit);
        let span = window.is_some() && d.window == window;
        (u8::from(kind) + u8::from(span), d.reset)
    };
    let empty = || quota.iter().filter(|d| d.is_exhausted());
    if let Some(found) = empty().max_by_key(|d| fits(d)) {
        // Kong and Mistral name the window in one header and the reset in another.
        let mut found = *found;
        let same = || empty().filter(move |d| d.kind == found.kind);
        found.window = found.window.or_else(|| same().find_map(|d| d.window));
        found.reset = found.reset.or_else(|| same().filter_map(|d| d.reset).max());
        return Some(found);
    }
    let unsaid = || {
        quota
            .iter()
            .filter(|d| d.remaining.is_none() && d.reset.is_some_and(|reset| !reset.is_zero()))
    };
    let lone = unsaid().count() == 1 && quota.iter().all(|d| d.remaining.is_none());
    unsaid().find(|d| lone || limit == Some(d.kind)).copied()
}

#[cfg(test)]
mod tests;
