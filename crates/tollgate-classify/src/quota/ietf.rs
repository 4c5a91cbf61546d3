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
        let window = self.policies.items().next().and_then(window);
        let Some(remaining) = field("remaining=").and_then(count) else {
            return;
        };
        if let Some(place) = quota.entry(LimitKind::Requests, window) {
            place.limit = field("limit=").and_then(count);
            place.remaining = Some(remaining);
            place.reset = field("reset=").and_then(retry_after::seconds);
        }
    }

    /// `"name";r=0;t=30`.
    fn item(&self, item: &str, quota: &mut Quota) {
        let Some(remaining) = parameter(item, "r").and_then(count) else {
            return;
        };
        let policy = self.policy(name(item));
        let unit = policy.and_then(|policy| parameter(policy, "qu"));
        let kind = match unit.map(|unit| unit.trim_matches('"')) {
            Some("concurrent-requests") => LimitKind::Concurrency,
            Some("tokens") => LimitKind::Tokens,
            // Bytes are not ours to count.
            Some("content-bytes") => return,
            _ => LimitKind::Requests,
        };
        let reset = parameter(item, "t").and_then(retry_after::seconds);
        let Some(place) = quota.entry(kind, policy.and_then(window)) else {
            return;
        };
        // Two policies without a window share a place: the tighter one counts.
        if place.remaining.is_none_or(|other| remaining < other) {
            place.limit = policy.and_then(|p| parameter(p, "q")).and_then(count);
            place.remaining = Some(remaining);
            place.reset = reset;
        }
    }

    fn policy(&self, name: &str) -> Option<&str> {
        let mut all = self.policies.items();
        all.find(|policy| self::name(policy) == name)
    }

    /// The policy beside older headers: names the window of what they say.
    fn policy_alone(&self, quota: &mut Quota) {
        for policy in self.policies.items() {
            let first = policy.split(';').next().unwrap_or(policy);
            let limit = parameter(policy, "q").or(Some(first)).and_then(count);
            let (Some(limit), Some(window)) = (limit, window(policy)) else {
                continue;
            };
            let unnamed = quota.get(LimitKind::Requests, None);
            let its = unnamed.is_some_and(|d| d.limit.is_none_or(|other| other == limit));
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
