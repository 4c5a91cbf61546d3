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
    let quota = read(headers, windows(), Whose::Account, || answer.now());
    (!quota.is_empty()).then_some(quota)
}

/// Whose limits are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Those of the account.
    Account,
    /// Those of a project or a key in it.
    Part,
}

/// What these headers say.
pub(crate) fn read(
    headers: &HeaderMap,
    windows: Option<Windows>,
    whose: Whose,
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
        if name.partial != (whose == Whose::Part) {
            continue;
        }
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
        // x-ratelimit-*, x-rate-limit-*, x-tokenlimit-*; x-litellm-*, x-upstream-*, x-provider-*,
        // x-portkey-* for their upstream's.
        b'x' => matches!(
            name[2..5],
            [b'r', b'a', b't']
                | [b't', b'o', b'k']
                | [b'l', b'i', b't']
                | [b'u', b'p', b's']
                | [b'p', b'r', b'o']
                | [b'p', b'o', b'r']
        ),
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
pub(crate) fn exhausted(
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
    let mut found = *empty().max_by_key(|d| fits(d))?;
    // Kong and Mistral name the window in one header and the reset in another.
    let same = || empty().filter(move |d| d.kind == found.kind);
    found.window = found.window.or_else(|| same().find_map(|d| d.window));
    found.reset = found.reset.or_else(|| same().filter_map(|d| d.reset).max());
    let unsaid =
        |d: &&Dimension| d.kind == found.kind && d.window.is_none() && d.remaining.is_none();
    let beside = || quota.iter().find(unsaid).and_then(|d| d.reset);
    found.reset = found.reset.or_else(beside);
    Some(found)
}

/// The one dimension of which no header says how much is left: where others have something left, or
/// none says anything, its reset is the only hint there is.
///
/// Azure sends `x-rate-limit-reset-tokens` beside `x-ratelimit-remaining-requests: 60`
/// (openai/openai-python#937, 2023).
pub(crate) fn lone(quota: &Quota, limit: Option<LimitKind>) -> Option<Dimension> {
    let unsaid = || {
        quota
            .iter()
            .filter(|d| d.remaining.is_none() && d.reset.is_some_and(|reset| !reset.is_zero()))
    };
    let one = unsaid().count() == 1;
    let alone = quota.iter().all(|d| d.remaining.is_none());
    let fits = |d: &Dimension| limit == Some(d.kind);
    unsaid()
        .find(|d| fits(d) || (one && (alone || limit.is_none())))
        .copied()
}

#[cfg(test)]
mod tests;
