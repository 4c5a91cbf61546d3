//! Instructions per call, counted by valgrind's callgrind.

use std::{env, process::Command};

const FEW: u64 = 200;
const MANY: u64 = 1_200;

/// Instructions of one call of a row; `None` where valgrind is not installed or fails.
///
/// The bench runs itself under callgrind twice, with few and with many calls: the difference is
/// free of everything that happens once.
pub(crate) fn instructions(row: &str) -> Option<f64> {
    let few = total(row, FEW)?;
    let many = total(row, MANY)?;
    Some((many.checked_sub(few)? as f64 / (MANY - FEW) as f64).round())
}

fn total(row: &str, calls: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().ok()?)
        .args(["--row", row, "--calls", &calls.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    // "==123== Collected : 4567890"
    let line = said.lines().find(|line| line.contains("Collected"))?;
    line.rsplit(' ').next()?.parse().ok()
}
