//! The main job: 200 chat calls at once, some of them streaming, against three providers that push
//! back, on real sockets. Once with retries alone, once with the limiter below them; then a provider
//! falls ill: a breaker keeps calls away from it, and a router has another one answer them.
//!
//! Prints a table of what happened, then one line for machines: the figures of the limited run, and
//! how often the providers pushed back in the first one (`provider_429s`) and in that one. The exit
//! status is 1 when a call was lost, when one failed without a reason, when fewer than 190 were
//! answered, when the outage did not end or cost a single call, or when the providers pushed back fewer than 20 times in
//! the first run, so that it proves something.

mod calls;
mod clients;
mod judge;
mod outage;
mod progress;
mod providers;
mod run;
mod table;
mod tally;

use std::process::ExitCode;

use self::{calls::Failure, run::Run, tally::percentile};

const CALLS: usize = 200;
const ENOUGH_OK: usize = 190;
const ENOUGH_429S: u64 = 20;

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    println!("Three providers that push back, on loopback.\n");
    let free = Run::of("retry", CALLS, clients::retrying).await?;
    let limited = Run::of("retry + limit", CALLS, clients::limited).await?;
    let outage = outage::run().await?;
    table::print(&[&free, &limited], &outage);
    println!(
        "demo: submitted={CALLS} ok={} rejected={} lost={} retries={} provider_429s={} p95_ms={} \
         provider_429s_limited={}",
        limited.ok(),
        limited.rejected(),
        limited.lost(CALLS),
        limited.counts.retries(),
        free.rate_limited(),
        percentile(limited.counts.calls.iter().map(|call| call.took), 95).as_millis(),
        limited.rate_limited(),
    );
    let whole = |run: &Run| run.lost(CALLS) == 0 && run.ok() >= ENOUGH_OK;
    let pushed = free.rate_limited() >= ENOUGH_429S;
    Ok(
        match whole(&free) && whole(&limited) && pushed && outage.is_over() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        },
    )
}
