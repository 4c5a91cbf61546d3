//! The stories there are.

use super::{
    Extra, agent, dead, hung, order, outage, quota, seen::Seen, soonest, standard, world::World,
};
use crate::clients::Client;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Story {
    /// More calls than the first provider allows, and all three push back.
    Standard,
    /// The first provider's day is used up soon.
    Quota,
    /// The first provider fails, and recovers.
    Outage,
    /// The first provider hangs; calls have a deadline.
    Hung,
    /// The first provider hangs; callers give up.
    Impatient,
    /// The first provider hangs; a crowd comes at once.
    HungCrowd,
    /// The first provider is healthy.
    Order,
    /// Both providers say when to come back.
    Soonest,
    /// Calls wait for a limit, and the provider is dead.
    Dead,
    /// An agent's conversation grows, and most of it comes out of the provider's cache.
    Agent,
    /// The same; the limit is configured.
    AgentTold,
}

impl Story {
    pub(crate) const ALL: [Self; 11] = [
        Self::Standard,
        Self::Quota,
        Self::Outage,
        Self::Hung,
        Self::Impatient,
        Self::HungCrowd,
        Self::Order,
        Self::Soonest,
        Self::Dead,
        Self::Agent,
        Self::AgentTold,
    ];

    /// Who tells it: the others know one provider only, and one of them is enough to see that.
    pub(super) const CLIENTS: [Client; 2] = [Client::Tollgate, Client::Sdk];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Standard => "0",
            Self::Quota => "5",
            Self::Outage => "6",
            Self::Hung => "10",
            Self::Impatient => "10i",
            Self::HungCrowd => "10c",
            Self::Order => "11",
            Self::Soonest => "12",
            Self::Dead => "13",
            Self::Agent => "14",
            Self::AgentTold => "14k",
        }
    }

    pub(super) fn world(self, seed: u64) -> World {
        match self {
            Self::Standard => standard::world(seed),
            Self::Quota => quota::world(seed),
            Self::Outage => outage::world(seed),
            Self::Hung => hung::one_by_one(seed),
            Self::Impatient => hung::impatient(seed),
            Self::HungCrowd => hung::at_once(seed),
            Self::Order => order::world(seed),
            Self::Soonest => soonest::world(seed),
            Self::Dead => dead::world(seed),
            Self::Agent => agent::world(seed, false),
            Self::AgentTold => agent::world(seed, true),
        }
    }

    pub(super) fn extra(self, seen: &Seen) -> Extra {
        match self {
            Self::Standard => standard::extra(seen),
            Self::Quota => quota::extra(seen),
            Self::Outage => outage::extra(seen),
            Self::Hung | Self::Impatient | Self::HungCrowd => hung::extra(seen),
            Self::Order => order::extra(seen),
            Self::Soonest => soonest::extra(seen),
            Self::Dead => dead::extra(seen),
            Self::Agent | Self::AgentTold => agent::extra(seen),
        }
    }
}
