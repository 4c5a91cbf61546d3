//! The tables at the end.

mod row;

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use self::row::row;
use super::{
    outage::Outage,
    run::Run,
    tally::{Call, End},
};

const HEADS: [&str; 12] = [
    "way",
    "provider",
    "calls",
    "answered",
    "429s met",
    "529s met",
    "sent again",
    "wait p50",
    "wait p95",
    "whole call p95",
    "handed back",
    "lost",
];

/// Prints what happened at each provider in each way, and why calls were not answered.
pub(crate) fn print(runs: &[&Run], outage: &Outage) {
    let mut table = table(&HEADS);
    for run in runs {
        for site in &run.sites {
            table.add_row(row(site.name, run, &[site]));
        }
        table.add_row(row("all", run, &run.sites.iter().collect::<Vec<_>>()));
    }
    println!("\n{}\n", aligned(table, 2));
    for run in runs {
        println!(
            "{}: {} calls met a refusal first and were answered all the same.",
            run.way, run.counts.saved
        );
        run.counts.calls.iter().for_each(explain);
    }
    let mut table = self::table(&["way", "states", "calls", "answered", "503s met", "not sent"]);
    let asked = outage.site.answered(503);
    let rejected = outage.counts.count(|end| matches!(end, End::Rejected(_))) as u64;
    table.add_row([
        "breaker".to_owned(),
        outage.states.join(", "),
        outage.counts.calls.len().to_string(),
        outage
            .counts
            .count(|end| matches!(end, End::Ok))
            .to_string(),
        asked.to_string(),
        rejected.saturating_sub(asked).to_string(),
    ]);
    println!("\n{}\n", aligned(table, 2));
}

fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_header(heads);
    table
}

/// All but the first columns are figures.
fn aligned(mut table: Table, words: usize) -> Table {
    for column in table.column_iter_mut().skip(words) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn explain(call: &Call) {
    match &call.end {
        End::Ok => {}
        End::Rejected(why) => println!("handed back by {}: {why}", call.provider),
        End::Lost(why) => println!("lost at {}: {why}", call.provider),
    }
}
