//! What came of the runs, for people.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::play::{CALLS, Played};

/// Prints a line for each run.
pub(super) fn print(played: &[Played]) {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY);
    table.set_header(["shape", "client", "R", "last answer", "429s", "answered"]);
    for run in played {
        let (last, best) = (run.last.as_secs_f64(), run.shape.best().as_secs_f64());
        table.add_row([
            run.shape.name(),
            run.client.name().to_owned(),
            format!("{:.3}", last / best),
            format!("{last:.2} of {best:.1} s"),
            run.rejections.to_string(),
            format!("{} of {CALLS}", run.answered),
        ]);
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{CALLS} calls at once, 10 a second allowed, over loopback in real time");
    println!("{table}");
    println!("R: the time of the last answer over the earliest time at which it could come");
}
