//! What the provider allows.

use std::time::Duration;

use super::{MINUTE, Prompts, Shape};
use crate::zoo::dice::Dice;

/// All limits of a provider, and who else uses them.
#[derive(Debug, Clone, Copy)]
pub(in crate::zoo) struct Limits {
    /// The limit on requests a minute. Where there is none, what the load is measured by.
    scale: u64,
    /// Requests a minute.
    pub(in crate::zoo) requests: Option<u64>,
    pub(in crate::zoo) shape: Shape,
    /// Tokens a minute.
    pub(in crate::zoo) tokens: Option<u64>,
    /// Calls at the same time.
    pub(in crate::zoo) concurrency: Option<u64>,
    /// Requests a day, and how many of them are used at the start.
    pub(in crate::zoo) day: Option<(u64, u64)>,
    /// How much of the limits of a minute is used at the start: 0 to 1.
    pub(in crate::zoo) used: f64,
    /// Others make so many calls a second, from this time on.
    pub(in crate::zoo) others: Option<(f64, Duration)>,
}

impl Limits {
    /// So many requests a minute, in a bucket of a minute, or no limit at all.
    pub(in crate::zoo) const fn plain(requests: Option<u64>) -> Self {
        Self {
            scale: 0,
            requests,
            shape: Shape::LargeBucket,
            tokens: None,
            concurrency: None,
            day: None,
            used: 0.0,
            others: None,
        }
    }

    /// `mean`: what a call is charged on average.
    pub(super) fn draw(dice: &Dice, prompts: &Prompts, mean: f64) -> Self {
        let limited = dice.chance(0.8);
        let scale = dice.pick(&[10, 30, 60, 300, 600, 3_000]);
        let phase = Duration::from_millis(dice.between(0.0, 60_000.0) as u64);
        let shape = dice.pick(&[
            Shape::SmallBucket,
            Shape::LargeBucket,
            Shape::Fixed(phase),
            Shape::Sliding,
        ]);
        // From a third of what the requests need to three times as much.
        let tokens = scale as f64 * mean * dice.scale(0.33, 3.0);
        let tokens = (tokens as u64).max(2 * prompts.most());
        let concurrency = dice.pick(&[2, 4, 8, 16, 50]);
        let (share, from) = (dice.between(0.1, 0.6), dice.between(0.0, 60.0));
        let others = (share * scale as f64 / 60.0, Duration::from_secs_f64(from));
        Self {
            scale,
            requests: limited.then_some(scale),
            shape,
            tokens: (limited && prompts.counted).then_some(tokens),
            concurrency: dice.chance(0.1).then_some(concurrency),
            day: None,
            used: dice.pick(&[0.0, 0.0, 0.0, 0.5, 1.0]),
            others: (dice.chance(0.15) && limited).then_some(others),
        }
    }

    /// In some worlds the day allows half to twice as many calls as come.
    pub(super) fn limit_the_day(&mut self, dice: &Dice, calls: usize) {
        let left = (calls as f64 * dice.between(0.5, 2.0)).ceil() as u64;
        let used = (left as f64 * dice.between(0.0, 4.0)) as u64;
        self.day = dice.chance(0.08).then_some((left + used, used));
    }

    /// How many calls a second go through in the long run; the load of a world is a multiple of it.
    pub(super) fn rate(&self, mean: f64, latency: Duration) -> f64 {
        let minute = MINUTE.as_secs_f64();
        let requests = self.scale as f64 / minute;
        let tokens = self.tokens.map(|tokens| tokens as f64 / mean / minute);
        let slots = self.concurrency.map(|n| n as f64 / latency.as_secs_f64());
        let taken = self.others.map_or(0.0, |(rate, _)| rate);
        let further = [tokens, slots].into_iter().flatten();
        further.fold(requests - taken, f64::min)
    }
}
