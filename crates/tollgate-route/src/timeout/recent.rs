//! How long first events took lately, and what follows for the next ones.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::Request;
use tollgate_core::{Call, Target, authority_of};

/// How many of the last times count.
const KEPT: usize = 128;

/// With fewer than this nothing follows from them.
const ENOUGH: usize = 20;

/// How much longer than most a first event may take.
const TIMES: u32 = 3;

/// No more targets than this are remembered; others get the ceiling.
const KEYS: usize = 1_000;

/// Whose times these are: the target somebody set, else the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Target(Target),
    Host(Box<str>),
}

impl Key {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        match Call::of(request).and_then(Call::target) {
            Some(target) => Self::Target(target.clone()),
            None => Self::Host(
                authority_of(request)
                    .unwrap_or_default()
                    .to_ascii_lowercase()
                    .into(),
            ),
        }
    }
}

/// The last times of one target, and the limit that follows.
#[derive(Debug, Default)]
struct Times {
    last: Vec<Duration>,
    next: usize,
    limit: Option<Duration>,
}

impl Times {
    fn add(&mut self, time: Duration) {
        match self.last.get_mut(self.next) {
            Some(oldest) => *oldest = time,
            None => self.last.push(time),
        }
        self.next = (self.next + 1) % KEPT;
        let mut sorted = self.last.clone();
        sorted.sort_unstable();
        let slowest = sorted.len() * 99 / 100;
        let enough = sorted.len() >= ENOUGH;
        self.limit = enough.then(|| sorted[slowest.min(sorted.len() - 1)].saturating_mul(TIMES));
    }
}

/// The times of all targets.
#[derive(Debug)]
pub(super) struct Recent {
    floor: Duration,
    ceiling: Duration,
    times: Mutex<HashMap<Key, Times>>,
}

impl Recent {
    pub(super) fn new(floor: Duration, ceiling: Duration) -> Self {
        Self {
            floor,
            ceiling,
            times: Mutex::default(),
        }
    }

    /// How long a first event may take: the ceiling, until enough of them were seen.
    pub(super) fn limit(&self, key: &Key) -> Duration {
        let limit = self.lock().get(key).and_then(|times| times.limit);
        limit.map_or(self.ceiling, |limit| limit.clamp(self.floor, self.ceiling))
    }

    /// A first event took this long, or had not come by then: without those the limit would never
    /// rise again.
    pub(super) fn add(&self, key: &Key, time: Duration) {
        let mut all = self.lock();
        if let Some(times) = all.get_mut(key) {
            times.add(time);
        } else if all.len() < KEYS {
            all.entry(key.clone()).or_default().add(time);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Times>> {
        // A time more or less does no harm.
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn the_limit_follows_within_its_bounds() {
        let recent = Recent::new(ms(500), ms(20_000));
        let key = Key::Host("h".into());
        for _ in 0..ENOUGH - 1 {
            recent.add(&key, ms(400));
        }
        assert_eq!(recent.limit(&key), ms(20_000), "too few");
        recent.add(&key, ms(400));
        assert_eq!(recent.limit(&key), ms(1_200));
        assert_eq!(recent.limit(&Key::Host("other".into())), ms(20_000));
        // One slow one in a hundred is enough to count, and old ones are forgotten.
        recent.add(&key, ms(2_000));
        assert_eq!(recent.limit(&key), ms(6_000));
        for _ in 0..KEPT {
            recent.add(&key, ms(1));
        }
        assert_eq!(recent.limit(&key), ms(500));
        for _ in 0..2 {
            recent.add(&key, ms(90_000));
        }
        assert_eq!(recent.limit(&key), ms(20_000));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let recent = Recent::new(ms(1), ms(2));
        for n in 0..KEYS + 5 {
            recent.add(&Key::Host(n.to_string().into()), ms(1));
        }
        assert_eq!(recent.lock().len(), KEYS);
    }
}
