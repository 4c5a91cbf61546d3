//! How ill the provider looked, and for how long.

use std::time::Duration;

use tollgate_breaker::{Event, Why};

use super::{A_SECOND, WELL};
use crate::{
    stories::{
        seen::{Seen, served},
        stack::ATTEMPT,
    },
    trace::{Sent, Trace},
};

/// By then it was known to have failed.
pub(super) fn failed_by(sent: &Sent, at: Duration) -> bool {
    let known = sent.answer.map_or(sent.at + ATTEMPT, |(came, _)| came);
    !served(sent) && known <= at
}

pub(super) fn in_a_row(why: &Why) -> Option<u64> {
    match why {
        Why::Consecutive { failures, .. } => Some(u64::from(*failures)),
        _ => None,
    }
}

/// What reached the provider from each opening of its breaker until that closed.
pub(super) fn sent_while_open(seen: &Seen) -> u64 {
    let mut open = Vec::new();
    for (at, event) in &seen.breaker {
        match (event, open.last_mut()) {
            (Event::Opened { .. }, Some((_, None))) => {}
            (Event::Opened { .. }, _) => open.push((*at, None)),
            (Event::Closed { .. }, Some((_, end))) => *end = Some(*at),
            _ => {}
        }
    }
    let within = |it: &&Sent| {
        let during = |(from, to): &(Duration, Option<Duration>)| {
            *from < it.at && to.is_none_or(|to| it.at < to)
        };
        open.iter().any(during)
    };
    seen.traces[0].iter().filter(within).count() as u64
}

/// When all calls went to it again, after the outage.
pub(super) fn back(trace: &Trace) -> Option<Duration> {
    let later: Vec<Duration> = trace
        .iter()
        .map(|it| it.at)
        .filter(|at| *at >= WELL)
        .collect();
    let second = Duration::from_secs(1);
    let full = later
        .windows(A_SECOND)
        .find(|it| it[A_SECOND - 1] - it[0] < second);
    full.map(|it| it[0])
}
