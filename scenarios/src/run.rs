//! One run: a row, a client and a seed, in virtual time.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::{runtime::Builder, time::timeout};
use tollgate_core::Random;

use super::{
    case::Case,
    clients::{Client, Job},
    outcome::Outcome,
    wire::Wire,
    world::provider,
};

/// Who has no answer by then has lost.
const CURTAIN: Duration = Duration::from_secs(2 * 3_600);

/// Runs to the end, or until two hours have passed.
pub(crate) fn run(case: &Case, client: Client, seed: u64) -> Outcome {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(async {
        let provider = provider(case, seed);
        let wire = Wire::new(&provider);
        let random = Random::seeded(seed ^ 0x636c_6965_6e74);
        let part = case.calls / case.processes;
        let processes = (0..case.processes).map(|n| {
            client.run(Job {
                case,
                seed,
                calls: n * part..(n + 1) * part,
                wire: wire.clone(),
                random: random.fork(),
            })
        });
        // Whoever was cut off is seen in the trace.
        let _ = timeout(CURTAIN, join_all(processes)).await;
        let (trace, told) = wire.take();
        Outcome::of((&trace, &told), &provider.stats(), case, seed)
    })
}
