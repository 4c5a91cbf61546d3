//! What a program keeps of its breakers while it is not running.

use std::time::Duration;

use tollgate_core::Target;

use crate::{
    cell::Cell,
    key::Key,
    shared::Core,
    state::{Machine, View},
    sync::Arc,
    time::{DAY, Nanos},
};

/// Which breakers were open, half open or held by hand, and until when by the time of day.
///
/// Made by [`Handle::snapshot`](crate::Handle::snapshot). With the feature `serde` it can be written
/// and read.
///
/// # Examples
///
/// ```
/// use tollgate_breaker::BreakerLayer;
/// use tollgate_core::Target;
///
/// let (_, breakers) = BreakerLayer::builder().build_with_handle()?;
/// breakers.force_open(&Target::provider_only("api.groq.com"), None);
///
/// let (_, after_a_restart) = BreakerLayer::builder().build_with_handle()?;
/// after_a_restart.restore(&breakers.snapshot());
/// assert_eq!(after_a_restart.list().len(), 1);
/// # Ok::<_, tollgate_breaker::ConfigError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Snapshot {
    keys: Vec<Kept>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Kept {
    provider: String,
    model: Option<String>,
    account: Option<String>,
    state: KeptState,
    /// For how many milliseconds it had been ill.
    ill_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
enum KeptState {
    /// Milliseconds since 1970, rounded up: never opened early.
    OpenUntil(u64),
    HeldOpen,
    HeldClosed,
}

impl Snapshot {
    /// Nothing is open and nothing held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn of(core: &Core) -> Self {
        let (now, wall) = (core.clock.now(), core.sources.wall.since_epoch());
        let date = |left: Nanos| {
            let end = wall.saturating_add(Duration::from_nanos(left));
            u64::try_from(end.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
        };
        let all = core.cells.all();
        let mut keys: Vec<_> = all
            .iter()
            .filter_map(|cell| {
                let machine = cell.lock();
                let state = match machine.view() {
                    View::Closed if machine.is_held() => KeptState::HeldClosed,
                    View::Closed => return None,
                    View::HalfOpen { .. } => KeptState::OpenUntil(date(0)),
                    View::Open { until: None } => KeptState::HeldOpen,
                    View::Open { until: Some(until) } => {
                        KeptState::OpenUntil(date(until.saturating_sub(now)))
                    }
                };
                let target = cell.target();
                Some(Kept {
                    provider: target.provider().to_owned(),
                    model: target.model().map(str::to_owned),
                    account: target.account().map(str::to_owned),
                    state,
                    ill_ms: machine.ill(now).unwrap_or_default() / 1_000_000,
                })
            })
            .collect();
        // So that a snapshot in a file changes only where something has changed.
        keys.sort_by(|a, b| {
            (&a.provider, &a.model, &a.account).cmp(&(&b.provider, &b.model, &b.account))
        });
        Self { keys }
    }

    /// Puts the breakers into these states, and tells which were changed.
    pub(crate) fn apply(&self, core: &Core) -> Vec<Arc<Cell>> {
        let (now, wall) = (core.clock.now(), core.sources.wall.since_epoch());
        let apply = |kept: &Kept| {
            let target = kept.target();
            let key = Key::from(&target);
            let cell = core.cells.find_or_add(&key, &core.settings.rules, now)?;
            let changed = cell.change(|machine| kept.apply(machine, now, wall));
            changed.then_some(cell)
        };
        self.keys.iter().filter_map(apply).collect()
    }
}

impl Kept {
    fn target(&self) -> Target {
        let target = match &self.model {
            Some(model) => Target::new(&*self.provider, &**model),
            None => Target::provider_only(&*self.provider),
        };
        match &self.account {
            Some(account) => target.with_account(&**account),
            None => target,
        }
    }

    fn apply(&self, machine: &mut Machine, now: Nanos, wall: Duration) -> bool {
        let until = match self.state {
            KeptState::HeldClosed => {
                machine.force_closed(now);
                return true;
            }
            KeptState::HeldOpen => None,
            KeptState::OpenUntil(date) => {
                let left = Duration::from_millis(date).saturating_sub(wall);
                Some(now + crate::time::nanos(left).min(DAY))
            }
        };
        let longer = match (machine.view(), until) {
            (View::Open { until: None }, _) => true,
            (View::Open { until: Some(known) }, Some(until)) => known >= until,
            _ => false,
        };
        if !longer {
            machine.restore(until, self.ill_ms.saturating_mul(1_000_000), now);
        }
        !longer
    }
}
