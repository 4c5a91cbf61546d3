//! What each file of a dialect fills in.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use tollgate_core::{LimitKind, Window};

use super::{Limited, format};
use crate::{Answer, quota::Level, wire::Wire};

/// A provider's way of speaking.
pub(crate) struct Voice {
    /// The shape of its successes.
    pub(crate) wire: Wire,
    /// When its streams tell the usage.
    pub(crate) tally: Tells,
    /// Its errors.
    pub(crate) say: fn(&Trouble<'_>) -> Answer,
    /// Its quota headers.
    pub(crate) headers: fn(&Snapshot<'_>, &mut HeaderMap),
    /// How a 429 states the wait in its headers.
    pub(crate) told: Told,
    /// The finest step of its reset headers; they are rounded up to it.
    pub(crate) step: Duration,
}

/// When a stream of chat completions tells its usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tells {
    /// Only with `stream_options.include_usage`.
    IfAsked,
    /// With the last chunk of each stream.
    Always,
    /// As `Always`, and in `x_groq`.
    Groq,
}

/// What went wrong.
pub(crate) enum Trouble<'a> {
    Limited(&'a Limited),
    Overloaded { model: &'a str },
    Exhausted { model: &'a str },
    Auth,
    TooLong { most: u64, tokens: u64 },
    NoModel { model: &'a str },
    Broken,
}

/// Where the limits stand at a time of day.
pub(crate) struct Snapshot<'a> {
    pub(crate) levels: &'a [Level],
    pub(crate) now: SystemTime,
}

impl Snapshot<'_> {
    /// The level of this kind that is nearest to its end, among those whose window is one of
    /// `windows` or has no name; all windows if that is empty.
    pub(crate) fn scarcest(&self, kind: LimitKind, windows: &[Window]) -> Option<&Level> {
        let fits = |level: &&Level| {
            let shown = |window| windows.is_empty() || windows.contains(&window);
            level.kind == kind && level.window.is_none_or(shown)
        };
        let left = |level: &&Level| {
            let part = u128::from(level.remaining) * u128::from(u64::MAX);
            part / u128::from(level.limit.max(1))
        };
        self.levels.iter().filter(fits).min_by_key(left)
    }
}

/// How a 429 states the wait in its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// Not at all.
    Nowhere,
    /// `retry-after`, in whole seconds, rounded up.
    Seconds,
    /// That, and `retry-after-ms`.
    Millis,
}

impl Told {
    pub(crate) fn write(self, wait: Option<Duration>, answer: &mut Answer) {
        let Some(wait) = wait else { return };
        if self != Self::Nowhere {
            answer.set("retry-after", &format::whole_seconds(wait).to_string());
        }
        if self == Self::Millis {
            let ms = wait.as_nanos().div_ceil(1_000_000);
            answer.set("retry-after-ms", &ms.to_string());
        }
    }
}
