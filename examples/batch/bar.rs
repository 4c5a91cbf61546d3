//! Shows that something happens: a bar on a terminal, a line a second elsewhere.

use std::{io::IsTerminal, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::Instant;

pub(crate) struct Bar {
    bar: ProgressBar,
    said: Option<Instant>,
}

impl Bar {
    /// Of `total` prompts, `done` have an answer already.
    pub(crate) fn new(total: usize, done: usize) -> Self {
        let template = "{elapsed:>4} [{bar:40}] {pos}/{len}  {per_sec}, {eta} to go";
        let style = ProgressStyle::with_template(template).expect("the template is a constant");
        let bar = ProgressBar::new(total as u64).with_style(style.progress_chars("=> "));
        bar.set_position(done as u64);
        bar.reset_eta();
        let terminal = std::io::stderr().is_terminal();
        Self {
            bar,
            said: (!terminal).then(Instant::now),
        }
    }

    pub(crate) fn answered(&mut self) {
        self.bar.inc(1);
        if let Some(said) = &mut self.said {
            if said.elapsed() >= Duration::from_secs(1) {
                *said = Instant::now();
                let total = self.bar.length().unwrap_or_default();
                eprintln!("{:>5}/{total} answered", self.bar.position());
            }
        }
    }

    pub(crate) fn end(&self) {
        self.bar.abandon();
    }
}
