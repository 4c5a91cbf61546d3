//! The arguments, and what is said about them.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

const USAGE: &str = "\
usage: classify [--explain] < answers.jsonl

Tells what captured answers of LLM providers mean. One JSON object per line:
{\"id\": \"1\", \"provider\": null, \"status\": 429, \"headers\": {\"retry-after\": \"7\"}, \"body\": \"\", \"received_at\": null}

  --explain   one plain sentence per answer, instead of JSON
  -h, --help  this text
";

/// What to do, or how to end.
pub(crate) enum Task {
    Records,
    Sentences,
    End(ExitCode),
}

pub(crate) fn task() -> Task {
    let mut task = Task::Records;
    for arg in std::env::args_os().skip(1) {
        match arg.to_string_lossy().as_ref() {
            "--explain" => task = Task::Sentences,
            "-h" | "--help" => {
                // Whoever closes the pipe has read enough.
                let _ = io::stdout().write_all(USAGE.as_bytes());
                return Task::End(ExitCode::SUCCESS);
            }
            other => {
                complain(format_args!("unknown argument {other:?}\n\n{USAGE}"));
                return Task::End(ExitCode::from(2));
            }
        }
    }
    if io::stdin().is_terminal() {
        complain("reading JSON lines from the terminal; --help shows one, Ctrl-D ends");
    }
    task
}

/// Writes to stderr. Where that fails, there is nobody left to tell.
pub(crate) fn complain(what: impl Display) {
    let _ = writeln!(io::stderr(), "{what}");
}
