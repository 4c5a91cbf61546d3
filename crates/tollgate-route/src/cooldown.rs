//! Who is not to be asked for a while: a cache, as a pure function of (state, input, now).

mod length;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio::time::Instant;
use tollgate_core::{Class, Cost, LimitKind, Scope};

pub(crate) use length::{LONGEST, REDIRECTED, length};

/// A request that tests a target after its cooldown is given up as lost after this time; then
/// another one may test. It is far above what an attempt takes that has a timeout.
const PROBE: Duration = Duration::from_secs(120);

/// The numbers that stand for a target, its account and its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) provider: usize,
    pub(crate) account: usize,
    pub(crate) site: usize,
}

/// What cools down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Provider(usize),
    Account(usize),
    Site(usize),
    Limit(usize, LimitKind),
}

/// The kinds of limit a target may cool down for by themselves.
const KINDS: [LimitKind; 6] = [
    LimitKind::Requests,
    LimitKind::Tokens,
    LimitKind::InputTokens,
    LimitKind::OutputTokens,
    LimitKind::Concurrency,
    LimitKind::Images,
];

impl Key {
    pub(crate) const fn number(self) -> usize {
        match self {
            Self::Provider(number)
            | Self::Account(number)
            | Self::Site(number)
            | Self::Limit(number, _) => number,
        }
    }
}

impl Keys {
    /// Its cooldown concerns the target.
    pub(crate) fn has(self, key: Key) -> bool {
        match key {
            Key::Provider(number) => self.provider == number,
            Key::Account(number) => self.account == number,
            Key::Site(number) | Key::Limit(number, _) => self.site == number,
        }
    }

    /// What cools down after a failure of this reach.
    pub(crate) const fn hit(self, scope: Scope, limit: Option<LimitKind>) -> Key {
        match (scope, limit) {
            (Scope::Provider, _) => Key::Provider(self.provider),
            (Scope::Account, _) => Key::Account(self.account),
            (Scope::Limit, Some(limit)) => Key::Limit(self.site, limit),
            _ => Key::Site(self.site),
        }
    }

    /// Everything that concerns the target.
    fn every(self) -> impl Iterator<Item = Key> {
        let whole = [
            Key::Provider(self.provider),
            Key::Account(self.account),
            Key::Site(self.site),
        ];
        let limits = KINDS
            .into_iter()
            .map(move |kind| Key::Limit(self.site, kind));
        whole.into_iter().chain(limits)
    }

    /// Everything whose cooldown keeps a call of this cost from the target.
    fn all(self, cost: Option<&Cost>) -> impl Iterator<Item = Key> {
        self.every().filter(move |key| match key {
            Key::Limit(_, kind) => needs(cost, *kind),
            _ => true,
        })
    }
}

/// Whether a call takes something out of a limit of this kind. Where its cost is not known it takes
/// all but images.
const fn needs(cost: Option<&Cost>, kind: LimitKind) -> bool {
    match (kind, cost) {
        (LimitKind::Images, None) => false,
        (LimitKind::Images, Some(cost)) => cost.images() > 0,
        (LimitKind::Tokens, Some(cost)) => cost.tokens() > 0 || cost.images() == 0,
        (LimitKind::InputTokens, Some(cost)) => cost.input_tokens() > 0 || cost.tokens() == 0,
        (LimitKind::OutputTokens, Some(cost)) => cost.output_tokens() > 0 || cost.tokens() == 0,
        _ => true,
    }
}

/// Whether a target may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing is known against it.
    Free,
    /// It has cooled down; one request may test it.
    Due,
    /// Not before this time has passed, because of this.
    Cooling(Duration, Why),
    /// A request tests it just now.
    Tested(Why),
}

/// What is known about a cooldown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Why {
    pub(crate) class: Class,
    /// The provider, or a person, said how long; else it is a guess.
    pub(crate) stated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) until: Instant,
    pub(crate) why: Why,
    /// How often its key was refused without a success in between.
    refusals: u32,
    /// When it was last made or made longer. A success of a call sent before that proves nothing.
    set: Instant,
    /// Since when a request tests it.
    tested: Option<Instant>,
}

/// All cooldowns. There are never more than there are targets, accounts, providers and kinds of
/// limits together; what left with a change of the routes stays until its time is over.
#[derive(Debug, Default)]
pub(crate) struct Cooldowns {
    // What is stated and what is guessed, each by itself: neither ends the other.
    entries: HashMap<(Key, bool), Entry>,
    /// The numbers that some route has now.
    present: HashSet<usize>,
    /// When the last cooldown of those that no route has will be over.
    over: Option<Instant>,
}

impl Cooldowns {
    /// Other targets are there from now on.
    pub(crate) fn set_present(&mut self, present: HashSet<usize>) {
        self.present = present;
        let entries = self.entries.iter();
        let absent = entries.filter(|((key, _), _)| !self.present.contains(&key.number()));
        self.over = absent.map(|(_, entry)| entry.until).max();
    }

