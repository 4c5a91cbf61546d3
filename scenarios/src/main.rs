//! How close to a provider's limit does a client get, how many rejections does it burn, and what is
//! lost? tollgate beside others, against simulated providers, in virtual time.
//!
//! ```text
//! cargo run --release -p tollgate-scenarios -- --only 1,1k --seeds 2
//! ```
//!
//! | row | what happens |
//! |---|---|
//! | 0 | 200 calls, 15 a second; three providers that push back, and all five layers |
//! | 1 | 1750 calls at once, 600 a minute allowed, nothing told beforehand |
//! | 1k, 1s | the same; tollgate is told the limit; each answer takes 10 s |
//! | 2, 2u | 600 calls against 600 requests and 90,000 tokens a minute; told, untold |
//! | 3 | 15 calls a second for ten minutes, of which 10 are allowed; none may wait for more than 30 s |
//! | 4, 4k, 4u | 3000 calls beside two others; four processes with 450 calls each, told their quarter, untold |
//! | 5 | a call a second for two hours; the first of three providers has 500 a day |
//! | 6 | 20 calls a second for five minutes; the first of two providers is ill for two of them |
//! | 7, 7h | `Retry-After` says anything; headers tell of 600 where 10 go, of 6000 where 100 are left |
//! | 8 | 5000 calls behind one window |
//! | 9 | 2 calls a second, 50 at once allowed; after a minute each takes another one; 30 s at most |
//! | 10, 10i, 10c | the first of two hangs; 40 calls with 20 s; callers who leave after 30 s; 100 at once |
//! | 11, 12 | bursts, and the first of two is healthy; two providers state waits, such as 1 s and 110 s |
//! | 13 | 1000 calls wait for a limit of 10 a second, and the provider is dead |
//! | 14, 14k | an agent's conversation, most of it from the provider's cache; untold, told |
//!
//! `scenarios sockets`: in real time over loopback, 300 calls at once where 10 a second may go.

mod args;
mod batch;
mod case;
mod clients;
mod figures;
mod grid;
mod json;
mod lies;
mod model;
mod neighbours;
mod outcome;
mod plot;
mod progress;
mod request;
mod rows;
mod run;
mod stories;
mod supply;
mod table;
#[cfg(test)]
mod tests;
mod tokens;
mod trace;
mod twist;
mod wire;
mod world;
mod zoo;

use std::error::Error;

use self::{args::Args, case::Case, clients::Client, stories::Story};

fn main() -> Result<(), Box<dyn Error>> {
    let mut parser = lexopt::Parser::from_env();
    if let Some(run) = zoo::subcommand(&mut parser) {
        return run(parser);
    }
    let args = Args::read(parser)?;
    if args.help {
        println!("{}", args::USAGE);
        return Ok(());
    }
    let mut rows: Vec<Case> = rows::rows();
    rows.retain(|case| args.wants(case.label));
    let stories: Vec<Story> = Story::ALL
        .into_iter()
        .filter(|story| args.wants(story.label()))
        .collect();
    if rows.is_empty() && stories.is_empty() {
        return Err("there is no such row".into());
    }
    let clients = Client::ALL.into_iter();
    let clients: Vec<Client> = clients.filter(|it| args.wants_client(it.name())).collect();
    if clients.is_empty() {
        return Err("there is no such client".into());
    }
    let entries = batch::batch(&rows, &clients, args.seeds);
    let tales = stories::tales(&stories, &clients, args.seeds);
    if entries.is_empty() && tales.is_empty() {
        return Err("none of these clients plays these rows".into());
    }
    if args.json {
        stories::print_json(&tales)?;
        json::print(&entries)?;
    } else {
        stories::print(&tales);
        table::print(&entries);
    }
    if let Some(folder) = &args.plot {
        plot::draw(&entries, folder)?;
    }
    Ok(())
}
