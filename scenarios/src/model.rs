//! 600 requests a minute, in the forms that providers give it, and 6,000 in one of them.

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
    /// One every 10 ms, and up to 100 at once.
    Fast100,
    /// 600 in each minute, the first of which begins with the first call.
    Fixed,
    /// The same, first met 37 s into a minute.
    Fixed37,
    /// Never more than 600 in any 60 s.
    Sliding,
}

impl Model {
    /// Those that allow 600 a minute.
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
            Self::Fast100 => "fast-100",
            Self::Fixed => "fixed",
            Self::Fixed37 => "fixed-37",
            Self::Sliding => "sliding",
        }
    }

    /// What is allowed in a minute.
    pub(crate) const fn a_minute(self) -> u64 {
        match self {
            Self::Fast100 => 10 * A_MINUTE,
            _ => A_MINUTE,
        }
    }

    /// What is allowed at once; none for windows.
    pub(crate) const fn burst(self) -> Option<u64> {
        match self {
            Self::Bucket10 => Some(10),
            Self::Bucket600 => Some(600),
            Self::Fast100 => Some(100),
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
            Self::Bucket10 | Self::Bucket600 | Self::Fast100 => {
                let burst = self.burst().expect("a bucket has one");
                Quota::bucket(Kind::Requests, self.a_minute(), MINUTE, burst)
            }
            Self::Fixed | Self::Fixed37 => {
                Quota::fixed(Kind::Requests, A_MINUTE, MINUTE).met_at(self.phase())
            }
            Self::Sliding => Quota::sliding(Kind::Requests, A_MINUTE, MINUTE),
        }
    }

    /// The limit as somebody who knows it would tell it. When windows end, nobody knows.
    pub(crate) fn limit(self) -> Limit {
        let limit = Limit::requests(self.a_minute(), MINUTE);
        match self.burst() {
            Some(burst) => limit.bucket(burst),
            None if self == Self::Sliding => limit.sliding(),
            None => limit.fixed(),
        }
    }
}
