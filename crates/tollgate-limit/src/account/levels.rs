//! All limits that headers name.

use tollgate_core::{Cost, Dimension, LimitKind, Quota, Usage, Window};

use super::{
    change::{Change, Ignored},
    level::{Level, Statement},
    pacer::Stated,
    time::Seconds,
};
use crate::{Counts, Limit, charge::Charge};

/// Headers that claimed room for a rejected call are not believed for so long.
const DISTRUST: Seconds = 60.0;

/// A proven bucket is waited for if it has room within this time.
const NEAR: Seconds = 60.0;

/// A limit that no answer named for so long is forgotten.
const MEMORY: Seconds = 600.0;

/// The stated end of a window is waited for if it is as near as this.
const SOON: Seconds = 1.0;

/// What the provider's headers tell, limit by limit.
#[derive(Debug, Default)]
pub(super) struct Levels {
    all: Vec<Level>,
    /// They are not believed before this time.
    distrusted: Seconds,
    tidied: Seconds,
}

impl Levels {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Level> {
        self.all.iter()
    }

    /// Lets time pass. `true` where a window ended.
    pub(super) fn advance(&mut self, now: Seconds) -> bool {
        if now - self.tidied > MEMORY {
            // What no answer names any more is no limit.
            self.tidied = now;
            self.all.retain(|level| now < level.end() + MEMORY);
        }
        let all = self.all.iter_mut();
        all.fold(false, |any, level| level.advance(now) | any)
    }

    /// The window of this limit ended at `now`.
    pub(super) fn has_ended(&self, limit: &Limit, now: Seconds) -> bool {
        let same = |level: &&Level| level.kind == limit.kind() && is_of(level.window, limit);
        let mut of = self.all.iter().filter(same);
        of.any(|level| level.ended_at() == now)
    }

    /// Is there room for a call of this cost? With a measured pace, no end of a window is waited for.
    /// What an exact limit guards needs no header.
    #[inline]
    pub(super) fn room(
        &self,
        cost: &Cost,
        has_pace: bool,
        now: Seconds,
        is_guarded: impl Fn(LimitKind) -> bool,
    ) -> Stated {
        if self.all.is_empty() {
            return Stated::Unknown;
        }
        if now < self.distrusted {
            return Stated::Unknown;
        }
        let mut room = Stated::Unknown;
        let takes =
            |level: &&Level| !is_guarded(level.kind) && Charge::of(cost, level.kind).total() > 0;
        for level in self.all.iter().filter(takes) {
            let n = need(level, cost) + level.floor();
            let Some(left) = level.left() else {
                return Stated::Unknown;
            };
            if left >= n {
                if room == Stated::Unknown {
                    room = Stated::Room;
                }
                continue;
            }
            let (at, near) = match level.rate() {
                Some(rate) => (now + (n - left) / rate, NEAR),
                None if has_pace || level.is_brief() => (level.end(), 0.0),
                None => (level.end(), SOON),
            };
            room = match (room, Some(at).filter(|at| *at < now + near)) {
                (Stated::Short, _) | (_, None) => Stated::Short,
                (Stated::At(kind, other), Some(at)) if other >= at => Stated::At(kind, other),
                (_, Some(at)) => Stated::At(level.kind, at),
            };
        }
        room
    }

    /// Headers name limits of this kind, and have room for a call of this cost.
    pub(super) fn spare(&self, kind: LimitKind, cost: &Cost, now: Seconds) -> bool {
        let mut of = self
            .all
            .iter()
            .filter(|level| level.kind == kind)
            .peekable();
        let fits = |level: &Level| level.left().is_some_and(|left| left >= need(level, cost));
        now >= self.distrusted && of.peek().is_some() && of.all(fits)
    }

    #[inline]
    pub(super) fn take(&mut self, cost: &Cost) {
        for level in &mut self.all {
            level.take(Charge::of(cost, level.kind).total() as f64);
        }
    }

    pub(super) fn give(&mut self, cost: &Cost) {
        for level in &mut self.all {
            level.take(-(Charge::of(cost, level.kind).total() as f64));
        }
    }

    #[inline]
    pub(super) fn settle(&mut self, cost: &Cost, usage: &Usage) {
        for level in &mut self.all {
            let reserved = Charge::of(cost, level.kind).total() as f64;
            let used = Charge::used(cost, usage, level.kind).total() as f64;
            level.take(used - reserved);
        }
    }

    /// A stated wait for a call of this cost is over.
    pub(super) fn raise(&mut self, cost: &Cost) {
        for level in &mut self.all {
            let n = need(level, cost);
            level.raise(n);
        }
    }

