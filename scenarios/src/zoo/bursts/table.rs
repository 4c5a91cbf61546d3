//! What small bursts paid, for people.

use comfy_table::{CellAlignment, Table, presets::UTF8_BORDERS_ONLY};

use super::{
    case::{CALLS, Case, KeyState},
    play::Paid,
};

/// How much later than its latency an answer may come, in seconds.
pub(in crate::zoo) const ALLOWED: f64 = 0.5;

/// Prints a line for each key, kind of answers and latency, with all numbers of calls.
pub(super) fn print(cases: &[Case], paid: &[Paid]) {
    let mut table = Table::new();
    table.load_preset(UTF8_BORDERS_ONLY);
    let heads = ["key", "headers", "latency"].map(str::to_owned);
    let calls = CALLS.map(|calls| format!("{calls} calls"));
    table.set_header(heads.into_iter().chain(calls));
    for (cases, paid) in cases.chunks(CALLS.len()).zip(paid.chunks(CALLS.len())) {
        let first = &cases[0];
        let heads = [
            first.key.name().to_owned(),
            headers(first.headers).to_owned(),
            format!("{} s", first.latency),
        ];
        let cells = cases.iter().zip(paid).map(|(case, paid)| cell(case, paid));
        table.add_row(heads.into_iter().chain(cells));
    }
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!(
        "small bursts, 3,000 a minute allowed: how much later than its latency the last answer came"
    );
    println!("{table}");
    let good = cases
        .iter()
        .zip(paid)
        .filter(|(case, paid)| paid.is_good(case));
    println!("{} of {} within {ALLOWED} s", good.count(), cases.len());
}

fn cell(case: &Case, paid: &Paid) -> String {
    let mark = if paid.is_good(case) { "" } else { "! " };
    let answered = match paid.answered {
        answered if answered < case.calls => format!(", {answered} answered"),
        _ => String::new(),
    };
    format!("{mark}{:.2} s{answered}", paid.worst)
}

pub(super) const fn headers(sent: bool) -> &'static str {
    if sent { "openai" } else { "none" }
}

impl Paid {
    /// All calls were answered in time.
    pub(in crate::zoo) fn is_good(&self, case: &Case) -> bool {
        self.answered == case.calls && self.worst <= ALLOWED
    }
}

impl KeyState {
    const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Idle => "idle for an hour",
            Self::Configured => "configured",
            Self::Restored => "restored",
        }
    }
}
