//! Small bursts far below every limit, and calls where there is no limit: what does the limiter cost
//! where it is of no use?

mod case;
mod flood;
mod flood_table;
mod play;
mod table;
mod world;

use std::error::Error;

use self::flood::Flood;
pub(super) use self::{case::Case, play::play};
use crate::batch;

const USAGE: &str = "\
scenarios bursts: how much later than its latency each answer comes, in virtual time

5 to 300 calls at once, where 3,000 a minute are allowed, by the state of the key and by what answers
say; then calls whose number a second grows to 5,000, where nothing is limited.";

/// Plays all bursts and prints what they paid.
pub(super) fn run(mut parser: lexopt::Parser) -> Result<(), Box<dyn Error>> {
    if let Some(argument) = parser.next()? {
        return match argument {
            lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => {
                println!("{USAGE}");
                Ok(())
            }
            other => Err(other.unexpected().into()),
        };
    }
    let cases = Case::all();
    let paid = batch::all(&cases, play, |_| ("bursts", "a small burst"));
    table::print(&cases, &paid);
    let floods = Flood::all();
    let reached = batch::all(&floods, Flood::play, |_| ("bursts", "no limit"));
    flood_table::print(&floods, &reached);
    Ok(())
}
