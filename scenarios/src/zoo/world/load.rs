//! How many calls come, and when.

use std::{
    fmt::{self, Display},
    time::Duration,
};

use crate::zoo::dice::Dice;

/// When calls come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::zoo) enum Arrivals {
    /// All at once.
    Burst,
    /// A quarter of them at once, four times, over this time.
    FourBursts(Duration),
    /// One after the other, over this time.
    Stream(Duration),
}

/// The calls of a world.
#[derive(Debug, Clone, Copy)]
pub(in crate::zoo) struct Load {
    /// Calls that come, by those that the limits allow in that time; in a minute, if they come at
    /// once.
    pub(in crate::zoo) factor: f64,
    pub(in crate::zoo) arrivals: Arrivals,
    pub(in crate::zoo) calls: usize,
}

/// The most calls of a world.
const MOST: f64 = 900.0;

impl Load {
    /// `rate`: how many calls a second the limits allow in the long run.
    pub(super) fn draw(dice: &Dice, rate: f64) -> Self {
        let factor = dice.between(0.02, 1.6);
        let span = Duration::from_secs(dice.pick(&[0, 60, 180]));
        let arrivals = match dice.pick(&[0, 1, 2]) {
            1 if !span.is_zero() => Arrivals::FourBursts(span),
            2 if !span.is_zero() => Arrivals::Stream(span),
            _ => Arrivals::Burst,
        };
        let seconds = match arrivals {
            Arrivals::Burst => 60.0,
            Arrivals::FourBursts(span) | Arrivals::Stream(span) => span.as_secs_f64(),
        };
        let calls = (factor * rate * seconds).round().clamp(1.0, MOST);
        Self {
            factor,
            arrivals,
            calls: calls as usize,
        }
    }

    /// When this call comes.
    pub(super) fn arrival(&self, call: usize, dice: &Dice) -> Duration {
        match self.arrivals {
            Arrivals::Burst => Duration::ZERO,
            Arrivals::FourBursts(span) => span * (call * 4 / self.calls) as u32 / 4,
            Arrivals::Stream(span) => {
                let place = (call as f64 + dice.between(0.0, 1.0)) / self.calls as f64;
                span.mul_f64(place)
            }
        }
    }
}

impl Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (calls, factor) = (self.calls, self.factor);
        match self.arrivals {
            Arrivals::Burst => write!(f, "{calls} calls at once")?,
            Arrivals::FourBursts(span) => write!(f, "{calls} calls in four bursts over {span:?}")?,
            Arrivals::Stream(span) => write!(f, "a stream of {calls} calls over {span:?}")?,
        }
        write!(f, " ({factor:.2} of the limit)")
    }
}
