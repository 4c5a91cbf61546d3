//! What outlives a process.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tollgate_core::Target;

use super::Handle;
use crate::{KeyRef, Saved};

/// The use of all keys, written down: for programs that run for seconds against limits of a day.
///
/// # Examples
///
/// ```
/// use tollgate_limit::{LimitLayer, Snapshot};
///
/// let (_, handle) = LimitLayer::builder().requests_per_day(500).build_with_handle()?;
/// let text = serde_json::to_string(&handle.snapshot()).expect("plain data");
/// // In the next process:
/// let snapshot: Snapshot = serde_json::from_str(&text).expect("as it was written");
/// handle.restore(&snapshot);
/// # Ok::<_, tollgate_limit::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Snapshot {
    keys: Vec<SavedKey>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SavedKey {
    target: Target,
    account: Saved,
}

impl Handle {
    /// Writes down the use of every key.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let (now, wall) = self.times();
        let save = |cell: &std::sync::Arc<crate::local::Cell>| {
            let mut state = cell.lock();
            state.look_at_clock(now);
            SavedKey {
                target: cell.target().clone(),
                account: state.account.save(now, wall),
            }
        };
        let cells = self.cells();
        Snapshot {
            keys: cells.iter().map(save).collect(),
        }
    }

    /// Takes over what was written down, by this process or an earlier one. Of what both know, the
    /// larger use counts, and gates stay closed until the later time.
    pub fn restore(&self, snapshot: &Snapshot) {
        let (now, wall) = self.times();
        for saved in &snapshot.keys {
            let key = KeyRef::from(&saved.target);
            let cell = self.inner.cell(key, now);
            if cell.key() != key {
                // What one key took says nothing of those that share a place.
                continue;
            }
            cell.change(|state| {
                state.look_at_clock(now);
                state.account.restore(&saved.account, now, wall);
            });
        }
    }

    fn times(&self) -> (Instant, SystemTime) {
        (Instant::now(), self.inner.wall.now())
    }
}