    /// Forgets those that no route has, once all of them are over.
    pub(crate) fn tidy(&mut self, now: Instant) {
        if self.over.is_some_and(|over| over <= now) {
            let present = &self.present;
            self.entries
                .retain(|(key, _), _| present.contains(&key.number()));
            self.over = None;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &Entry)> {
        self.entries.iter().map(|((key, _), entry)| (*key, entry))
    }

    /// Whether a call may go to a target now.
    pub(crate) fn look(&self, keys: Keys, cost: Option<&Cost>, now: Instant) -> Look {
        let entries = keys.all(cost).flat_map(both);
        let entries = entries.filter_map(|slot| self.entries.get(&slot));
        entries
            .map(|entry| entry.look(now))
            .fold(Look::Free, Look::and)
    }

    /// Says whether a call may go to a target now and, if so, whether it tests it; then it has taken
    /// the one place for that.
    /// What is only guessed holds nobody who is `bold`.
    pub(crate) fn claim(
        &mut self,
        keys: Keys,
        cost: Option<&Cost>,
        bold: bool,
        now: Instant,
    ) -> Option<bool> {
        match self.look(keys, cost, now) {
            Look::Free => Some(false),
            Look::Due => {
                self.test(keys, cost, now);
                Some(true)
            }
            Look::Cooling(_, why) | Look::Tested(why) if bold && !why.stated => {
                self.test(keys, cost, now);
                Some(true)
            }
            Look::Cooling(..) | Look::Tested(_) => None,
        }
    }

    fn test(&mut self, keys: Keys, cost: Option<&Cost>, now: Instant) {
        for slot in keys.all(cost).flat_map(both) {
            if let Some(entry) = self.entries.get_mut(&slot) {
                entry.tested = Some(now);
            }
        }
    }

    /// Gives the place of a test back: nothing was learned.
    pub(crate) fn untest(&mut self, keys: Keys, since: Instant) {
        for slot in keys.every().flat_map(both) {
            if let Some(entry) = self.entries.get_mut(&slot) {
                if entry.tested == Some(since) {
                    entry.tested = None;
                }
            }
        }
    }

    /// Makes a cooldown, or makes it longer: the later end counts. Says whether it did either.
    pub(crate) fn cool(&mut self, key: Key, why: Why, wait: Duration, now: Instant) -> bool {
        let before = self.entries.get(&(key, why.stated));
        let before = before.filter(|_| why.class == Class::Auth);
        // A key that is refused after each cooldown is asked ever more seldom. Refusals within one, such as
        // those of a burst, are one.
        let refusals = before.map_or(0, |old| match old.until <= now {
            true => old.refusals,
            false => old.refusals.saturating_sub(1),
        });
        let wait = match why.stated {
            true => wait,
            false => wait.saturating_mul(1 << refusals.min(4)),
        };
        let refusals = refusals + u32::from(why.class == Class::Auth);
        self.put(key, why, wait, refusals, now)
    }

    /// As it was known before.
    pub(crate) fn restore(&mut self, key: Key, why: Why, wait: Duration, now: Instant) -> bool {
        let refusals = u32::from(why.class == Class::Auth);
        self.put(key, why, wait, refusals, now)
    }

    fn put(&mut self, key: Key, why: Why, wait: Duration, refusals: u32, now: Instant) -> bool {
        let Some(until) = now.checked_add(wait) else {
            return false;
        };
        let new = Entry {
            until,
            why,
            refusals,
            set: now,
            tested: None,
        };
        if !self.present.contains(&key.number()) {
            self.over = self.over.max(Some(until));
        }
        let entry = self.entries.entry((key, why.stated)).or_insert(new);
        let longer = until > entry.until;
        if longer {
            *entry = new;
        } else {
            entry.set = now;
            entry.tested = None;
            entry.refusals = entry.refusals.max(new.refusals);
        }
        longer || *entry == new
    }

    /// A call of this cost, sent at this time, was answered as if nothing were wrong. Says whether a
    /// cooldown ended by it.
    pub(crate) fn answered(&mut self, keys: Keys, cost: Option<&Cost>, sent: Instant) -> bool {
        let before = self.entries.len();
        if before > 0 {
            for slot in keys.all(cost).flat_map(both) {
                let proves = |entry: &Entry| sent >= entry.set;
                if self.entries.get(&slot).is_some_and(proves) {
                    self.entries.remove(&slot);
                }
            }
        }
        self.entries.len() < before
    }

    /// Forgets what keeps calls from a target.
    pub(crate) fn clear(&mut self, keys: Keys) {
        for slot in keys.every().flat_map(both) {
            self.entries.remove(&slot);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear_all(&mut self) {
        self.entries.clear();
    }
}

/// What is stated about something, and what is guessed.
fn both(key: Key) -> [(Key, bool); 2] {
    [(key, true), (key, false)]
}

impl Entry {
    fn look(&self, now: Instant) -> Look {
        let left = self.until.saturating_duration_since(now);
        match self.tested {
            _ if !left.is_zero() => Look::Cooling(left, self.why),
            Some(since) if now.saturating_duration_since(since) < PROBE => Look::Tested(self.why),
            _ => Look::Due,
        }
    }
}

impl Look {
    /// Both hold.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            // What is stated holds, and of its like the longer.
            (Self::Cooling(a, x), Self::Cooling(b, y)) if x.stated == y.stated => {
                if a >= b {
                    Self::Cooling(a, x)
                } else {
                    Self::Cooling(b, y)
                }
            }
            (Self::Cooling(a, x), Self::Cooling(b, y)) => match x.stated {
                true => Self::Cooling(a, x),
                false => Self::Cooling(b, y),
            },
            (cooling @ Self::Cooling(_, why), _) | (_, cooling @ Self::Cooling(_, why))
                if why.stated =>
            {
                cooling
            }
            (tested @ Self::Tested(why), _) | (_, tested @ Self::Tested(why)) if why.stated => {
                tested
            }
            (cooling @ Self::Cooling(..), _) | (_, cooling @ Self::Cooling(..)) => cooling,
            (tested @ Self::Tested(_), _) | (_, tested @ Self::Tested(_)) => tested,
            (Self::Due, _) | (_, Self::Due) => Self::Due,
            (Self::Free, Self::Free) => Self::Free,
        }
    }
}

#[cfg(test)]
mod tests;
