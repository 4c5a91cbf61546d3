//! What answers change.

use tokio::time::Instant;
use tollgate_core::{Class, Classification, LimitKind, Quota, Usage};

use super::State;
use crate::{Change, Expected, Outcome, Ticket};

impl State {
    /// The head of an answer came. `true` if the call was rejected. The ticket is taken where the call
    /// is over as far as the account is concerned; only its place among those on the way is left then.
    pub(crate) fn observe(
        &mut self,
        ticket: &mut Option<Ticket>,
        (seen, quota): (&Classification, &Quota),
        now: Instant,
    ) -> bool {
        let class = seen.class();
        // An overload is a matter of this one call: others may well be served.
        if matches!(class, Class::RateLimited | Class::QuotaExhausted) {
            let Some(ticket) = ticket.take() else {
                return false;
            };
            let concurrency = seen.limit() == Some(LimitKind::Concurrency);
            let concurrency = concurrency && !self.account.is_configured_only();
            self.slots.reject(concurrency, now);
            let is_bare = class == Class::RateLimited && seen.wait().is_none();
            if is_bare && !concurrency && self.account.learns() {
                self.slots.suspect();
            }
            self.account.reject(ticket, seen, quota, now);
            return true;
        }
        if class == Class::Ok {
            if let Some(ticket) = ticket {
                self.account.answer(ticket, quota, now);
                self.slots.serve(now);
            }
        } else if let Some(mut ticket) = ticket.take() {
            // What was answered but not served was counted all the same, and says what is left.
            self.account.answer(&mut ticket, quota, now);
            self.account.settle(ticket, &Usage::new(0, 0), now);
        }
        false
    }

    /// What the account learned and decided since this was last asked.
    pub(crate) fn changes(&mut self) -> Vec<Change> {
        match self.account.has_changes() {
            true => self.account.changes().collect(),
            false => Vec::new(),
        }
    }

    /// A call is over.
    #[inline]
    pub(crate) fn settle(
        &mut self,
        ticket: Option<Ticket>,
        guess: Option<u64>,
        outcome: Outcome<'_>,
        refused: bool,
        now: Instant,
    ) {
        self.used = self.used.max(now);
        self.slots.give(refused);
        let Some(ticket) = ticket else {
            return;
        };
        let was_sent = !matches!(outcome, Outcome::NotSent);
        if was_sent && self.slots.ended(now) {
            self.account.end_pause(now);
        }
        let prompt = ticket.cost().input_tokens();
        match outcome {
            Outcome::NotSent => self.account.refund(ticket, now),
            Outcome::Unserved => self.account.settle(ticket, &Usage::new(0, 0), now),
            Outcome::GaveUp => self.account.settle(ticket, &Usage::new(prompt, 0), now),
            Outcome::Unknown => self.account.finish(ticket),
            Outcome::Used(usage) => self.account.settle(ticket, &usage, now),
            Outcome::Read(reader) => {
                let expected = Expected::of_parts(*ticket.cost(), guess);
                reader.teach(&expected, &mut self.learned);
                let usage = reader.usage(ticket.cost());
                self.account.settle(ticket, &usage, now);
            }
        }
    }
}
