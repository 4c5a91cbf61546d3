//! An OpenAI-compatible gateway: clients call it as they call OpenAI, and the stack finds a provider
//! that answers.
//!
//! ```text
//! cargo run --release -p tollgate-gateway -- --listen 127.0.0.1:8080 [--config FILE]
//!
//!  any OpenAI SDK ─▶ /v1/… ─▶ body, model ─▶ stack: route, retry, breaker, limit, classify ─▶ providers
//!                 ◀─ token by token, or an error in OpenAI's shape with Retry-After ◀─
//! ```
//!
//! `gateway/tollgate.toml` shows all that the file can say. Without one the gateway calls three
//! simulated providers of its own, whose limits are so low that calls fall back as soon as there are
//! some at once. A client's key is neither asked for nor passed on: the providers' keys are those of
//! the file. `x-tollgate-target` in an answer says who gave it.
//!
//! Beside the calls it serves `/v1/models`, `/metrics` for Prometheus, `/debug/tollgate` (all that the
//! stack knows, as JSON) and `/healthz`. SIGHUP reads the file anew; SIGTERM and Ctrl-C end it when
//! the last call has ended.

mod app;
mod args;
mod body;
mod call;
mod debug;
mod embedded;
mod gateway;
mod list;
mod log;
mod metrics;
mod models;
mod refusal;
mod serve;
mod signals;
mod source;
#[cfg(test)]
mod tests;
mod together;

use std::process::ExitCode;

use tokio::net::TcpListener;
use tollgate::BoxError;

use self::{args::Args, gateway::Gateway, source::Source};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        // What is wrong with a file is a line of its own for each problem.
        Err(error) => {
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), BoxError> {
    let args = Args::read(lexopt::Parser::from_env())?;
    if args.help {
        println!("{}", args::USAGE);
        return Ok(());
    }
    log::start(&args.log)?;
    let source = Source::open(args.config).await?;
    let gateway = Gateway::new(source.config()?, metrics::start()?)?;
    let listener = TcpListener::bind(&args.listen).await?;
    let stop = signals::stop()?;
    signals::reload(gateway.clone(), source)?;
    println!("listening on http://{}", listener.local_addr()?);
    let handle = gateway.handle.clone();
    serve::serve(listener, app::app(gateway), handle, stop).await?;
    Ok(())
}
