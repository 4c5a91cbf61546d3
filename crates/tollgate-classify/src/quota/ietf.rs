//! Reads the IETF `RateLimit` and `RateLimit-Policy` headers, in their forms since draft 07.
//!
//! `limit=100, remaining=0, reset=30` with `100;w=60`, and the structured
//! `"burst";r=4;t=1, "daily";r=0;t=3600` with `"burst";q=10;w=1, "daily";q=1000;w=86400`
//! (draft-ietf-httpapi-ratelimit-headers, 07 and 10).

use tollgate_core::{LimitKind, Quota, Window, retry_after};

use super::count;
use crate::text::words;

/// The two headers.
#[derive(Debug, Default)]
pub(super) struct Standard<'a> {
    pub(super) limits: Lines<'a>,
    pub(super) policies: Lines<'a>,
}

/// The lines of a header that is a list: it may come as several. More than four are not looked at.
#[derive(Debug, Default)]
pub(super) struct Lines<'a>([Option<&'a str>; 4]);

impl<'a> Lines<'a> {
    pub(super) fn add(&mut self, line: &'a str) {
        if let Some(place) = self.0.iter_mut().find(|place| place.is_none()) {
            *place = Some(line);
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    fn first(&self) -> Option<&'a str> {
        self.0[0]
    }

    fn items(&self) -> impl Iterator<Item = &'a str> {
        let lines = self.0.into_iter().flatten();
        lines.flat_map(|line| line.split(',')).map(str::trim)
    }
}

impl Standard<'_> {
    pub(super) fn read(&self, quota: &mut Quota) {
        match self.limits.first() {
            Some(limits) if limits.contains("remaining=") => self.combined(limits, quota),
            Some(_) => {
                for item in self.limits.items() {
                    self.item(item, quota);
                }
            }
            None => self.policy_alone(quota),
        }
    }

    /// Draft 07: one limit, its fields between commas.
    fn combined(&self, text: &str, quota: &mut Quota) {
        let field = |name| {
            let mut parts = text.split([',', ';']);
            parts.find_map(|part| part.trim().strip_prefix(name))
        };
        let limit = field("limit=").and_then(count);
        let Some(remaining) = field("remaining=").and_then(count) else {
            return;
        };
        let window = self.window_of(limit);
        if let Some(place) = quota.entry(LimitKind::Requests, window) {
            place.limit = limit;
            place.remaining = Some(remaining);
            place.reset = field("reset=").and_then(retry_after::seconds);
        }
    }

    /// The window of the policy with this quota; of several, none where nothing tells which.
    fn window_of(&self, limit: Option<u64>) -> Option<Window> {
        let mut same = self
            .policies
            .items()
            .filter(|policy| quota_of(policy) == limit);
        let mut all = self.policies.items();
        let one = || all.next().filter(|_| all.next().is_none());
        same.next()
            .filter(|_| limit.is_some())
            .or_else(one)
            .and_then(window)
    }

    /// `"name";r=0;t=30`.
    fn item(&self, item: &str, quota: &mut Quota) {
        let Some(remaining) = parameter(item, "r").and_then(count) else {
            return;
        };
        let name = name(item);
        let policy = self.policy(name);
        let unit = policy.and_then(|policy| parameter(policy, "qu"));
        let kind = match unit.map(|unit| unit.trim_matches('"')) {
            Some("concurrent-requests") => LimitKind::Concurrency,
            Some("tokens") => LimitKind::Tokens,
            // Bytes are not ours to count.
            Some("content-bytes") => return,
            Some("requests") => LimitKind::Requests,
            _ => kind_of(name),
        };
        let window = policy
            .and_then(window)
            .or_else(|| words::named(name).window);
        let reset = parameter(item, "t").and_then(retry_after::seconds);
        let Some(place) = quota.entry(kind, window) else {
            return;
        };
        // Two policies without a window share a place: the tighter one counts.
        if place.remaining.is_none_or(|other| remaining < other) {
            place.limit = policy.and_then(quota_of);
            place.remaining = Some(remaining);
            place.reset = reset;
        }
    }

    /// The policy of this name. Hugging Face writes its kind in front: `"fixed window";"api";q=500`
    /// (<https://huggingface.co/docs/hub/rate-limits>, 2026-09).
    fn policy(&self, name: &str) -> Option<&str> {
        let mut all = self.policies.items();
        all.find(|policy| {
            let mut names = policy.split(';').map(|part| part.trim().trim_matches('"'));
            names.any(|part| part == name)
        })
    }

    /// The policy beside older headers: names the window of what they say.
    fn policy_alone(&self, quota: &mut Quota) {
        let several = self.policies.items().nth(1).is_some();
        for policy in self.policies.items() {
            let (Some(limit), Some(window)) = (quota_of(policy), window(policy)) else {
                continue;
            };
            let unnamed = quota.get(LimitKind::Requests, None);
            // Of several, the one that is spoken of must have this quota.
            let its =
                unnamed.is_some_and(|d| d.limit == Some(limit) || (d.limit.is_none() && !several));
            let key = if its { None } else { Some(window) };
            if let Some(place) = quota.entry(LimitKind::Requests, key) {
                place.limit = Some(limit);
                place.window = Some(window);
            }
        }
    }
}

/// The policy in `100, 100;w=60`, as the drafts before 07 and Envoy write it.
pub(super) fn policy_behind(value: &str) -> Option<&str> {
    let at = value.find(',')?;
    let policy = &value[at + 1..];
    policy.contains("w=").then_some(policy)
}

/// The quota of `100;w=60` or `"name";q=100;w=60`.
fn quota_of(policy: &str) -> Option<u64> {
    let first = policy.split(';').next().unwrap_or(policy);
    parameter(policy, "q").or(Some(first)).and_then(count)
}

/// What a policy counts, where only its name tells: "tokens-per-minute", "input".
fn kind_of(name: &str) -> LimitKind {
    let words = words::split(name);
    let has = |any: &[&str]| {
        let mut words = words.iter();
        words.any(|word| any.iter().any(|name| word.eq_ignore_ascii_case(name)))
    };
    let short = || {
        words
            .iter()
            .find_map(|word| words::abbreviation(word.as_bytes()))
    };
    if has(&["concurrent", "concurrency", "parallel"]) {
        LimitKind::Concurrency
    } else if has(&["input", "prompt"]) {
        LimitKind::InputTokens
    } else if has(&["output", "completion"]) {
        LimitKind::OutputTokens
    } else if has(&["token", "tokens"]) {
        LimitKind::Tokens
    } else if has(&["image", "images"]) {
        LimitKind::Images
    } else {
        short().map_or(LimitKind::Requests, |(kind, _)| kind)
    }
}

fn name(item: &str) -> &str {
    item.split(';')
        .next()
        .unwrap_or(item)
        .trim()
        .trim_matches('"')
}

fn parameter<'a>(item: &'a str, name: &str) -> Option<&'a str> {
    let mut parts = item.split(';').skip(1);
    parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        (key.trim() == name).then_some(value.trim())
    })
}

fn window(policy: &str) -> Option<Window> {
    let seconds = parameter(policy, "w").and_then(count)?;
    words::of_seconds(u128::from(seconds))
}
