//! Who waits, in the order of service.
//!
//! Pure: callers pass the time, and call the wakers that it returns.

mod waiter;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    task::Waker,
};

use slab::Slab;
use tollgate_core::{Cost, Priority};

use crate::account::time::Time;
pub(crate) use waiter::{Claim, Left, Refusal, add};
use waiter::{Key, Stage, Waiter, class, nothing, sub};

/// An ordered queue whose waiters can leave from anywhere.
///
/// The order of its keys *is* the order of service: class, then arrival, then number. A retry brings
/// the arrival of its first attempt and so is in front of everything that came since.
///
/// A waiter is at one of three places: in the order; handed a grant (or a refusal) that it has not
/// fetched yet; or parked, because nobody fetched the grant in time.
#[derive(Debug)]
pub(crate) struct Queue<G> {
    waiters: Slab<Waiter>,
    order: BTreeMap<Key, u32>,
    /// By the last moment at which each may go.
    expiries: BTreeSet<(Time, u32)>,
    /// What those in the order take together, class by class.
    waiting: [Cost; CLASSES],
    handed: BTreeMap<u32, Handed<G>>,
    /// Grants in the order in which they were made; those fetched since are still in it.
    grants: VecDeque<(Time, u32)>,
    tickets: u64,
    /// The wait of all who were there was ended, and some were not refused yet.
    ending: Option<Ending>,
}

/// The end of many waits.
#[derive(Debug)]
struct Ending {
    refusal: Refusal,
    /// The number of the last who was there.
    last: u64,
    /// Where to look next.
    next: u32,
}

/// Who is refused next because its wait was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// This one.
    At(u32),
    /// There may be more.
    More,
    /// All were refused.
    Done,
}

const CLASSES: usize = 3;

/// Room for so many is kept when all are gone.
const KEPT: usize = 64;

#[derive(Debug)]
enum Handed<G> {
    Granted(G, Time),
    Refused(Refusal),
}

impl<G> Queue<G> {
    pub(crate) fn new() -> Self {
        Self {
            waiters: Slab::new(),
            order: BTreeMap::new(),
            expiries: BTreeSet::new(),
            waiting: [nothing(); CLASSES],
            handed: BTreeMap::new(),
            grants: VecDeque::new(),
            tickets: 0,
            ending: None,
        }
    }

    /// How many wait for a grant.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// Nobody waits for a grant.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Time changes nothing: nobody waits or is to be refused, and all grants are fetched.
    #[inline]
    pub(crate) fn is_quiet(&self) -> bool {
        self.order.is_empty() && self.handed.is_empty() && self.ending.is_none()
    }

    /// How many have a place here, whatever it is.
    pub(crate) fn places(&self) -> usize {
        self.waiters.len()
    }

    /// A call that came now would be served first.
    pub(crate) fn is_first(&self, priority: Priority, arrival: Time) -> bool {
        let key = Key::new(priority, arrival, u64::MAX);
        self.order
            .first_key_value()
            .is_none_or(|(first, _)| key < *first)
    }

    /// What those take who would be served before a call that came now.
    pub(crate) fn before(&self, priority: Priority, arrival: Time) -> Cost {
        let class = class(priority);
        let above = self.waiting[..class]
            .iter()
            .fold(nothing(), |a, b| add(&a, b));
        let key = Key::new(priority, arrival, u64::MAX);
        // Most arrive last; a retry arrives near the front: the shorter way is taken.
        let mut behind = self.order.range(key..Key::after(priority));
        let mut ahead = self.order.range(Key::first_of(priority)..key);
        let (mut after, mut sum) = (nothing(), above);
        loop {
            let Some((_, at)) = behind.next() else {
                return add(&above, &sub(&self.waiting[class], &after));
            };
            after = add(&after, &self.waiters[*at as usize].cost);
            let Some((_, at)) = ahead.next() else {
                return sum;
            };
            sum = add(&sum, &self.waiters[*at as usize].cost);
        }
    }

    /// Takes a place.
    pub(crate) fn enter(
        &mut self,
        priority: Priority,
        arrival: Time,
        expires: Time,
        cost: &Cost,
    ) -> u32 {
        self.tickets += 1;
        let key = Key::new(priority, arrival, self.tickets);
        let at = self.waiters.insert(Waiter::new(key, expires, *cost));
        let at = u32::try_from(at).expect("a queue has a bound far below this");
        self.line_up(at);
        at
    }