    /// The answer to a rejected call of this cost says that enough was left.
    pub(super) fn claim_room(quota: &Quota, cost: &Cost) -> bool {
        let mut left = quota
            .iter()
            .filter_map(|said| Some((said.remaining?, Charge::of(cost, said.kind).total())));
        let mut any = false;
        left.all(|(left, n)| {
            any = true;
            left >= n
        }) && any
    }

    /// Nothing refills as it was thought.
    pub(super) fn no_bucket(&mut self) {
        self.all.iter_mut().for_each(Level::no_bucket);
    }

    /// They are not believed for a while.
    pub(super) fn distrust(&mut self, now: Seconds) {
        self.distrusted = now + DISTRUST;
    }

    /// When the window of this limit ends, where that is stated.
    pub(super) fn end(&self, limit: &Limit) -> Option<Seconds> {
        let same = |level: &&Level| level.kind == limit.kind() && is_of(level.window, limit);
        let of = self.all.iter().filter(same);
        let ends = of.filter(|level| level.rate().is_none() && level.left().is_some());
        ends.map(Level::end).reduce(f64::min)
    }

    /// Since when own units are counted for a limit.
    pub(super) fn mark(&self, said: &Dimension) -> Option<Seconds> {
        let same = |level: &&Level| level.kind == said.kind && level.window == said.window;
        self.all.iter().find(same)?.mark()
    }

    /// Takes in what an answer says of one limit. Something to tell where the limit is new or another.
    pub(super) fn apply(
        &mut self,
        said: &Dimension,
        statement: Statement,
        now: Seconds,
    ) -> Option<Change> {
        let at = self.find(said)?;
        let level = &mut self.all[at];
        let old = (level.limit, level.rate().is_some());
        level.apply(statement, now);
        let new = (level.limit, level.rate().is_some());
        let changed = old.0 != new.0 || !old.1 && new.1;
        (changed && level.limit > 0.0).then(|| Change::Learned {
            kind: level.kind,
            window: level.window,
            limit: level.limit as u64,
            counts: counts(level),
        })
    }

    fn find(&mut self, said: &Dimension) -> Option<usize> {
        let same = |level: &Level| level.kind == said.kind && level.window == said.window;
        let found = self.all.iter().position(same);
        if found.is_none() && self.all.len() < Quota::CAPACITY {
            self.all.push(Level::new(said));
            return Some(self.all.len() - 1);
        }
        found
    }

    /// The smallest limit of requests.
    pub(super) fn limit_of_requests(&self) -> Option<f64> {
        let requests = self.all.iter().filter(|it| it.kind == LimitKind::Requests);
        let limits = requests.map(|it| it.limit).filter(|limit| *limit >= 1.0);
        limits.reduce(f64::min)
    }

    /// How long calls of this cost would wait for proven buckets.
    pub(super) fn wait(&mut self, cost: &Cost, now: Seconds) -> Seconds {
        self.advance(now);
        let wait = |level: &Level| {
            let n = Charge::of(cost, level.kind).total() as f64;
            Some((n - level.left()?) / level.rate()?)
        };
        self.all.iter().filter_map(wait).fold(0.0, f64::max)
    }
}

/// What a call needs of a limit. One that takes more than all of it goes when all is there: the
/// provider is the judge.
fn need(level: &Level, cost: &Cost) -> f64 {
    let n = Charge::of(cost, level.kind).total() as f64;
    match level.limit > 0.0 {
        true => n.min((level.limit * 0.98).floor()),
        false => n,
    }
}

pub(super) fn counts(level: &Level) -> Counts {
    match level.rate() {
        Some(_) => Counts::Bucket,
        None => Counts::Reported,
    }
}

/// The reset that an answer states, where it can be one.
pub(super) fn reset(said: &Dimension) -> Option<Seconds> {
    let reset = said.reset.filter(|_| !is_far(said))?;
    Some(reset.as_secs_f64())
}

fn is_far(said: &Dimension) -> bool {
    let longest = said.window.unwrap_or(Window::Day).length();
    said.reset.is_some_and(|reset| reset > longest * 2)
}

/// What of it is not to be believed.
pub(super) fn doubt(said: &Dimension) -> Option<Ignored> {
    if said.limit == Some(0) {
        return Some(Ignored::NoLimit);
    }
    let above = said.limit.zip(said.remaining);
    if above.is_some_and(|(limit, remaining)| remaining > limit) {
        return Some(Ignored::AboveLimit);
    }
    is_far(said).then_some(Ignored::FarReset)
}

/// Is a header with this window about a configured limit?
pub(super) fn is_of(window: Option<Window>, limit: &Limit) -> bool {
    match window {
        Some(window) => window.length() == limit.period(),
        // Headers that name no window usually mean a minute.
        None => (1..=120).contains(&limit.period().as_secs()),
    }
}
