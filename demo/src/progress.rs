//! Shows that something happens: a bar on a terminal, a line a second elsewhere.

use std::{io::IsTerminal, sync::Arc, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::{task::JoinHandle, time::interval};

use super::tally::{End, Tally};

/// Reports until it is finished; dropped with the task.
pub(crate) fn show(tally: Arc<Tally>, total: usize) -> JoinHandle<()> {
    tokio::spawn(async move {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new(total as u64).with_style(style());
        let mut ticks = interval(Duration::from_millis(if terminal { 100 } else { 1_000 }));
        loop {
            ticks.tick().await;
            let counts = tally.counts();
            let answered = counts.count(|end| matches!(end, End::Ok));
            let state = format!("{answered} answered, {} sent again", counts.retries());
            bar.set_position(counts.calls.len() as u64);
            bar.set_message(state.clone());
            if !terminal {
                eprintln!("{:>4}/{total} done: {state}", counts.calls.len());
            }
            if counts.calls.len() == total {
                return bar.finish();
            }
        }
    })
}

fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{elapsed:>4} [{bar:40}] {pos}/{len}  {msg}");
    style
        .expect("the template is a constant")
        .progress_chars("=> ")
}