    /// The next to be served, and what it takes.
    pub(crate) fn front(&self) -> Option<(u32, &Cost)> {
        let (_, at) = self.order.first_key_value()?;
        Some((*at, &self.waiters[*at as usize].cost))
    }

    /// When the next to be served arrived.
    pub(crate) fn first_arrival(&self) -> Option<Time> {
        let (key, _) = self.order.first_key_value()?;
        Some(key.arrival())
    }

    /// Those behind the first, in order, and what they take.
    pub(crate) fn behind(&self) -> impl Iterator<Item = (u32, &Cost)> {
        let behind = self.order.values().skip(1);
        behind.map(|at| (*at, self.cost(*at)))
    }

    /// What somebody takes.
    pub(crate) fn cost(&self, at: u32) -> &Cost {
        &self.waiters[at as usize].cost
    }

    /// Somebody who waits although its time is over.
    pub(crate) fn expired(&self, now: Time) -> Option<u32> {
        let (expires, at) = self.expiries.first()?;
        (*expires < now).then_some(*at)
    }

    /// The end of the first whose time will be over.
    pub(crate) fn next_expiry(&self) -> Option<Time> {
        self.expiries.first().map(|(expires, _)| *expires)
    }

    /// Hands somebody who waits a grant.
    pub(crate) fn grant(&mut self, at: u32, grant: G, now: Time) -> Option<Waker> {
        self.handed.insert(at, Handed::Granted(grant, now));
        self.grants.push_back((now, at));
        self.step_out(at, Stage::Handed)
    }

    /// Hands somebody who waits a refusal.
    pub(crate) fn refuse(&mut self, at: u32, refusal: Refusal) -> Option<Waker> {
        self.handed.insert(at, Handed::Refused(refusal));
        self.step_out(at, Stage::Handed)
    }

    /// Ends the wait of all who have a place now and have not fetched what became of it: those who
    /// wait, those who were skipped, and those who were handed a grant.
    /// [`refuse_if_ended`](Self::refuse_if_ended) refuses them one by one.
    pub(crate) fn end_all(&mut self, refusal: Refusal) {
        self.ending = Some(Ending {
            refusal,
            last: self.tickets,
            next: 0,
        });
    }

    /// Some whose wait was ended were not refused yet.
    pub(crate) const fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    /// The refusal of somebody whose wait was ended and who was not refused yet.
    fn is_ended(&self, at: u32) -> Option<Refusal> {
        let ending = self.ending.as_ref()?;
        let waiter = self.waiters.get(at as usize)?;
        // Whoever came since waits for others.
        let is_meant = waiter.key.ticket() <= ending.last;
        // The first reason stays.
        let is_told = matches!(self.handed.get(&at), Some(Handed::Refused(_)));
        (is_meant && !is_told).then_some(ending.refusal)
    }

    /// Refuses somebody whose wait was ended. Gives back its grant.
    pub(crate) fn refuse_if_ended(&mut self, at: u32, wakers: &mut Vec<Waker>) -> Option<G> {
        let refusal = self.is_ended(at)?;
        if self.waiters[at as usize].stage == Stage::Waiting {
            wakers.extend(self.refuse(at, refusal));
            return None;
        }
        let handed = self.handed.insert(at, Handed::Refused(refusal));
        let waiter = &mut self.waiters[at as usize];
        waiter.stage = Stage::Handed;
        wakers.extend(waiter.waker.take());
        match handed {
            Some(Handed::Granted(grant, _)) => Some(grant),
            _ => None,
        }
    }

    /// The next of those whose wait was ended, among so many places at most.
    pub(crate) fn next_ended(&mut self, looks: usize) -> Ended {
        for _ in 0..looks {
            let Some(ending) = &mut self.ending else {
                return Ended::Done;
            };
            let at = ending.next;
            if at as usize >= self.waiters.capacity() {
                self.ending = None;
                return Ended::Done;
            }
            ending.next += 1;
            if self.is_ended(at).is_some() {
                return Ended::At(at);
            }
        }
        Ended::More
    }

