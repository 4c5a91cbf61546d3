//! Seeded draws.

use tollgate_core::Random;

/// A stream of draws for one seed and one purpose. Each part of a world has its own, so that a change
/// to how one part is drawn leaves the others as they were.
pub(super) struct Dice(Random);

impl Dice {
    pub(super) fn new(seed: u64, purpose: &str) -> Self {
        Self(random(seed, purpose))
    }

    /// True with this probability.
    pub(super) fn chance(&self, part: f64) -> bool {
        self.0.unit() < part
    }

    /// Evenly from `[low, high)`.
    pub(super) fn between(&self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.unit()
    }

    /// From `[low, high)`, so that each power of two is as likely as the next.
    pub(super) fn scale(&self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// One of these; a list that names one twice makes it twice as likely.
    pub(super) fn pick<T: Copy>(&self, all: &[T]) -> T {
        let place = (self.0.unit() * all.len() as f64) as usize;
        all[place.min(all.len() - 1)]
    }

    /// Log-normal, with this mean and as much deviation.
    pub(super) fn log_normal(&self, mean: f64) -> f64 {
        // Box-Muller.
        let (u, v) = (1.0 - self.0.unit(), self.0.unit());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        let variance = 2_f64.ln();
        (mean.ln() - variance / 2.0 + variance.sqrt() * normal).exp()
    }
}

/// A source of randomness for one seed and one purpose.
pub(super) fn random(seed: u64, purpose: &str) -> Random {
    let mixed = purpose.bytes().fold(mix(seed), |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    Random::seeded(mix(mixed))
}

/// Splitmix64: neighbouring seeds become unrelated ones.
const fn mix(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ (seed >> 31)
}
