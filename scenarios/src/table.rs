//! The table for people: the worst of the seeds.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{batch::Entry, outcome::Outcome};

const HEADS: [&str; 14] = [
    "row",
    "provider",
    "headers",
    "client",
    "R",
    "429s/success",
    "lost",
    "refused",
    "told after",
    "wait p50",
    "wait p99",
    "peak/100 ms",
    "goodput",
    "others",
];

/// Prints the worst of the seeds for each row and client.
pub(crate) fn print(entries: &[Entry]) {
    if entries.is_empty() {
        return;
    }
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
    println!("where calls keep coming: the answered, by the most that could be");
    println!("refused, told after: turned away by the client itself, and how late at worst");
    println!("others: the part of the neighbours' calls that was served");
}

fn row(entry: &Entry) -> Vec<String> {
    let all = &entry.outcomes;
    let most = |of: &dyn Fn(&Outcome) -> f64| all.iter().map(of).fold(f64::MIN, f64::max);
    let least = |of: &dyn Fn(&Outcome) -> Option<f64>| {
        let known = all.iter().filter_map(of);
        known
            .min_by(f64::total_cmp)
            .map_or(String::new(), |it| format!("{it:.3}"))
    };
    let longest = |of: fn(&Outcome) -> Duration| {
        let longest = all.iter().map(of).max().unwrap_or_default();
        format!("{:.1} s", longest.as_secs_f64())
    };
    let lost = all.iter().map(|it| it.lost).max().unwrap_or(0);
    let ratio = all.iter().filter_map(|it| it.ratio).max_by(f64::total_cmp);
    let refusal = all.iter().filter_map(|it| it.refusal).max();
    vec![
        entry.case.label.to_owned(),
        entry.case.model.name().to_owned(),
        entry.case.headers_name().to_owned(),
        entry.client.name().to_owned(),
        match ratio {
            Some(ratio) if lost > 0 => format!("({ratio:.3})"),
            Some(ratio) => format!("{ratio:.3}"),
            None => String::new(),
        },
        format!("{:.4}", most(&|it| it.wasted)),
        lost.to_string(),
        most(&|it| it.rejected as f64).to_string(),
        refusal.map_or(String::new(), |it| {
            format!("{:.1} ms", it.as_secs_f64() * 1e3)
        }),
        longest(|it| it.p50),
        longest(|it| it.p99),
        format!("{}", most(&|it| it.peak as f64)),
        least(&|it| it.goodput),
        least(&|it| it.neighbours),
    ]
}
