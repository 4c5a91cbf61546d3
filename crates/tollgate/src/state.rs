//! The whole state of a stack as JSON, for people and for their tools.
//!
//! ```text
//! layers' handles ─▶ Parts ─▶ State::gather ─▶ serde ─▶ {"taken_at_ms":…,"targets":[…],"limits":[…],…}
//! ```
//!
//! Nothing in it is secret: targets, limits, times and counts; an account is an alias. Names stay as
//! they are within a major version; new ones may come. Times ahead are counted from `taken_at_ms`.
//!
#![doc = include_str!("state/fields.md")]

#[cfg(feature = "breaker")]
mod breakers;
#[cfg(feature = "limit")]
mod limits;
mod parts;
mod sleeping;

use serde::Serialize;
use tollgate_core::WallClock;

#[cfg(feature = "breaker")]
pub use breakers::Breaker;
#[cfg(feature = "limit")]
pub use limits::{BelowConfigured, Gate, Key, Limit};
pub use parts::Parts;
pub use sleeping::Asleep;
pub(crate) use sleeping::asleep;

use crate::recent::{Decision, millis};

/// The state of a stack at one moment; see the [module](self) for its JSON.
///
/// A part that the stack does not have is absent.
///
/// # Examples
///
#[cfg_attr(feature = "limit", doc = "```")]
#[cfg_attr(not(feature = "limit"), doc = "```text")]
/// use tollgate::{core::SystemClock, limit::LimitLayer, state::{Parts, State}};
///
/// let (layer, handle) = LimitLayer::builder().requests_per_minute(60).build_with_handle()?;
/// let state = State::gather(&Parts::new().limit(&handle), &SystemClock::default());
/// let json = serde_json::to_string(&state).expect("plain data");
/// assert!(json.ends_with(r#""limits":[]}"#), "{json}");
/// # let _ = layer;
/// # Ok::<_, tollgate::limit::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct State {
    /// When it was gathered, in milliseconds since 1970.
    pub taken_at_ms: u64,
    /// How each target of the router fared, in the order in which they were written down.
    #[cfg(feature = "route")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<tollgate_route::Outcome>>,
    /// Who is left alone by the router, the first to return first.
    #[cfg(feature = "route")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldowns: Option<Vec<tollgate_route::Cooldown>>,
    /// How the keys of the limiter stand, by target.
    #[cfg(feature = "limit")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Vec<Key>>,
    /// How the breakers stand, by target.
    #[cfg(feature = "breaker")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breakers: Option<Vec<Breaker>>,
    /// The retry budgets that are not full, by host.
    #[cfg(feature = "retry")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_budgets: Option<Vec<RetryBudget>>,
    /// The calls that sleep: before a retry, or because no target may be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sleeping: Option<Vec<Asleep>>,
    /// The latest decisions, oldest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recent: Option<Vec<Decision>>,
}

/// The retry budget of one host.
#[cfg(feature = "retry")]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RetryBudget {
    /// The provider's name, else its host.
    pub provider: String,
    /// What is left of it.
    pub tokens: f64,
}

impl State {
    /// Looks at all parts, one after the other. No lock is held over more than one key of one layer,
    /// so it is no picture of a single moment where calls go on meanwhile.
    #[must_use]
    pub fn gather(parts: &Parts<'_>, clock: &impl WallClock) -> Self {
        Self {
            taken_at_ms: millis(clock.since_epoch()),
            #[cfg(feature = "route")]
            targets: parts.route.map(tollgate_route::Handle::outcomes),
            #[cfg(feature = "route")]
            cooldowns: parts.route.map(tollgate_route::Handle::cooldowns),
            #[cfg(feature = "limit")]
            limits: parts.limit.map(limits::keys),
            #[cfg(feature = "breaker")]
            breakers: parts.breaker.map(breakers::breakers),
            #[cfg(feature = "retry")]
            retry_budgets: parts.retry.map(budgets),
            sleeping: parts.sleepers.map(asleep),
            recent: parts.recent.map(crate::recent::Recent::list),
        }
    }
}

#[cfg(feature = "retry")]
fn budgets(handle: &tollgate_retry::Handle) -> Vec<RetryBudget> {
    let all = handle.budgets().into_iter();
    let one = |(host, tokens): (std::sync::Arc<str>, f64)| RetryBudget {
        provider: String::from(&*host),
        tokens,
    };
    let mut all: Vec<_> = all.map(one).collect();
    all.sort_by(|a, b| a.provider.cmp(&b.provider));
    all
}
