//! The sleeping calls' part of the state.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio::time::Instant;
use tollgate_core::{Class, Sleepers};

use crate::recent::millis;

/// Calls that sleep for the same reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Asleep {
    /// Before whom: the provider or host that is asked again, or the route.
    pub before: String,
    /// What came back; `no_target` where no target may be asked.
    pub reason: &'static str,
    /// How many calls.
    pub calls: usize,
    /// When the first of them goes on.
    pub first_in_ms: u64,
    /// When the last of them goes on.
    pub last_in_ms: u64,
}

pub(crate) fn asleep(sleepers: &Sleepers) -> Vec<Asleep> {
    let now = Instant::now();
    let mut all = BTreeMap::new();
    for call in sleepers.list() {
        let reason = call.class.map_or("no_target", Class::as_str);
        let left = millis(call.until.saturating_duration_since(now));
        let group = all
            .entry((call.who, reason))
            .or_insert_with_key(|(before, reason)| Asleep {
                before: String::from(&**before),
                reason,
                calls: 0,
                first_in_ms: left,
                last_in_ms: left,
            });
        group.calls += 1;
        group.first_in_ms = group.first_in_ms.min(left);
        group.last_in_ms = group.last_in_ms.max(left);
    }
    all.into_values().collect()
}
