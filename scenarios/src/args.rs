//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
scenarios: how close to a provider's limit each client gets, in virtual time

  --only LABEL[,LABEL]  only these rows
  --client NAME[,NAME]  only these clients
  --seeds K             how many seeds; the worst is shown (5)
  --json                a line of JSON for each run in place of the table
  --plot DIR            also draw the goodput over time, as SVG

scenarios zoo --help: random worlds, each played with the limiter and without it
scenarios bursts: what small bursts far below a limit pay, and calls where there is no limit
scenarios sockets: 300 calls at once over loopback, in real time";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) only: Vec<String>,
    pub(crate) clients: Vec<String>,
    pub(crate) seeds: u64,
    pub(crate) json: bool,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) help: bool,
}

impl Args {
    pub(crate) fn read(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let mut args = Self {
            only: Vec::new(),
            clients: Vec::new(),
            seeds: 5,
            json: false,
            plot: None,
            help: false,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("only") => args.only.extend(list(&mut parser)?),
                Arg::Long("client") => args.clients.extend(list(&mut parser)?),
                Arg::Long("seeds") => args.seeds = parser.value()?.parse()?,
                Arg::Long("json") => args.json = true,
                Arg::Long("plot") => args.plot = Some(parser.value()?.into()),
                Arg::Long("help") | Arg::Short('h') => args.help = true,
                other => return Err(other.unexpected()),
            }
        }
        if args.seeds == 0 {
            return Err("--seeds must be at least 1".into());
        }
        Ok(args)
    }

    pub(crate) fn wants(&self, label: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == label)
    }

    pub(crate) fn wants_client(&self, name: &str) -> bool {
        self.clients.is_empty() || self.clients.iter().any(|only| only == name)
    }
}

/// Names, with commas between them.
fn list(parser: &mut Parser) -> Result<Vec<String>, lexopt::Error> {
    let names = parser.value()?.string()?;
    Ok(names
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect())
}
