//! One line of JSON for each run.

use serde::Serialize;

use super::{batch::Entry, outcome::Outcome};

/// A run as it is printed.
#[derive(Serialize)]
pub(crate) struct Line<'a, X> {
    pub(crate) scenario: &'a str,
    pub(crate) provider_model: Option<&'a str>,
    pub(crate) client: &'a str,
    pub(crate) seed: usize,
    pub(crate) makespan_ratio: Option<f64>,
    pub(crate) wasted_per_success: f64,
    pub(crate) lost: usize,
    pub(crate) rejected: usize,
    pub(crate) p50_wait_ms: u128,
    pub(crate) p99_wait_ms: u128,
    pub(crate) peak_100ms: usize,
    pub(crate) goodput: Option<f64>,
    pub(crate) max_refusal_ms: Option<f64>,
    pub(crate) success_rate: f64,
    pub(crate) trace_hash: String,
    pub(crate) extra: X,
}

#[derive(Serialize)]
pub(crate) struct Extra<'a> {
    headers: &'a str,
    processes: usize,
    calls: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    neighbours_success: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_most: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    breaker_changes: Option<u64>,
}

/// Prints all runs, in the order of the rows.
pub(crate) fn print(entries: &[Entry]) -> serde_json::Result<()> {
    for entry in entries {
        for (place, outcome) in entry.outcomes.iter().enumerate() {
            println!(
                "{}",
                serde_json::to_string(&line(entry, place + 1, outcome))?
            );
        }
    }
    Ok(())
}

/// What is printed of a run.
pub(crate) fn line<'a>(entry: &'a Entry, seed: usize, outcome: &Outcome) -> Line<'a, Extra<'a>> {
    Line {
        scenario: entry.case.label,
        provider_model: Some(entry.case.model.name()),
        client: entry.client.name(),
        seed,
        makespan_ratio: outcome.ratio.map(round),
        wasted_per_success: round(outcome.wasted),
        lost: outcome.lost,
        rejected: outcome.rejected,
        p50_wait_ms: outcome.p50.as_millis(),
        p99_wait_ms: outcome.p99.as_millis(),
        peak_100ms: outcome.peak,
        goodput: outcome.goodput.map(round),
        max_refusal_ms: outcome.refusal.map(|it| round(it.as_secs_f64() * 1e3)),
        success_rate: round(outcome.success),
        trace_hash: format!("{:016x}", outcome.hash),
        extra: Extra {
            headers: entry.case.headers_name(),
            processes: entry.case.processes,
            calls: entry.case.calls,
            neighbours_success: outcome.neighbours.map(round),
            waiting_most: outcome.waiting,
            breaker_changes: outcome.flaps,
        },
    }
}

/// To five places: more would be noise.
pub(crate) fn round(x: f64) -> f64 {
    (x * 100_000.0).round() / 100_000.0
}
