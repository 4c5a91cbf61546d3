//! What the setting `deadline` says.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::units::maybe_time;
use crate::{DeadlineLayer, stack::DEADLINE};

/// The time a whole call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Deadline {
    /// Not set: 10 minutes for calls that bring no deadline. A call that brings one keeps it.
    #[default]
    Unset,
    /// `"off"`: calls have the deadline they bring, or none.
    Off,
    /// A time such as `"2m"`, above zero, for every call; a call may bring an earlier deadline.
    After(Duration),
}

impl Deadline {
    pub(super) fn is_unset(&self) -> bool {
        *self == Self::Unset
    }

    pub(super) const fn layer(self) -> DeadlineLayer {
        match self {
            Self::Unset => DeadlineLayer::unless_set(DEADLINE),
            Self::Off => DeadlineLayer::of_the_call(),
            Self::After(time) => DeadlineLayer::new(time),
        }
    }
}

impl Serialize for Deadline {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            // Only where somebody writes this value alone: a `Config` leaves it out.
            Self::Unset => to.serialize_none(),
            Self::Off => maybe_time::serialize(&None, to),
            Self::After(time) => maybe_time::serialize(&Some(*time), to),
        }
    }
}

impl<'de> Deserialize<'de> for Deadline {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let time = maybe_time::deserialize(from)?;
        Ok(time.map_or(Self::Off, Self::After))
    }
}
