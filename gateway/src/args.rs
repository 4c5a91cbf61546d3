//! The command line.

use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};

pub(crate) const USAGE: &str = "\
gateway: serves OpenAI's API, and falls back from one provider to the next

  --listen ADDRESS  where it listens; port 0 takes a free one (127.0.0.1:8080)
  --config FILE     providers, keys, routes and limits; simulated providers without it
  --log FILTER      what goes to stderr, such as warn or info,tollgate::limit=debug (info)";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) listen: String,
    pub(crate) config: Option<PathBuf>,
    pub(crate) log: String,
    pub(crate) help: bool,
}

impl Args {
    pub(crate) fn read(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let mut args = Self {
            listen: "127.0.0.1:8080".to_owned(),
            config: None,
            log: "info".to_owned(),
            help: false,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("listen") => args.listen = parser.value()?.string()?,
                Arg::Long("config") => args.config = Some(parser.value()?.into()),
                Arg::Long("log") => args.log = parser.value()?.string()?,
                Arg::Long("help") | Arg::Short('h') => args.help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(args)
    }
}
