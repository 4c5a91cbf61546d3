//! The machine of one key behind its lock, and the guard of a call.

use std::sync::{OnceLock, PoisonError};

use tokio::sync::watch;
use tollgate_core::Target;

use crate::{
    Status,
    key::is_host,
    rules::Rules,
    state::{Admission, Broken, Counted, Machine, Outcome, Pass, Step},
    sync::{Arc, AtomicU64, Mutex, MutexGuard, Ordering},
    time::{Clock, Nanos},
};

/// One key. Its lock is held for the length of one decision, never while anybody else's code runs.
#[derive(Debug)]
pub(crate) struct Cell {
    target: Target,
    is_host: bool,
    // The epoch while it is closed, so that most calls pass without the lock; else `SHUT`.
    gate: AtomicU64,
    machine: Mutex<Machine>,
    // Calls admitted while it was closed that have not come back.
    out: AtomicU64,
    // Bodies that broke since one ended well.
    breaks: AtomicU64,
    // Made when somebody wants to hear of changes.
    changes: OnceLock<watch::Sender<Status>>,
}

const SHUT: u64 = u64::MAX;

impl Cell {
    pub(crate) fn new(target: Target, rules: &Rules, now: Nanos) -> Self {
        let machine = Machine::new(rules, now);
        Self {
            is_host: is_host(&target),
            target,
            gate: AtomicU64::new(machine.epoch()),
            machine: Mutex::new(machine),
            out: AtomicU64::new(0),
            breaks: AtomicU64::new(0),
            changes: OnceLock::new(),
        }
    }

    pub(crate) const fn target(&self) -> &Target {
        &self.target
    }

    /// Its target is a host and nothing else: what a URI says of its own, in lower case.
    pub(crate) const fn is_host(&self) -> bool {
        self.is_host
    }

    /// How many calls are out.
    pub(crate) fn out(&self) -> u64 {
        self.out.load(Ordering::Relaxed)
    }

    /// A body ended well.
    #[inline]
    pub(crate) fn delivered(&self) {
        if self.breaks.load(Ordering::Relaxed) > 0 {
            self.breaks.store(0, Ordering::Relaxed);
        }
    }

    /// To look at. Changes are made by [`change`](Self::change).
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, Machine> {
        // No code of others runs under the lock, so nothing is left half-done.
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it, and opens or shuts the gate where that changed the phase.
    #[inline]
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Machine) -> T) -> T {
        let mut machine = self.lock();
        let before = machine.epoch();
        let result = change(&mut machine);
        if machine.epoch() != before {
            let gate = if machine.is_closed() {
                machine.epoch()
            } else {
                SHUT
            };
            self.gate.store(gate, Ordering::Release);
        }
        result
    }

    /// Lets a call in at once, if it is closed. Who passes while another thread is about to shut it
    /// came just before.
    #[inline]
    pub(crate) fn pass(&self) -> Option<Pass> {
        let epoch = self.gate.load(Ordering::Acquire);
        (epoch != SHUT).then_some(Pass::closed(epoch))
    }

    /// Lets a call in, or tells for how long it is sent away.
    pub(crate) fn admit(&self, rules: &Rules, now: Nanos) -> Admission {
        self.change(|machine| machine.admit(rules, now))
    }

    /// Would a call pass now? If not, it was sent away, for how long it says.
    pub(crate) fn knock(&self, rules: &Rules, now: Nanos) -> Result<(), Option<Nanos>> {
        let mut machine = self.lock();
        match machine.wait(rules, now) {
            Some(0) => Ok(()),
            wait => {
                machine.refuse(now);
                Err(wait)
            }
        }
    }

    /// Somebody hears of its changes.
    pub(crate) fn is_watched(&self) -> bool {
        let sender = self.changes.get();
        sender.is_some_and(|sender| sender.receiver_count() > 0)
    }

    pub(crate) fn subscribe(&self, clock: Clock) -> watch::Receiver<Status> {
        let first = || watch::Sender::new(Status::of(self, clock));
        let receiver = self.changes.get_or_init(first).subscribe();
        // It may have changed while nobody listened.
        self.announce(clock);
        receiver
    }

    /// Tells those who listen how it stands.
    pub(crate) fn announce(&self, clock: Clock) {
        if self.changes.get().is_some() {
            self.publish(Status::of(self, clock));
        }
    }

    /// Of two threads that tell at the same time, the older news never wins.
    fn publish(&self, status: Status) {
        if let Some(changes) = self.changes.get() {
            changes.send_if_modified(|known| {
                let newer = status.changes() > known.changes();
                if newer {
                    *known = status;
                }
                newer
            });
        }
    }
}

/// The place of a call that is out. Dropped without a result, it is given back.
#[derive(Debug)]
pub(crate) struct Slot {
    cell: Arc<Cell>,
    pass: Pass,
    out: bool,
}

impl Slot {
    /// The place that a pass stands for.
    #[inline]
    pub(crate) fn new(cell: Arc<Cell>, pass: Pass) -> Self {
        let out = true;
        if !pass.is_probe() {
            cell.out.fetch_add(1, Ordering::Relaxed);
        }
        Self { cell, pass, out }
    }

    /// The call came back. Probes are counted by the machine.
    #[inline]
    pub(crate) fn back(&mut self) {
        if !self.is_probe() && std::mem::take(&mut self.out) {
            self.cell.out.fetch_sub(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }

    pub(crate) const fn is_probe(&self) -> bool {
        self.pass.is_probe()
    }

    /// The call succeeded, in the plain case: it is closed, and was when the call was let in.
    #[inline]
    pub(crate) fn succeed(&mut self, took: Nanos, now: Nanos) -> Option<Counted> {
        self.back();
        self.cell.lock().succeed(self.pass, took, now)
    }

    /// The call came to an end that counts.
    pub(crate) fn settle(
        &mut self,
        rules: &Rules,
        outcome: Outcome,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> (Option<Counted>, Option<Step>) {
        self.back();
        self.out = false;
        let pass = self.pass;
        self.cell
            .change(|machine| machine.settle(rules, pass, outcome, now, jitter))
    }

    /// The body of an answer broke that was judged already.
    pub(crate) fn broke(
        &self,
        rules: &Rules,
        counted: Option<Counted>,
        slow: bool,
        now: Nanos,
        jitter: impl FnOnce() -> f64,
    ) -> Option<Step> {
        let pass = self.pass;
        let breaks = self.cell.breaks.fetch_add(1, Ordering::Relaxed) + 1;
        let breaks = u32::try_from(breaks).unwrap_or(u32::MAX);
        let broken = Broken {
            counted,
            slow,
            breaks,
        };
        let step = self
            .cell
            .change(|machine| machine.broke(rules, pass, broken, now, jitter));
        if step.is_some() {
            self.cell.delivered();
        }
        step
    }

    /// The call says nothing about the provider.
    #[inline]
    pub(crate) fn give_back(&mut self) {
        match self.is_probe() {
            true => self.leave(),
            false => self.back(),
        }
    }

    #[cold]
    fn leave(&mut self) {
        if std::mem::take(&mut self.out) {
            self.cell.lock().give_back(self.pass);
        }
    }
}

impl Drop for Slot {
    #[inline]
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests;
