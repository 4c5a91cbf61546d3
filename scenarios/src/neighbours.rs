//! Others behind the same limit: two, who take a quarter each for four minutes.

use std::time::Duration;

use tollgate_test::Neighbour;

use super::model::{MINUTE, Model};

const FROM: Duration = MINUTE;
const TO: Duration = Duration::from_secs(300);

pub(crate) fn both() -> [Neighbour; 2] {
    [Neighbour::new(2.5).between(FROM, TO); 2]
}

/// What they ask for until then, on average.
fn asked(until: Duration) -> u64 {
    let time = until.clamp(FROM, TO) - FROM;
    (5.0 * time.as_secs_f64()) as u64
}

/// The time before which the last of `n` calls can not be admitted, when the others get all they ask
/// for.
pub(crate) fn optimum(model: Model, n: u64) -> Duration {
    let mut time = model.optimum(n);
    // Each round counts what came meanwhile; what comes has an end.
    loop {
        let later = model.optimum(n + asked(time));
        if later <= time {
            return time;
        }
        time = later;
    }
}
