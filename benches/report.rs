//! The command line of a bench, and what it prints.

use std::env;

use serde_json::json;
use tokio::runtime::Builder;

use crate::{Figures, Row, callgrind};

/// Runs a bench: a table for people, or with `--json` one line per row.
///
/// The first row is the bare client, which the table takes off the others. Instructions are counted
/// where valgrind is installed; `--no-ir` leaves them out.
///
/// The rows are made inside a runtime, on which their calls then run.
///
/// # Panics
///
/// When `--row` names no row or `--calls` is no number.
pub fn run(rows: fn() -> Vec<Row>) {
    let runtime = Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime without I/O");
    let mut rows = {
        let _inside = runtime.enter();
        rows()
    };
    let args: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1)
    };
    if let Some(name) = value("--row") {
        let row = rows
            .iter_mut()
            .find(|row| row.name == *name)
            .expect("a row of this name");
        let calls = value("--calls").map_or("1", String::as_str);
        return row.call(&runtime, calls.parse().expect("a number of calls"));
    }
    let has = |name: &str| args.iter().any(|arg| arg == name);
    let mut bare = None;
    for row in &mut rows {
        let mut figures = row.measure(&runtime);
        if !has("--no-ir") {
            figures.ir = callgrind::instructions(&row.name);
        }
        if has("--json") {
            print_json(&row.name, figures);
        } else {
            if bare.is_none() {
                println!(
                    "{:<42} {:>9} {:>7} {:>8} {:>8}",
                    "added to bare, per call", "instr.", "allocs", "bytes", "ns"
                );
            }
            print_row(&row.name, figures, bare.filter(|_| row.over_bare));
        }
        bare = bare.or(Some(figures));
    }
}

fn print_json(name: &str, figures: Figures) {
    let line = json!({
        "name": name,
        "ns_per_call": (figures.ns * 10.0).round() / 10.0,
        "allocs_per_call": figures.allocs,
        "bytes_per_call": figures.bytes,
        "ir_per_call": figures.ir,
    });
    println!("{line}");
}

fn print_row(name: &str, figures: Figures, bare: Option<Figures>) {
    let off = |pick: fn(Figures) -> f64| pick(figures) - bare.map_or(0.0, pick);
    let ir = match (figures.ir, bare.map(|bare| bare.ir)) {
        (Some(ir), Some(Some(bare))) => format!("{:.0}", ir - bare),
        (Some(ir), None) => format!("{ir:.0}"),
        _ => "-".to_owned(),
    };
    println!(
        "{name:<42} {ir:>9} {:>7.0} {:>8.0} {:>8.0}",
        off(|f| f.allocs),
        off(|f| f.bytes),
        off(|f| f.ns),
    );
}
