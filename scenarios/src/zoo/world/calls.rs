//! One call of a world. What happens to it depends on nothing that a policy does: under each of them
//! the same calls fail as often, take as long, and are given up at the same moment.

use std::time::Duration;

use bytes::Bytes;
use tollgate_core::Usage;

use super::{Failures, Prompts, World};
use crate::zoo::dice::Dice;

/// A call, and what will happen to it.
#[derive(Debug, Clone)]
pub(in crate::zoo) struct Call {
    pub(in crate::zoo) arrival: Duration,
    /// How long the request and the answer are under way.
    pub(in crate::zoo) travel: (Duration, Duration),
    /// How long the answer takes.
    pub(in crate::zoo) latency: Duration,
    /// So many of its answers are 500s, one after the other.
    pub(in crate::zoo) errors: u32,
    /// So many of its answers are lost, one after the other.
    pub(in crate::zoo) resets: u32,
    /// Its caller gives up after this time.
    pub(in crate::zoo) patience: Option<Duration>,
    pub(in crate::zoo) usage: Usage,
    pub(in crate::zoo) body: Bytes,
}

/// The part of the calls that fail, where calls fail.
const FAILING: f64 = 0.05;

impl Call {
    /// A call that is served in exactly this time, and is under way for 20 to 30 ms each way.
    pub(in crate::zoo) fn plain(latency: Duration, arrival: Duration, dice: &Dice) -> Self {
        let travel = || Duration::from_secs_f64(dice.between(0.02, 0.03));
        let usage = Prompts::SHORT.usage(dice);
        Self {
            arrival,
            travel: (travel(), travel()),
            latency,
            errors: 0,
            resets: 0,
            patience: None,
            usage,
            body: body(&Prompts::SHORT, &usage),
        }
    }

    pub(super) fn draw(world: &World, number: usize) -> Self {
        let dice = Dice::new(world.seed ^ ((number as u64) << 32), "call");
        let arrival = world.load.arrival(number, &dice);
        let (least, most) = if world.far {
            (0.0, 2.0)
        } else {
            (0.015, 0.045)
        };
        let travel = || Duration::from_secs_f64(dice.between(least, most));
        let travel = (travel(), travel());
        let latency = world.latency.mul_f64(dice.between(0.7, 1.3));
        let patience = latency.mul_f64(dice.between(0.0, 4.0));
        // Each try fails with the same probability.
        let mut failures = 0;
        while failures < 3 && dice.chance(FAILING) {
            failures += 1;
        }
        let of = |kind| if world.failures == kind { failures } else { 0 };
        let usage = world.prompts.usage(&dice);
        Self {
            arrival,
            travel,
            latency,
            errors: of(Failures::Errors),
            resets: of(Failures::Resets),
            patience: (of(Failures::Callers) > 0).then_some(patience),
            usage,
            body: body(&world.prompts, &usage),
        }
    }
}

/// A chat completion whose prompt has so many tokens, by the usual four letters for one.
fn body(prompts: &Prompts, usage: &Usage) -> Bytes {
    let words = "word".repeat(usage.input() as usize);
    let most = match prompts.counted {
        true => format!(r#""max_tokens":{},"#, prompts.max_tokens),
        false => String::new(),
    };
    let message = format!(r#"{{"role":"user","content":"{words}"}}"#);
    Bytes::from(format!(r#"{{"model":"m",{most}"messages":[{message}]}}"#))
}
