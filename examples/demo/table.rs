//! The table at the end, and the one line for machines.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{
    providers::Site,
    tally::{Call, Counts, End, percentile},
};

/// Prints what happened at each provider, and why calls were not answered.
pub(crate) fn print(counts: &Counts, sites: &[Site]) {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_header([
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
    ]);
    for site in sites {
        table.add_row(row(site.name, counts, &[site]));
    }
    table.add_row(row("all", counts, &sites.iter().collect::<Vec<_>>()));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("\n{table}\n");
    println!(
        "{} calls met a refusal first and were answered all the same.",
        counts.saved
    );
    for call in &counts.calls {
        match &call.end {
            End::Ok => {}
            End::Rejected(why) => println!("handed back by {}: {why}", call.provider),
            End::Lost(why) => println!("lost at {}: {why}", call.provider),
        }
    }
}

fn row(name: &str, counts: &Counts, sites: &[&Site]) -> Vec<String> {
    let here = |call: &&Call| sites.iter().any(|site| site.name == call.provider);
    let calls = || counts.calls.iter().filter(here);
    let ended = |of: fn(&End) -> bool| calls().filter(|call| of(&call.end)).count().to_string();
    let waits = || {
        let of_sites = counts
            .waits
            .iter()
            .filter(|(name, _)| sites.iter().any(|s| s.name == **name));
        of_sites.flat_map(|(_, waits)| waits.iter().copied())
    };
    vec![
        name.to_owned(),
        calls().count().to_string(),
        ended(|end| matches!(end, End::Ok)),
        sites
            .iter()
            .map(|site| site.rate_limited())
            .sum::<u64>()
            .to_string(),
        sites
            .iter()
            .map(|site| site.overloaded())
            .sum::<u64>()
            .to_string(),
        waits().count().to_string(),
        format!("{:.1?}", percentile(waits(), 50)),
        format!("{:.1?}", percentile(waits(), 95)),
        format!("{:.1?}", percentile(calls().map(|call| call.took), 95)),
        ended(|end| matches!(end, End::Rejected(_))),
        ended(|end| matches!(end, End::Lost(_))),
    ]
}
