//! 600 requests a minute, in the forms that providers give it.

use std::time::Duration;

use tollgate_limit::Limit;
use tollgate_test::{Kind, Quota};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const A_MINUTE: u64 = 600;

/// How the limit comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// One every 100 ms, and at most 10 at once.
    Bucket10,
    /// One every 100 ms, and up to 600 at once.
    Bucket600,
    /// 600 in each minute, the first of which begins with the first call.
    Fixed,
    /// The same, first met 37 s into a minute.
    Fixed37,
    /// Never more than 600 in any 60 s.
    Sliding,
}

impl Model {
    pub(crate) const ALL: [Self; 5] = [
        Self::Bucket10,
        Self::Bucket600,
        Self::Fixed,
        Self::Fixed37,
        Self::Sliding,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bucket10 => "bucket-10",
            Self::Bucket600 => "bucket-600",
            Self::Fixed => "fixed",
            Self::Fixed37 => "fixed-37",
            Self::Sliding => "sliding",
        }
    }

    /// What is allowed at once; none for windows.
    pub(crate) const fn burst(self) -> Option<u64> {
        match self {
            Self::Bucket10 => Some(10),
            Self::Bucket600 => Some(600),
            _ => None,
        }
    }

    /// How far into a window the first call comes.
    pub(crate) const fn phase(self) -> Duration {
        match self {
            Self::Fixed37 => Duration::from_secs(37),
            _ => Duration::ZERO,
        }
    }

    /// The limit as the provider enforces it.
    pub(crate) fn quota(self) -> Quota {
        match self {
            Self::Bucket10 => Quota::bucket(Kind::Requests, A_MINUTE, MINUTE, 10),
            Self::Bucket600 => Quota::bucket(Kind::Requests, A_MINUTE, MINUTE, 600),
            Self::Fixed | Self::Fixed37 => {
                Quota::fixed(Kind::Requests, A_MINUTE, MINUTE).met_at(self.phase())
            }
            Self::Sliding => Quota::sliding(Kind::Requests, A_MINUTE, MINUTE),
        }
    }

    /// The limit as somebody who knows it would tell it. When windows end, nobody knows.
    pub(crate) fn limit(self) -> Limit {
        let limit = Limit::requests(A_MINUTE, MINUTE);
        match self {
            Self::Bucket10 => limit.bucket(10),
            Self::Bucket600 => limit.bucket(600),
            Self::Fixed | Self::Fixed37 => limit.fixed(),
            Self::Sliding => limit.sliding(),
        }
    }

    /// The time before which the last of `n` calls that all wait at the start can not be admitted.
    pub(crate) fn optimum(self, n: u64) -> Duration {
        if let Some(burst) = self.burst() {
            return MINUTE * u32::try_from(n.saturating_sub(burst)).unwrap_or(u32::MAX)
                / u32::try_from(A_MINUTE).expect("small");
        }
        let windows = u32::try_from(n.div_ceil(A_MINUTE)).unwrap_or(u32::MAX);
        (MINUTE * windows.saturating_sub(1)).saturating_sub(self.phase())
    }
}
