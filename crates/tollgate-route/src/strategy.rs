//! How a tier chooses among its targets.
//!
//! A strategy gives each target a score; the lowest is tried first, and equal ones in the order in
//! which they were written down. It is asked anew for each attempt, about those targets only that
//! may be tried now, and it is a pure function: all it may know is in its arguments.

mod cheapest;
mod fastest;
mod least_loaded;
mod ordered;
mod sticky;
mod weighted;

use std::{cell::OnceCell, fmt, time::Duration};

use tollgate_core::{Cost, Random, Target};

use crate::Price;

pub use cheapest::Cheapest;
pub use fastest::Fastest;
pub use least_loaded::LeastLoaded;
pub use ordered::Ordered;
pub use sticky::Sticky;
pub use weighted::Weighted;

/// Chooses among the targets of a tier.
///
/// # Examples
///
/// One of one's own: whoever answered most reliably so far.
///
/// ```
/// use tollgate_route::strategy::{Ask, Candidate, Strategy};
///
/// #[derive(Debug)]
/// struct MostReliable;
///
/// impl Strategy for MostReliable {
///     fn score(&self, candidate: &Candidate<'_>, _: &Ask<'_>) -> f64 {
///         1.0 - candidate.success_rate.unwrap_or(1.0)
///     }
/// }
/// ```
pub trait Strategy: fmt::Debug + Send + Sync {
    /// How late this target should be tried: the lowest score is the first. `NaN` is the last.
    fn score(&self, candidate: &Candidate<'_>, ask: &Ask<'_>) -> f64;

    /// Whether it keeps calls together ([`Ask::tie`]). The router then takes `prompt_cache_key` or
    /// `user` of a JSON body as the [affinity](crate::Preference::affinity) of a call that states none.
    /// No unless said.
    fn ties(&self) -> bool {
        false
    }
}

/// A target that may be tried now, and what is known about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// Where it is.
    pub target: &'a Target,
    /// Its weight.
    pub weight: f64,
    /// What it costs.
    pub price: Option<Price>,
    /// The part of its scarcest limit that is left, 0 to 1.
    pub left: Option<f64>,
    /// Calls of this process that wait for its answer.
    pub in_flight: u32,
    /// The part of its calls that succeeded, 0 to 1; newer ones count more.
    pub success_rate: Option<f64>,
    /// Time to the head of its answers; newer ones count more.
    pub latency: Option<Duration>,
    /// Time to the first event of its streams; newer ones count more.
    pub first_token: Option<Duration>,
    id: u64,
}

impl<'a> Candidate<'a> {
    /// A target about which nothing is known.
    #[must_use]
    pub fn new(target: &'a Target) -> Self {
        Self::with_id(target, id_of(target))
    }

    pub(crate) const fn with_id(target: &'a Target, id: u64) -> Self {
        Self {
            target,
            weight: 1.0,
            price: None,
            left: None,
            in_flight: 0,
            success_rate: None,
            latency: None,
            first_token: None,
            id,
        }
    }
}

/// What is known about the call.
#[derive(Debug)]
pub struct Ask<'a> {
    random: &'a Random,
    seed: OnceCell<u64>,
    affinity: Option<u64>,
    cost: Option<Cost>,
}

impl<'a> Ask<'a> {
    /// A call that draws from this source.
    #[must_use]
    pub const fn new(random: &'a Random) -> Self {
        Self {
            random,
            seed: OnceCell::new(),
            affinity: None,
            cost: None,
        }
    }

    /// What belongs together: calls with the same words here should go to the same target.
    #[must_use]
    pub fn with_affinity(self, words: Option<&str>) -> Self {
        let affinity = words.map(|words| hash(0, words.as_bytes()));
        Self { affinity, ..self }
    }

    /// What the call is expected to cost.
    #[must_use]
    pub const fn with_cost(mut self, cost: Cost) -> Self {
        self.cost = Some(cost);
        self
    }

    /// What the call is expected to cost, where somebody said.
    #[must_use]
    pub const fn cost(&self) -> Option<&Cost> {
        self.cost.as_ref()
    }

    /// Drawn evenly from above 0 to 1, for each candidate by itself; the same each time the same
    /// call asks about the same candidate.
    pub fn draw(&self, candidate: &Candidate<'_>) -> f64 {
        unit(mix(self.seed() ^ candidate.id))
    }

    /// Drawn evenly from above 0 to 1, once for the whole call.
    #[must_use]
    pub fn chance(&self) -> f64 {
        unit(mix(!self.seed()))
    }

    fn seed(&self) -> u64 {
        *self.seed.get_or_init(|| self.random.unit().to_bits())
    }

    /// Like [`draw`](Self::draw), but the same for all calls that belong together, in every process.
    /// `None` where the call belongs to none.
    #[must_use]
    pub fn tie(&self, candidate: &Candidate<'_>) -> Option<f64> {
        Some(unit(mix(self.affinity? ^ candidate.id)))
    }
}

/// The number of a target: the same in every process and every version.
pub(crate) fn id_of(target: &Target) -> u64 {
    let parts = [Some(target.provider()), target.model(), target.account()];
    parts.into_iter().fold(0, |id, part| {
        mix(hash(id, part.unwrap_or_default().as_bytes()))
    })
}

/// FNV-1a: small, and written down once for all.
fn hash(start: u64, bytes: &[u8]) -> u64 {
    let basis = 0xcbf2_9ce4_8422_2325 ^ start;
    bytes.iter().fold(basis, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finish of `SplitMix64`: spreads what differs in few bits over all of them.
const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// From above 0 to 1, so that its logarithm is finite.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
fn unit(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
}

/// Turns an even draw into a score with which each candidate is first in proportion to its weight
/// (Efraimidis and Spirakis, 2006).
fn weighted(draw: f64, weight: f64) -> f64 {
    if weight > 0.0 {
        -draw.ln() / weight
    } else {
        f64::INFINITY
    }
}

#[cfg(test)]
mod tests;