    /// When the oldest grant was made that nobody fetched.
    pub(crate) fn oldest_grant(&mut self) -> Option<Time> {
        loop {
            let (made, at) = *self.grants.front()?;
            match self.handed.get(&at) {
                Some(Handed::Granted(_, since)) if *since == made => return Some(made),
                _ => self.grants.pop_front(),
            };
        }
    }

    /// Takes the oldest grant back. Its waiter is skipped until it asks again.
    pub(crate) fn take_back(&mut self) -> Option<G> {
        self.oldest_grant()?;
        let (_, at) = self.grants.pop_front()?;
        self.waiters[at as usize].stage = Stage::Parked;
        match self.handed.remove(&at) {
            Some(Handed::Granted(grant, _)) => Some(grant),
            _ => None,
        }
    }

    /// Somebody asks what became of its place. It ends where the answer is final; else `waker` is
    /// kept.
    pub(crate) fn claim(&mut self, at: u32, waker: &Waker) -> Claim<G> {
        match self.waiters[at as usize].stage {
            Stage::Handed => {
                self.remove(at);
                match self.handed.remove(&at) {
                    Some(Handed::Granted(grant, _)) => Claim::Granted(grant),
                    Some(Handed::Refused(refusal)) => Claim::Refused(refusal),
                    None => unreachable!("whoever is at this stage was handed something"),
                }
            }
            stage => {
                let waiter = &mut self.waiters[at as usize];
                let new = waiter.waker.is_none();
                match &mut waiter.waker {
                    Some(kept) => kept.clone_from(waker),
                    none => *none = Some(waker.clone()),
                }
                if stage == Stage::Parked {
                    self.waiters[at as usize].stage = Stage::Waiting;
                    self.line_up(at);
                    return Claim::Returned;
                }
                match new {
                    true => Claim::Returned,
                    false => Claim::Waiting,
                }
            }
        }
    }

    /// Somebody gives up its place.
    pub(crate) fn leave(&mut self, at: u32) -> Left<G> {
        match self.waiters[at as usize].stage {
            Stage::Waiting => {
                let first = self.front().is_some_and(|(front, _)| front == at);
                self.step_out(at, Stage::Parked);
                self.remove(at);
                Left::Waiting { first }
            }
            Stage::Parked => {
                self.remove(at);
                Left::Waiting { first: false }
            }
            Stage::Handed => {
                self.remove(at);
                match self.handed.remove(&at) {
                    Some(Handed::Granted(grant, _)) => Left::Granted(grant),
                    _ => Left::Waiting { first: false },
                }
            }
        }
    }

    /// The waker of somebody who waits, to be called by others.
    pub(crate) fn wake(&mut self, at: u32) -> Option<Waker> {
        self.waiters[at as usize].waker.take()
    }

    /// The wakers of all who wait at so many places from `from` on, and whether there are more.
    pub(crate) fn wake_from(&mut self, from: usize, places: usize) -> (Vec<Waker>, bool) {
        let until = from.saturating_add(places);
        let waker = |at| self.waiters.get_mut(at)?.waker.take();
        let wakers = (from..until).filter_map(waker).collect();
        (wakers, until < self.waiters.capacity())
    }

    fn remove(&mut self, at: u32) {
        self.waiters.remove(at as usize);
        // A crowd that is gone needs no room.
        if self.waiters.is_empty() && self.waiters.capacity() > KEPT {
            self.waiters = Slab::new();
            self.grants = VecDeque::new();
        }
    }

    fn line_up(&mut self, at: u32) {
        let waiter = &self.waiters[at as usize];
        self.order.insert(waiter.key, at);
        self.expiries.insert((waiter.expires, at));
        let sum = &mut self.waiting[waiter.key.class()];
        *sum = add(sum, &waiter.cost);
    }

    fn step_out(&mut self, at: u32, stage: Stage) -> Option<Waker> {
        let waiter = &mut self.waiters[at as usize];
        self.order.remove(&waiter.key);
        self.expiries.remove(&(waiter.expires, at));
        let sum = &mut self.waiting[waiter.key.class()];
        *sum = sub(sum, &waiter.cost);
        waiter.stage = stage;
        waiter.waker.take()
    }
}

#[cfg(test)]
mod tests;
