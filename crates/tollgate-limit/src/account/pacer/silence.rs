//! Providers that reject calls and say nothing of when to come back.

use std::collections::VecDeque;

use crate::account::{sent::Sent, time::Seconds};

/// The pause after a rejection where no pace is known.
const PAUSE: Seconds = 0.5;

/// By this factor the pause grows with each further rejection in a row.
const GROWTH: f64 = 3.0;

/// No pause is longer.
const LONGEST: Seconds = 20.0;

/// The commonest window.
const MINUTE: Seconds = 60.0;

/// So many rejections are remembered, of the last two minutes.
const KEPT: usize = 32;

/// What rejections that state no wait taught.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// Rejections in a row with no call taken between them.
    pub(super) in_a_row: u32,
    /// When the rejected calls were sent that were judged.
    asked: VecDeque<Seconds>,
    /// When the first call was sent after the key last opened.
    began: Seconds,
    /// It once stayed shut for long and then opened: there are windows.
    has_windows: bool,
    /// When the last rejected call was sent that others had been taken before.
    shut: Seconds,
}

impl Silence {
    /// A rejection came; so many calls were taken since `since`, the one before.
    pub(super) fn note(
        &mut self,
        taken: f64,
        (before, since): (Option<Seconds>, Seconds),
        sent: &Sent,
        (at, now): (Seconds, Seconds),
    ) {
        if taken < 1.0 {
            self.in_a_row += 1;
            return;
        }
        if self.in_a_row >= 3 {
            self.has_windows = before.is_some_and(|before| before - self.shut > 8.0);
        }
        self.shut = at;
        self.in_a_row = 0;
        if taken >= 3.0 || self.began == 0.0 {
            self.began = sent.first_after(since).unwrap_or(now);
        }
    }

    /// Nobody asked for a while: what came before says nothing of a pace.
    pub(super) fn forget_paces(&mut self) {
        self.asked.clear();
    }

    /// A rejection was judged.
    pub(super) fn remember(&mut self, at: Seconds) {
        self.asked.push_back(at);
        while self.asked.len() > KEPT || self.asked.front().is_some_and(|old| *old < at - 120.0) {
            self.asked.pop_front();
        }
    }

    /// The pace up to `at`. Nothing was left at each rejection, so any span between two of them will
    /// do: the newest with eight calls in it, else the one with the highest pace of those with three,
    /// because pauses in between only make it lower, else the longest.
    pub(super) fn pace(&self, sent: &Sent, at: Seconds) -> Option<f64> {
        let (mut found, mut best) = (None, 0.0_f64);
        for from in self.asked.iter().rev().filter(|from| **from < at - 0.2) {
            let calls = sent.calls(*from, at);
            let pace = calls / (at - from);
            if calls >= 8.0 {
                return Some(pace);
            }
            if calls >= 1.0 {
                found = Some(pace);
            }
            if calls >= 3.0 {
                best = best.max(pace);
            }
        }
        found.map(|pace| pace.max(best))
    }

    /// When the pause after a rejection ends, with so many `asks` a minute at least. `random` is from
    /// 0 to 1.
    pub(super) fn pause(
        &self,
        pace: Option<f64>,
        asks: f64,
        random: f64,
        (now, disorder): (Seconds, Seconds),
    ) -> Seconds {
        let most = MINUTE / asks;
        let one = pace.map_or(PAUSE, |pace| (1.0 / pace).min(10.0));
        let pause = match self.in_a_row {
            0 => one,
            n => (PAUSE.max(one) * GROWTH.powi(n.min(20) as i32)).min(most.max(one)),
        };
        let until = now + pause * (0.95 + 0.1 * random);
        let minute = self.began + MINUTE + disorder;
        let latest = if self.has_windows {
            now + LONGEST
        } else {
            until
        };
        if self.in_a_row > 0 && minute > now + 0.2 && minute < latest {
            return minute;
        }
        until
    }
}

#[cfg(test)]
mod tests;
