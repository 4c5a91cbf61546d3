//! A line of JSON for each world and policy.

use serde::Serialize;

use super::{
    judge::Verdict,
    round::{Played, Round},
};
use crate::json::round;

#[derive(Serialize)]
struct Line<'a> {
    seed: u64,
    policy: &'static str,
    calls: usize,
    answered: usize,
    rejections: u64,
    wasteful: bool,
    /// Beside `off`.
    #[serde(flatten)]
    verdict: Shown,
    /// Beside `default`; for `told` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    untold: Option<Shown>,
    world: &'a str,
}

#[derive(Serialize)]
struct Shown {
    harmless: bool,
    fewer: usize,
    slower: bool,
    mean_s: f64,
    reference_s: f64,
}

/// Prints all plays, world by world.
pub(super) fn print(rounds: &[Round]) -> serde_json::Result<()> {
    for round in rounds {
        for played in &round.played {
            println!("{}", serde_json::to_string(&line(round, played))?);
        }
    }
    Ok(())
}

fn line<'a>(round: &'a Round, played: &Played) -> Line<'a> {
    Line {
        seed: round.seed,
        policy: played.policy.name(),
        calls: round.calls,
        answered: played.answers,
        rejections: played.rejections,
        wasteful: played.wasteful,
        verdict: shown(&played.verdict),
        untold: played.untold.as_ref().map(shown),
        world: &round.world,
    }
}

fn shown(verdict: &Verdict) -> Shown {
    Shown {
        harmless: verdict.is_harmless(),
        fewer: verdict.fewer,
        slower: verdict.slower,
        mean_s: round(verdict.mean),
        reference_s: round(verdict.reference),
    }
}
