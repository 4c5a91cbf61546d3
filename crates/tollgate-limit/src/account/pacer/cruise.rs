//! The most calls a second that a ramp goes. Until the first rejection is back, providers with and
//! without a limit look alike: what is sent meanwhile may be lost.

use crate::account::time::Seconds;

/// A burst of at most so many calls is out within [`SPAN`].
const SMALL: f64 = 310.0;

/// See [`SMALL`].
const SPAN: Seconds = 0.36;

/// A burst of at most a thousand calls is out in about this time, [`EARLY`] calls at their own pace and
/// the others at no less than [`LEAST`].
const OUT: Seconds = 0.85;

/// The first calls of a larger burst, and their pace: most limits are smaller than that.
const EARLY: (f64, f64) = (90.0, 480.0);

/// See [`OUT`].
const LEAST: f64 = 560.0;

/// A ramp that met nothing for a while doubles its pace in this time.
const DOUBLE: Seconds = 0.25;

/// Of a key without a rejection, of which `sent` calls of a burst have gone since `age` and others wait.
/// `risk` is the pace at which all that may be lost is lost before a rejection is back.
pub(super) fn fresh(sent: f64, waiting: f64, age: Seconds, risk: f64) -> f64 {
    let burst = sent + waiting;
    let pace = if burst <= SMALL {
        (burst / SPAN).max(100.0)
    } else if sent < EARLY.0 {
        EARLY.1
    } else if burst < 1_000.0 {
        let pace = waiting / (OUT - age).max(0.1);
        pace.clamp(burst * 0.5, burst * 1.4).max(LEAST)
    } else {
        (0.65 * risk).max(650.0)
    };
    pace * doubled(age, 1.2)
}

/// Of a key with rejections and so many calls of late. `below` is the pace up to a barrier that was seen.
pub(super) fn again(calls: f64, below: f64, age: Seconds, risk: f64) -> f64 {
    let pace = (0.5 * risk).max(calls / 10.0).max(20.0).max(below);
    pace * doubled(age, 4.0)
}

fn doubled(age: Seconds, patience: Seconds) -> f64 {
    if age <= patience {
        return 1.0;
    }
    ((age - patience) / DOUBLE).min(20.0).exp2()
}
