//! The table of the stories.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{Tale, outcome::Outcome};

const HEADS: [&str; 9] = [
    "row",
    "client",
    "success",
    "429s/success",
    "lost",
    "refused",
    "wait p50",
    "wait p99",
    "figures of the story",
];

/// Prints the worst of the seeds for each story and client.
pub(crate) fn print(tales: &[Tale]) {
    if tales.is_empty() {
        return;
    }
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY).set_header(HEADS);
    for tale in tales {
        table.add_row(row(tale));
    }
    for column in table.column_iter_mut().skip(2).take(6) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    println!("figures of the story: from the least to the most of all seeds");
}

fn row(tale: &Tale) -> Vec<String> {
    let all = &tale.outcomes;
    let most = |of: &dyn Fn(&Outcome) -> f64| all.iter().map(of).fold(0.0, f64::max);
    let success = all.iter().map(|it| it.success).fold(1.0, f64::min);
    let longest = |of: fn(&Outcome) -> Duration| {
        let longest = all.iter().map(of).max().unwrap_or_default();
        format!("{:.1} s", longest.as_secs_f64())
    };
    vec![
        tale.story.label().to_owned(),
        tale.client.name().to_owned(),
        format!("{:.2} %", success * 100.0),
        format!("{:.4}", most(&|it| it.wasted)),
        most(&|it| it.lost as f64).to_string(),
        most(&|it| it.rejected as f64).to_string(),
        longest(|it| it.p50),
        longest(|it| it.p99),
        figures(all),
    ]
}

/// A line for each figure that a run had.
fn figures(all: &[Outcome]) -> String {
    let Some(first) = all.first() else {
        return String::new();
    };
    let line = |name: &&str| {
        let known = || all.iter().filter_map(|it| it.extra[name]);
        let (least, most) = (known().min()?, known().max()?);
        Some(match least == most {
            true => format!("{name} {most}"),
            false => format!("{name} {least} to {most}"),
        })
    };
    let lines: Vec<String> = first.extra.keys().filter_map(line).collect();
    lines.join("\n")
}
