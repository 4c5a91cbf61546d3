//! The rows with several providers: all five layers, one story each.

mod end;
mod internet;
mod line;
mod outage;
mod outcome;
mod play;
mod quota;
mod seen;
mod stack;
mod standard;
mod table;
#[cfg(test)]
mod tests;
mod world;

use std::collections::BTreeMap;

use self::{outcome::Outcome, seen::Seen, world::World};
use super::{batch, clients::Client};

pub(crate) use self::{line::print as print_json, table::print};

/// Figures that only one story has; `None` where a run had no such thing.
type Extra = BTreeMap<&'static str, Option<u64>>;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    /// More calls than the first provider allows, and all three push back.
    Standard,
    /// The first provider's day is used up soon.
    Quota,
    /// The first provider falls ill, and gets well again.
    Outage,
}

impl Story {
    pub(crate) const ALL: [Self; 3] = [Self::Standard, Self::Quota, Self::Outage];

    /// Who tells it: the others know one provider only, and one of them is enough to see that.
    const CLIENTS: [Client; 2] = [Client::Tollgate, Client::Sdk];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Standard => "0",
            Self::Quota => "5",
            Self::Outage => "6",
        }
    }

    fn world(self, seed: u64) -> World {
        match self {
            Self::Standard => standard::world(seed),
            Self::Quota => quota::world(seed),
            Self::Outage => outage::world(seed),
        }
    }

    fn extra(self, seen: &Seen) -> Extra {
        match self {
            Self::Standard => standard::extra(seen),
            Self::Quota => quota::extra(seen),
            Self::Outage => outage::extra(seen),
        }
    }
}

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
