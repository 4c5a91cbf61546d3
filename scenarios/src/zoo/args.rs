//! The command line of the zoo.

use lexopt::{Arg, Parser, ValueExt};

use super::policy::Policy;

pub(super) const USAGE: &str = "\
scenarios zoo: random worlds, each played with the limiter and without it, in virtual time

  --worlds K        how many worlds (300)
  --seed S          the seed of the first world; the next ones follow (1)
  --policies LIST   off, default, told, governor; all unless set
  --only SEED       one world: what it is like, and what the limiter did in it
  --json            a line of JSON for each world and policy in place of the table";

#[derive(Debug)]
pub(super) struct Args {
    pub(super) worlds: u64,
    pub(super) seed: u64,
    /// In the order of [`Policy::ALL`].
    pub(super) policies: Vec<Policy>,
    pub(super) only: Option<u64>,
    pub(super) json: bool,
    pub(super) help: bool,
}

impl Args {
    pub(super) fn read(mut parser: Parser) -> Result<Self, lexopt::Error> {
        let mut args = Self {
            worlds: 300,
            seed: 1,
            policies: Policy::ALL.to_vec(),
            only: None,
            json: false,
            help: false,
        };
        while let Some(arg) = parser.next()? {
            match arg {
                Arg::Long("worlds") => args.worlds = parser.value()?.parse()?,
                Arg::Long("seed") => args.seed = parser.value()?.parse()?,
                Arg::Long("policies") => args.policies = policies(&parser.value()?.string()?)?,
                Arg::Long("only") => args.only = Some(parser.value()?.parse()?),
                Arg::Long("json") => args.json = true,
                Arg::Long("help") | Arg::Short('h') => args.help = true,
                other => return Err(other.unexpected()),
            }
        }
        if args.worlds == 0 {
            return Err("--worlds must be at least 1".into());
        }
        Ok(args)
    }
}

/// Names of policies, separated by commas.
fn policies(list: &str) -> Result<Vec<Policy>, lexopt::Error> {
    let names: Vec<&str> = list.split(',').map(str::trim).collect();
    let known = |name: &&&str| !Policy::ALL.iter().any(|policy| policy.name() == **name);
    if let Some(unknown) = names.iter().find(known) {
        return Err(format!("unknown policy `{unknown}`").into());
    }
    let named = |policy: &Policy| names.contains(&policy.name());
    Ok(Policy::ALL.into_iter().filter(named).collect())
}
