//! Random worlds: does the limiter ever do harm?
//!
//! Each world is drawn from its seed: the provider's limits, what its answers say, how long they
//! take, what fails, and how many calls come when. Four policies play it in virtual time, with
//! stacks that are otherwise identical:
//!
//! | policy | stack |
//! |---|---|
//! | `off` | the default stack without its limiter |
//! | `default` | the default stack |
//! | `told` | the default stack, told the limits on requests and tokens as the provider counts them |
//! | `governor` | `off` behind governor's keyed check, told the same limits |
//!
//! The first is the yardstick of the others, and is played several times for that: `judge.rs` says how
//! they are judged.

mod args;
mod bursts;
mod clock;
mod dice;
mod governor;
mod json;
mod judge;
mod oddity;
mod only;
mod outcome;
mod play;
mod policy;
mod provider;
mod request;
mod round;
mod sockets;
mod story;
mod table;
#[cfg(test)]
mod tests;
mod total;
mod wire;
mod world;

use std::error::Error;

use self::{args::Args, round::Round, world::World};
use crate::batch;

/// Runs on the rest of the command line.
pub(crate) type Subcommand = fn(lexopt::Parser) -> Result<(), Box<dyn Error>>;

/// The subcommand that the next argument names, if any.
pub(crate) fn subcommand(parser: &mut lexopt::Parser) -> Option<Subcommand> {
    let name = parser.try_raw_args()?.peek()?.to_str()?.to_owned();
    let run: Subcommand = match &*name {
        "zoo" => run,
        "bursts" => bursts::run,
        "sockets" => sockets::run,
        _ => return None,
    };
    parser.try_raw_args()?.next();
    Some(run)
}

/// Reads the rest of the command line, plays the worlds, and prints what came of them.
fn run(parser: lexopt::Parser) -> Result<(), Box<dyn Error>> {
    let args = Args::read(parser)?;
    if args.help {
        println!("{}", args::USAGE);
        return Ok(());
    }
    if let Some(seed) = args.only {
        only::print(&World::draw(seed), &args.policies);
        return Ok(());
    }
    let seeds: Vec<u64> = (0..args.worlds)
        .map(|n| args.seed.wrapping_add(n))
        .collect();
    let rounds = play(&seeds, &args);
    if args.json {
        json::print(&rounds)?;
    } else {
        table::print(&rounds, &args.policies);
    }
    Ok(())
}

/// Plays these worlds on all cores.
fn play(seeds: &[u64], args: &Args) -> Vec<Round> {
    let round = |seed: &u64| Round::play(&World::draw(*seed), &args.policies);
    batch::all(seeds, round, |_| ("zoo", "a world"))
}
