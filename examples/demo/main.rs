//! The main job: 200 chat calls at once, some of them streaming, against three providers that push
//! back, on real sockets.
//!
//! Prints a table of what happened, then one line for machines. The exit status is 1 when a call was
//! lost, when one failed without a reason, when fewer than 190 were answered, or when the providers
//! pushed back fewer than 20 times, so that the run proves something.

mod calls;
mod judge;
mod progress;
mod providers;
mod table;
mod tally;

use std::{error::Error, process::ExitCode, sync::Arc};

use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::task::JoinSet;
use tollgate_classify::ClassifyLayer;
use tollgate_core::check_resend;
use tollgate_retry::{Event, RetryLayer};
use tower::ServiceBuilder;

use self::{
    calls::Body,
    tally::{End, Tally, percentile},
};

const CALLS: usize = 200;
const ENOUGH_OK: usize = 190;
const ENOUGH_429S: u64 = 20;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let sites = providers::start().await?;
    let tally = Arc::new(Tally::default());
    let heard = tally.clone();
    let retry = RetryLayer::builder().observer(move |event: &Event| match event {
        Event::Retrying { host, wait, .. } => heard.waited(host, *wait),
        Event::Recovered { .. } => heard.saved(),
        _ => {}
    });

    let client = ServiceBuilder::new()
        .layer(retry.build()?)
        .layer(ClassifyLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Body>());
    let client = check_resend::<_, Body>(client);

    println!("{CALLS} calls at once against three providers that push back:");
    for site in &sites {
        println!("  {:<10} at {}", site.name, site.addr());
    }
    let progress = progress::show(tally.clone(), CALLS);
    let mut running = JoinSet::new();
    for n in 0..CALLS {
        running.spawn(calls::run(
            client.clone(),
            &sites[n % sites.len()],
            n,
            tally.clone(),
        ));
    }
    while let Some(done) = running.join_next().await {
        done?;
    }
    progress.await?;

    let counts = tally.counts();
    table::print(&counts, &sites);
    let ok = counts.count(|end| matches!(end, End::Ok));
    let rejected = counts.count(|end| matches!(end, End::Rejected(_)));
    let lost = CALLS - ok - rejected;
    let pushed: u64 = sites.iter().map(providers::Site::rate_limited).sum();
    println!(
        "demo: submitted={CALLS} ok={ok} rejected={rejected} lost={lost} retries={} \
         provider_429s={pushed} p95_ms={}",
        counts.retries(),
        percentile(counts.calls.iter().map(|call| call.took), 95).as_millis(),
    );
    let good = lost == 0 && ok >= ENOUGH_OK && pushed >= ENOUGH_429S;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
