//! tollgate: a queue in front of the account that follows the provider's count.

mod send;

use std::{collections::BTreeSet, time::SystemTime};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, sleep_until};
use tollgate_classify::ClassifyLayer;
use tollgate_core::Cost;
use tollgate_limit::{Account, Admission};
use tower::Layer;

use self::send::{Done, send};
use super::Job;
use crate::{tokens, twist::Twist};

pub(super) async fn run(job: Job<'_>) {
    let (limits, now) = (job.case.limits(), Instant::now());
    let account = Account::new(&limits, job.random.clone(), now, SystemTime::UNIX_EPOCH);
    let mut account = account.expect("limits that can be kept");
    let service = ClassifyLayer::new().layer(job.wire.clone());
    let costs = costs(&job);
    // In the order of their arrival: who is turned away goes back to the front.
    let mut waiting: BTreeSet<usize> = job.calls.clone().collect();
    let mut sent = FuturesUnordered::new();
    loop {
        let mut at = None;
        while let (Some(&call), None) = (waiting.first(), at) {
            match account.admit(&costs[call], Instant::now()) {
                Admission::Admitted(ticket) => {
                    waiting.pop_first();
                    sent.push(send(service.clone(), call, ticket));
                }
                Admission::NotBefore(time) => at = Some(time),
                _ => drop(waiting.pop_first()),
            }
        }
        tokio::select! {
            biased;
            Some(done) = sent.next() => {
                let done = done.expect("a provider without faults");
                let call = done.call;
                if !take_in(&mut account, done) {
                    waiting.insert(call);
                }
            }
            () = sleep_until(at.unwrap_or(now)), if at.is_some() => {}
            else => return,
        }
    }
}

/// What each call reserves, by its number.
fn costs(job: &Job<'_>) -> Vec<Cost> {
    match job.case.twist {
        Twist::Tokens => tokens::usages(job.case.calls, job.seed)
            .iter()
            .map(tokens::reserved)
            .collect(),
        _ => vec![Cost::default(); job.case.calls],
    }
}

/// Was it answered?
fn take_in(account: &mut Account, done: Done) -> bool {
    let (mut ticket, now) = (done.ticket, Instant::now());
    match done.end {
        Ok(usage) => {
            account.answer(&mut ticket, &done.quota, now);
            account.settle(ticket, &usage, now);
            true
        }
        Err(seen) => {
            account.reject(ticket, &seen, &done.quota, now);
            false
        }
    }
}
