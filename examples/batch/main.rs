//! 1,000 prompts through one limit, with a bar, and without losing what is done.
//!
//! ```text
//! cargo run --release --example batch                              shows a stop and a restart
//! cargo run --release --example batch -- PROMPTS.jsonl ANSWERS.jsonl
//! ```
//!
//! A prompt is a line `{"id": "1", "prompt": "..."}`; its answer is a line `{"id": "1", "answer":
//! "..."}`, appended as it comes, in any order. Started again with the same files it asks only what
//! has no answer yet, also after it was killed in the middle of a line. Ctrl-C lets the calls that are
//! under way end. What was taken of the limit is written down beside the answers, so that a restart
//! does not begin with a burst that is not there. The provider is on loopback, 120 calls a second.

mod answers;
mod ask;
mod bar;
mod prompts;
mod session;
#[cfg(test)]
mod tests;

use std::{env, fs, io::Write, path::PathBuf, process, time::Duration};

use tokio::{
    signal::ctrl_c,
    time::{Instant, sleep},
};
use tollgate::BoxError;
use tollgate_test::{Dialect, Kind, Provider, Quota};

use session::Session;

const SECOND: Duration = Duration::from_secs(1);
/// What the provider allows: so many calls a second, and as many at once.
const RATE: u64 = 120;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(Quota::bucket(Kind::Requests, RATE, SECOND, RATE))
        .latency(SECOND / 5, SECOND / 10)
        .build();
    let server = provider.serve().await?;
    let start = Instant::now();
    let args: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let (total, answered) = match &args[..] {
        [prompts, answers] => {
            let (prompts, answers) = (prompts.clone(), answers.clone());
            let provider = server.uri();
            let session = Session {
                prompts,
                answers,
                provider,
            };
            session.run(ctrl_c()).await?
        }
        [] => stop_and_restart(server.uri()).await?,
        _ => return Err("none or two files are needed: PROMPTS.jsonl ANSWERS.jsonl".into()),
    };
    let (stats, took) = (provider.stats(), start.elapsed());
    let ideal = SECOND.mul_f64(stats.calls.saturating_sub(RATE) as f64 / RATE as f64);
    println!(
        "{answered} of {total} answered, {} calls met a 429",
        stats.rate_limited
    );
    println!("{took:.1?}, where the limit allows no less than {ideal:.1?}");
    server.shutdown().await;
    match args.is_empty() && (answered < total || stats.rate_limited > 10) {
        true => Err("it should have gone better".into()),
        false => Ok(()),
    }
}

/// The same files twice: stopped, and started again. The second run must not ask for more than the
/// first one left of the limit.
async fn stop_and_restart(provider: String) -> Result<(usize, usize), BoxError> {
    let folder = env::temp_dir().join(format!("tollgate-batch-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let (prompts, answers) = (folder.join("prompts.jsonl"), folder.join("answers.jsonl"));
    prompts::generate(&prompts, 1_000)?;
    let session = Session {
        prompts,
        answers,
        provider,
    };
    let (total, answered) = session.run(sleep(3 * SECOND)).await?;
    println!("Stopped, with {answered} of {total} answered; and killed while it wrote a line.");
    let mut spoiled = fs::OpenOptions::new().append(true).open(&session.answers)?;
    spoiled.write_all(br#"{"id":"1000","ans"#)?;
    let ended = session.run(ctrl_c()).await?;
    fs::remove_dir_all(&folder)?;
    Ok(ended)
}
