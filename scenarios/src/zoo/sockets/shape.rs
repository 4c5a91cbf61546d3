//! How the providers count their 10 requests a second.

use std::time::Duration;

use tollgate::limit::Limit;
use tollgate_test::{Kind, Quota};

use super::play::{CALLS, HEAD};

/// So many requests go in each period, whatever the shape.
const AMOUNT: u64 = 60;
const PERIOD: Duration = Duration::from_secs(6);

/// How a provider gives back what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A bucket of so many.
    Bucket(u64),
    /// A fixed window, which begins with the first call.
    Window,
}

impl Shape {
    pub(super) const ALL: [Self; 3] = [Self::Bucket(10), Self::Bucket(60), Self::Window];

    pub(super) fn name(self) -> String {
        match self {
            Self::Bucket(burst) => format!("bucket {burst}"),
            Self::Window => "window".to_owned(),
        }
    }

    /// The limit, as the provider keeps it.
    pub(super) fn quota(self) -> Quota {
        match self {
            Self::Bucket(burst) => Quota::bucket(Kind::Requests, AMOUNT, PERIOD, burst),
            Self::Window => Quota::fixed(Kind::Requests, AMOUNT, PERIOD),
        }
    }

    /// The limit, as a client is told it.
    pub(super) fn limit(self) -> Limit {
        let limit = Limit::requests(AMOUNT, PERIOD);
        match self {
            Self::Bucket(burst) => limit.bucket(burst),
            Self::Window => limit.fixed(),
        }
    }

    /// When the last answer can come at the earliest.
    pub(super) fn best(self) -> Duration {
        let calls = CALLS as u64;
        let wait = match self {
            Self::Bucket(burst) => PERIOD.mul_f64((calls - burst) as f64 / AMOUNT as f64),
            Self::Window => PERIOD * ((calls - 1) / AMOUNT) as u32,
        };
        wait + HEAD
    }
}
