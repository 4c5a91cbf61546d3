//! The right to send one call, taken out of a key.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, Quota, Target};

use super::{cell::Cell, state::Granted};
use crate::{Ask, Event, Outcome, Permit, Ticket};

/// A permit of [`Local`](crate::Local).
#[derive(Debug)]
pub struct LocalPermit {
    cell: Arc<Cell>,
    /// `None` after the call was turned away or not served; its place among those on the way remains.
    ticket: Option<Ticket>,
    guess: Option<u64>,
    queued: Duration,
    heeded: bool,
    refused: bool,
    gated: Option<Duration>,
    over: bool,
}

impl LocalPermit {
    #[inline]
    pub(crate) const fn new(
        cell: Arc<Cell>,
        granted: Granted,
        guess: Option<u64>,
        queued: Duration,
    ) -> Self {
        Self {
            cell,
            ticket: Some(granted.ticket),
            heeded: granted.heeded,
            guess,
            queued,
            refused: false,
            gated: None,
            over: false,
        }
    }

    /// For a call that goes when it comes.
    #[inline]
    pub(crate) const fn at_once(cell: Arc<Cell>, granted: Granted, ask: &Ask) -> Self {
        Self::new(cell, granted, ask.expected.guess(), Duration::ZERO)
    }

    #[inline(never)]
    fn give_up(&mut self) {
        self.end(Outcome::GaveUp);
    }

    #[inline]
    fn end(&mut self, outcome: Outcome<'_>) {
        self.over = true;
        let now = Instant::now();
        let ticket = self.ticket.take();
        self.cell
            .change(|state| state.settle(ticket, self.guess, outcome, self.refused, now));
    }
}

impl Permit for LocalPermit {
    fn target(&self) -> &Target {
        self.cell.target()
    }

    fn cost(&self) -> Option<&Cost> {
        self.ticket.as_ref().map(Ticket::cost)
    }

    fn queued(&self) -> Duration {
        self.queued
    }

    fn heeds_success(&self) -> bool {
        self.heeded
    }

    fn observe(&mut self, seen: &Classification, quota: &Quota) -> Vec<Event> {
        let now = Instant::now();
        let Self { cell, ticket, .. } = self;
        let cost = ticket.as_ref().map(|ticket| *ticket.cost());
        let stated = seen.wait().filter(|_| seen.class() == Class::RateLimited);
        let (refused, gated, changes) = cell.change(|state| {
            let refused = state.observe(ticket, (seen, quota), now);
            let rejected = cost.zip(stated).filter(|_| refused);
            let gated = rejected.and_then(|(cost, stated)| state.gated(&cost, stated, now));
            (refused, gated, state.changes())
        });
        self.refused |= refused;
        self.gated = gated;
        let told = changes.into_iter();
        told.map(|change| Event::of(change, self.cell.target(), now))
            .collect()
    }

    fn gated(&self) -> Option<Duration> {
        self.gated
    }

    #[inline]
    fn settle(mut self, outcome: Outcome<'_>) {
        self.end(outcome);
    }
}

impl Drop for LocalPermit {
    #[inline]
    fn drop(&mut self) {
        if !self.over {
            self.give_up();
        }
    }
}
