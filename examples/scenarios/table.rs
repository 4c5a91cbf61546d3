//! The table for people: the worst of the seeds.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{batch::Entry, outcome::Outcome};

const HEADS: [&str; 12] = [
    "row",
    "provider",
    "headers",
    "client",
    "R",
    "429s/success",
    "lost",
    "wait p50",
    "wait p99",
    "peak/100 ms",
    "goodput",
    "others",
];

/// Prints the worst of the seeds for each row and client.
pub(crate) fn print(entries: &[Entry]) {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_header(HEADS);
    for entry in entries {
        table.add_row(row(entry));
    }
    for column in table.column_iter_mut().skip(4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    println!(
        "R: time until the last answer, by the best there is; in brackets where calls were lost"
    );
    println!("goodput: the best time for the calls that were answered, by the time they took");
    println!("others: the part of the neighbours' calls that was served");
}

fn row(entry: &Entry) -> Vec<String> {
    let all = &entry.outcomes;
    let most = |of: &dyn Fn(&Outcome) -> f64| all.iter().map(of).fold(f64::MIN, f64::max);
    let least = |of: &dyn Fn(&Outcome) -> f64| -most(&|it| -of(it));
    let longest = |of: fn(&Outcome) -> Duration| {
        let longest = all.iter().map(of).max().unwrap_or_default();
        format!("{:.1} s", longest.as_secs_f64())
    };
    let lost = all.iter().map(|it| it.lost).max().unwrap_or(0);
    let ratio = format!("{:.3}", most(&|it| it.ratio));
    let others = all.iter().any(|it| it.neighbours.is_some());
    vec![
        entry.case.label.to_owned(),
        entry.case.model.name().to_owned(),
        entry.case.headers_name().to_owned(),
        entry.client.name().to_owned(),
        if lost > 0 {
            format!("({ratio})")
        } else {
            ratio
        },
        format!("{:.4}", most(&|it| it.wasted)),
        lost.to_string(),
        longest(|it| it.p50),
        longest(|it| it.p99),
        format!("{}", most(&|it| it.peak as f64)),
        format!("{:.3}", least(&|it| it.goodput)),
        if others {
            format!("{:.3}", least(&|it| it.neighbours.unwrap_or(1.0)))
        } else {
            String::new()
        },
    ]
}
