//! What came of the floods, for people.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{
    flood::{Flood, Reached},
    table::headers,
};

/// Prints when each flood went out as fast as it came.
pub(super) fn print(floods: &[Flood], reached: &[Reached]) {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY);
    table.set_header([
        "headers",
        "latency",
        "5,000/s after",
        "latest answer",
        "answered",
    ]);
    for (flood, reached) in floods.iter().zip(reached) {
        let after = |at: Duration| format!("{:.2} s", at.as_secs_f64());
        table.add_row([
            headers(flood.headers).to_owned(),
            format!("{} s", flood.latency),
            reached.at.map_or("never".to_owned(), after),
            format!("{:.2} s", reached.worst),
            format!("{} of {}", reached.answered, reached.calls),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!(
        "no limit, calls grow to 5,000 a second within a second: when as many reach the provider"
    );
    println!("{table}");
}
