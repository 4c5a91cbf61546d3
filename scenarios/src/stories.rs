//! The rows with several providers: all five layers, one story each.

mod agent;
mod dead;
mod end;
mod hung;
mod internet;
mod line;
mod order;
mod outage;
mod outcome;
mod play;
mod quota;
mod seen;
mod soonest;
mod stack;
mod standard;
mod story;
mod table;
#[cfg(test)]
mod tests;
mod world;

use std::collections::BTreeMap;

use self::outcome::Outcome;
use super::{batch, clients::Client};

pub(crate) use self::{line::print as print_json, story::Story, table::print};

/// Figures that only one story has; `None` where a run had no such thing.
type Extra = BTreeMap<&'static str, Option<u64>>;

/// A story as one client lived it, and what came of it with each seed, from 1.
pub(crate) struct Tale {
    story: Story,
    client: Client,
    outcomes: Vec<Outcome>,
}

/// Plays each story with those of the clients that can, and the seeds from 1 on.
pub(crate) fn tales(stories: &[Story], clients: &[Client], seeds: u64) -> Vec<Tale> {
    let can = |client: &&Client| Story::CLIENTS.contains(client);
    let clients = || clients.iter().filter(can).copied();
    let pairs = stories
        .iter()
        .flat_map(|&story| clients().map(move |client| (story, client)));
    let pairs: Vec<(Story, Client)> = pairs.collect();
    let runs = |&(story, client)| (1..=seeds).map(move |seed| (story, client, seed));
    let jobs: Vec<(Story, Client, u64)> = pairs.iter().flat_map(runs).collect();
    let play = |&(story, client, seed): &_| play::play(story, client, seed);
    let name = |&(story, client, _): &(Story, Client, u64)| (story.label(), client.name());
    let mut outcomes = batch::all(&jobs, play, name).into_iter();
    let tale = |(story, client)| Tale {
        story,
        client,
        outcomes: (1..=seeds).filter_map(|_| outcomes.next()).collect(),
    };
    pairs.into_iter().map(tale).collect()
}
