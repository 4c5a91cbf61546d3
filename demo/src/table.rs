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
    let [ill, well] = &outage.sites;
    let by = [ill, well].map(|site| format!("by {}", site.name));
    let heads = [
        "way", "states", "calls", "answered", &by[0], &by[1], "503s met",
    ];
    let mut table = self::table(&heads);
    let answered = outage.counts.count(|end| matches!(end, End::Ok));
    table.add_row([
        "route + breaker".to_owned(),
        outage.states.join(", "),
        outage.counts.calls.len().to_string(),
        answered.to_string(),
        ill.answered(200).to_string(),
        well.answered(200).to_string(),
        ill.answered(503).to_string(),
    ]);
    outage.counts.calls.iter().for_each(explain);
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
