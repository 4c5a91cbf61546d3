//! Shows on stderr that something happens: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// Told of every run.
pub(crate) struct Progress {
    bar: ProgressBar,
    terminal: bool,
}

impl Progress {
    /// As many runs will come.
    pub(crate) fn new(runs: usize) -> Self {
        let style = ProgressStyle::with_template("{elapsed:>4} [{bar:40}] {pos}/{len}  {msg}");
        let style = style.expect("the template is a constant");
        Self {
            bar: ProgressBar::new(runs as u64).with_style(style.progress_chars("=> ")),
            terminal: std::io::stderr().is_terminal(),
        }
    }

    /// One more is done.
    pub(crate) fn ran(&self, label: &str, client: &str) {
        self.bar.set_message(format!("row {label}, {client}"));
        self.bar.inc(1);
        let (ran, runs) = (self.bar.position(), self.bar.length().unwrap_or(1));
        if !self.terminal && (ran * 10 / runs) != ((ran - 1) * 10 / runs) {
            eprintln!("{ran:>5} of {runs} runs done: row {label}, {client}");
        }
    }
}
