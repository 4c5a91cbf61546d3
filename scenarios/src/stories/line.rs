//! One line of JSON for each run of a story.

use super::{Extra, Tale, outcome::Outcome};
use crate::json::{Line, round};

/// Prints all runs, in the order of the rows.
pub(crate) fn print(tales: &[Tale]) -> serde_json::Result<()> {
    for tale in tales {
        for (place, outcome) in tale.outcomes.iter().enumerate() {
            let line = line(tale, place + 1, outcome);
            println!("{}", serde_json::to_string(&line)?);
        }
    }
    Ok(())
}

/// What is printed of a run. There is no provider of which one could say what the best is.
pub(super) fn line<'a>(tale: &Tale, seed: usize, outcome: &'a Outcome) -> Line<'a, &'a Extra> {
    Line {
        scenario: tale.story.label(),
        provider_model: None,
        client: tale.client.name(),
        seed,
        makespan_ratio: None,
        wasted_per_success: round(outcome.wasted),
        lost: outcome.lost,
        rejected: outcome.rejected,
        p50_wait_ms: outcome.p50.as_millis(),
        p99_wait_ms: outcome.p99.as_millis(),
        peak_100ms: outcome.peak,
        goodput: None,
        max_refusal_ms: None,
        success_rate: round(outcome.success),
        trace_hash: format!("{:016x}", outcome.hash),
        extra: &outcome.extra,
    }
}
