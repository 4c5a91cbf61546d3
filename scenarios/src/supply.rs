//! How many calls a provider could serve at best, and how soon.

use std::{collections::BTreeMap, time::Duration};

use super::model::{MINUTE, Model};

impl Model {
    /// How many calls that arrive then can be admitted without waiting for longer. A sliding log can
    /// admit no more than windows can.
    pub(crate) fn most(self, arrivals: impl Iterator<Item = Duration>, wait: Duration) -> usize {
        let gap = MINUTE / u32::try_from(self.a_minute()).expect("small");
        let mut full = Duration::ZERO;
        let mut windows: BTreeMap<u32, u64> = BTreeMap::new();
        let admitted = arrivals.filter(|arrival| match self.burst() {
            Some(burst) => {
                let slack = gap * u32::try_from(burst - 1).expect("small");
                let at = full.saturating_sub(slack).max(*arrival);
                let admitted = at <= *arrival + wait;
                full = if admitted { full.max(at) + gap } else { full };
                admitted
            }
            None => {
                let window = |at: Duration| ((at + self.phase()).as_secs() / 60) as u32;
                let (first, last) = (window(*arrival), window(*arrival + wait));
                let free =
                    (first..=last).find(|it| windows.get(it).is_none_or(|n| *n < self.a_minute()));
                free.map(|it| *windows.entry(it).or_default() += 1)
                    .is_some()
            }
        });
        admitted.count()
    }

    /// The time before which the last of `n` calls that all wait at the start cannot be admitted.
    pub(crate) fn optimum(self, n: u64) -> Duration {
        if let Some(burst) = self.burst() {
            return MINUTE * u32::try_from(n.saturating_sub(burst)).unwrap_or(u32::MAX)
                / u32::try_from(self.a_minute()).expect("small");
        }
        let windows = u32::try_from(n.div_ceil(self.a_minute())).unwrap_or(u32::MAX);
        (MINUTE * windows.saturating_sub(1)).saturating_sub(self.phase())
    }
}
