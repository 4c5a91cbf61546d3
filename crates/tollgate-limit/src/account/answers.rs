//! What answers and rejections change.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Dimension, LimitKind, Quota};

use super::{
    Account, Change, Guard, Ignored, Levels, combine, concerns,
    level::{Fate, Statement},
    levels,
    pacer::{Deception, Rejection},
    ticket::Ticket,
    time::{Time, seconds, span},
};
use crate::charge::Charge;

/// A longer wait is no hint.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

impl Account {
    #[inline(never)]
    pub(super) fn served(&mut self, ticket: &Ticket, quota: &Quota, now: Instant) {
        let now = self.advance(now);
        let Some(learned) = &mut self.learned else {
            return;
        };
        let is_meant = !ticket.spared && concerns(learned.pacer.gate.kind, &ticket.cost);
        if is_meant && learned.pacer.serve(ticket.generation, seconds(now)) {
            let kind = learned.pacer.gate.kind;
            self.note(Change::Reopened { kind });
        }
        self.read(ticket, quota, Fate::Served, now);
    }

    /// The provider rejected the call, and did not count it.
    ///
    /// A rejection that names concurrency and states no wait holds nobody while other tickets are out:
    /// how many calls may be in flight is for the owner of the account to count.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a ticket is handed back once"
    )]
    pub fn reject(&mut self, ticket: Ticket, seen: &Classification, quota: &Quota, now: Instant) {
        let at = self.advance(now);
        self.reserved = combine(&self.reserved, &ticket.cost, false);
        for guard in &mut self.guards {
            guard.give(guard.charge(&ticket.cost), ticket.sent);
        }
        let stated = seen.wait();
        let wait = stated.filter(|wait| *wait <= LONGEST_WAIT);
        let is_limit = seen.class() == Class::RateLimited || wait.is_some();
        let Some(learned) = &mut self.learned else {
            return;
        };
        let (now, sent) = (seconds(at), seconds(ticket.sent));
        learned.sent.take_out(&ticket.cost, sent);
        learned.levels.give(&ticket.cost);
        if !is_limit {
            // An account without credit: no call of its own would be served any sooner.
            return;
        }
        learned.pacer.trip.measure(now - sent);
        if stated.is_some() && wait.is_none() {
            let (kind, what) = (seen.limit(), Ignored::FarWait);
            self.note(Change::Ignored { kind, what });
        }
        let wait = wait.map(|wait| wait.as_secs_f64());
        // What the provider counts of a call's tokens may be more than was estimated.
        let is_estimate = seen.limit().is_some_and(|kind| kind != LimitKind::Requests);
        if Levels::claim_room(quota, &ticket.cost) && !is_estimate {
            if let Some(learned) = &mut self.learned {
                learned.levels.distrust(now);
            }
            let (kind, what) = (None, Ignored::EnoughLeft);
            self.note(Change::Ignored { kind, what });
        }
        self.read(&ticket, quota, Fate::Rejected(wait), at);
        let explains = |said: &Dimension| {
            let least = Charge::of(&ticket.cost, said.kind).total();
            Some(said.kind) == seen.limit() && said.remaining.is_some_and(|left| left < least)
        };
        let is_explained = quota.iter().any(explains);
        self.close(&ticket, seen, (wait, is_explained), at);
    }

    fn close(
        &mut self,
        ticket: &Ticket,
        seen: &Classification,
        (wait, is_explained): (Option<f64>, bool),
        at: Time,
    ) {
        let Some(learned) = &mut self.learned else {
            return;
        };
        let is_alone = self.reserved.requests() == 0;
        if seen.limit() == Some(LimitKind::Concurrency) && wait.is_none() && !is_alone {
            // That says nothing of a pace: the call goes again when another one ends.
            learned.pacer.lose();
            return;
        }
        if ticket.spared && learned.pacer.gate.until > seconds(at) + wait.unwrap_or(0.0) {
            // It was no exception: the wait that was stated before holds it as well.
            learned.is_explained = false;
            learned.pacer.lose();
            return;
        }
        // A call of another kind is not meant.
        let named = seen
            .limit()
            .filter(|kind| concerns(Some(*kind), &ticket.cost));
        let said = Rejection {
            sent: seconds(ticket.sent),
            generation: ticket.generation,
            wait,
            kind: named,
            random: self.random.unit(),
        };
        let is_new = learned.pacer.reject(said, &learned.sent, seconds(at));
        if ticket.by_headers {
            match learned.pacer.count_deception(is_new) {
                Deception::Rarely => {}
                Deception::AtOnce => learned.levels.no_bucket(),
                Deception::Often => learned.levels.distrust(seconds(at)),
            }
        }
        learned.is_explained = is_explained && (is_new || learned.is_explained);
        if !is_new {
            return;
        }
        learned.rejected = ticket.cost;
        learned.rejected_kind = seen.limit();
        let (kind, until) = (said.kind, learned.pacer.gate.until);
        let until = self.epoch.instant_of(until, at);
        // A plain limit is what a person knows of the provider. That a call was rejected, for whatever
        // reason, is for the pacer to judge: it finds out sooner when calls are served again.
        let is_meant = |guard: &&mut Guard| {
            guard.is_exact() && seen.limit().is_none_or(|kind| kind == guard.kind())
        };
        for guard in self.guards.iter_mut().filter(is_meant) {
            guard.reject(guard.charge(&ticket.cost), wait, at);
        }
        self.note(Change::Closed { kind, until });
    }

    /// Takes in what an answer says about each limit; `fate` says what became of its call.
    fn read(&mut self, ticket: &Ticket, quota: &Quota, fate: Fate, at: Time) {
        if quota.is_empty() {
            return;
        }
        let (now, open) = (seconds(at), self.reserved);
        for said in quota.iter() {
            if let Some(what) = levels::doubt(said) {
                let kind = Some(said.kind);
                self.note(Change::Ignored { kind, what });
            }
            let Some(learned) = &mut self.learned else {
                return;
            };
            let Some(remaining) = said.remaining else {
                continue;
            };
            let disorder = learned.pacer.trip.disorder();
            let sent = seconds(ticket.sent);
            let own = match fate {
                Fate::Rejected(_) => 0.0,
                Fate::Served => Charge::of(&ticket.cost, said.kind).now as f64,
            };
            let after = |time| learned.sent.amount_after(said.kind, time);
            // Some providers count the tokens of an answer beforehand, some when it is complete.
            let later = Charge::of(&open, said.kind).later as f64;
            let mark = learned.levels.mark(said);
            let own_since = mark.map_or(0.0, |mark| after(mark) - after(sent));
            let statement = Statement {
                remaining: remaining as f64,
                limit: said
                    .limit
                    .filter(|limit| *limit > 0)
                    .map(|limit| limit as f64),
                reset: levels::reset(said),
                sent,
                perhaps: (after(sent - disorder) - own).max(0.0) + later,
                certainly: after(sent + disorder),
                fate,
                disorder,
                own: own_since,
            };
            let change = learned.levels.apply(said, statement, now);
            let low = statement.remaining - statement.perhaps;
            let same = |guard: &&mut Guard| {
                guard.kind() == said.kind && levels::is_of(said.window, &guard.limit)
            };
            for guard in self.guards.iter_mut().filter(same) {
                guard.state(low, statement.limit, at);
            }
            if let Some(change) = change {
                self.note(change);
                self.compare_headers(said);
            }
        }
    }

    /// The gate opens: what was the rejection that closed it?
    #[cold]
    pub(super) fn judge(&mut self, at: Time) {
        let Some(learned) = &mut self.learned else {
            return;
        };
        let now = seconds(at);
        let stated = learned.levels.limit_of_requests();
        let judged = learned.pacer.judge(&learned.sent, stated, now);
        let Some(judged) = judged else {
            return;
        };
        let rejected = learned.rejected;
        if let Some(wait) = judged.wait {
            // What was sent before the rejection was known may have been rejected as well.
            learned.levels.raise(&rejected);
            let wait = span(Duration::from_secs_f64(wait.clamp(0.0, 1e9)));
            let kind = learned.rejected_kind;
            let meant = |guard: &&mut Guard| kind.is_none_or(|kind| kind == guard.kind());
            for guard in self.guards.iter_mut().filter(meant) {
                let n = Charge::of(&rejected, guard.kind()).total();
                let from = now - guard.rounding();
                let recent = learned.sent.amount_after(guard.kind(), from);
                guard.wait_is_over(wait, n, recent, at);
            }
        }
        self.compare(&judged);
    }
}
