//! Tells what captured answers of LLM providers mean.
//!
//! Reads one JSON object per line, `{"id", "provider", "status", "headers", "body", "received_at"}`,
//! and writes what the classify layer makes of it, in the same order; with `--explain` in a sentence. The
//! answers are those to a POST. A stream is read to its end.
//!
//! - `provider`: a name or a host, or null.
//! - `headers`: an object, or a list of pairs; a value is a string, a number, or a list of those.
//! - `body`: the text as it came, or the JSON in it.
//! - `received_at`: an RFC 3339 time that stands for the wall clock; null is now.
//!
//! All but `status` may be missing. Other fields and blank lines are passed over. A line that cannot
//! be read is reported on stderr with its number, and the rest goes on. The exit status is 0 all the
//! same, 1 where stdin or stdout fails, and 2 for an unknown argument.

mod advice;
mod explain;
mod fields;
mod headers;
mod record;
mod row;
mod usage;

use std::{
    convert::Infallible,
    io::{self, BufRead, ErrorKind, Write},
    process::ExitCode,
};

use http::{Method, Request};
use http_body_util::BodyExt;
use tollgate_classify::ClassifyLayer;
use tollgate_core::{Call, Classification, Note, SystemClock, Target, WallClock};
use tollgate_test::ManualClock;
use tower::{Layer, ServiceExt, service_fn};

use row::Row;
use usage::{Task, complain};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let ended = match usage::task() {
        Task::End(status) => return status,
        Task::Records => run(record::line).await,
        Task::Sentences => run(explain::line).await,
    };
    match ended {
        // The reader has seen enough: `| head -1`.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(error);
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

async fn run(show: impl Fn(&Row, &Classification) -> String) -> io::Result<()> {
    let clock = ManualClock::default();
    let layer = ClassifyLayer::builder().clock(clock.clone()).build();
    let layer = layer.map_err(io::Error::other)?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let (mut line, mut number) = (Vec::new(), 0_u64);
    while input.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        match Row::read(&line, number) {
            Ok(Some(row)) => {
                let seen = classify(&layer, &clock, &row).await;
                writeln!(output, "{}", show(&row, &seen))?;
                output.flush()?;
            }
            Ok(None) => {}
            Err(what) => complain(format_args!("line {number}: {what}")),
        }
        line.clear();
    }
    Ok(())
}

/// Sends a captured answer through the layer, as a client would.
async fn classify(layer: &ClassifyLayer, clock: &ManualClock, row: &Row) -> Classification {
    clock.set(
        row.received_at
            .unwrap_or_else(|| SystemClock::default().now()),
    );
    let client = service_fn(async |_: Request<()>| Ok::<_, Infallible>(row.response()));
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    if let Some(provider) = row.provider.as_deref() {
        let call = Call::new().with_target(Target::provider_only(provider));
        request.extensions_mut().insert(call);
    }
    let Ok(answer) = layer.layer(client).oneshot(request).await;
    let seen = Classification::of(&answer).into_owned();
    // An error may come later in a stream, while its body is read.
    let Some(report) = Note::of(&answer).and_then(Note::stream).cloned() else {
        return seen;
    };
    let Ok(_) = answer.into_body().collect().await;
    report.error().cloned().unwrap_or(seen)
}
