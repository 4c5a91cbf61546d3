//! A second limiter, which asks somebody else: messages there, an answer later.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_test::task::spawn;
use tollgate_core::{Class, Classification, Cost, Quota, Reason, Rejected, Target};
use tollgate_limit::{Admit, Ask, Event, KeyRef, LimitLayer, Limiter, Outcome, Permit};
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{Provider, call, ms, named, rejected, request, s, target};

/// Keeps a number of places, and takes its time over every message.
#[derive(Clone)]
struct Remote {
    store: mpsc::UnboundedSender<Message>,
}

enum Message {
    Ask(Cost, oneshot::Sender<()>),
    Over(&'static str, Cost),
}

/// What a store is told of calls that are over.
type Log = mpsc::UnboundedReceiver<(&'static str, Cost)>;

fn remote(places: u64, way: Duration) -> (Remote, Log) {
    let (store, mut inbox) = mpsc::unbounded_channel();
    let (tell, log) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (mut free, mut waiting) = (places, std::collections::VecDeque::new());
        while let Some(message) = inbox.recv().await {
            tokio::time::sleep(way).await;
            match message {
                Message::Ask(cost, answer) => waiting.push_back((cost, answer)),
                Message::Over(how, cost) => {
                    free += cost.requests();
                    let _ = tell.send((how, cost));
                }
            }
            while waiting
                .front()
                .is_some_and(|(cost, _): &(Cost, _)| cost.requests() <= free)
            {
                let Some((cost, answer)) = waiting.pop_front() else {
                    break;
                };
                let answer: oneshot::Sender<()> = answer;
                if answer.send(()).is_ok() {
                    free -= cost.requests();
                }
            }
        }
    });
    (Remote { store }, log)
}

impl Limiter for Remote {
    type Permit = Lease;
    type Acquire = Asking;

    fn acquire(&self, key: KeyRef<'_>, ask: Ask) -> Admit<Lease, Asking> {
        let (answer, answered) = oneshot::channel();
        let lease = Lease {
            store: self.store.clone(),
            target: key.to_target(),
            cost: *ask.cost(),
            asked: ask.now,
            queued: Duration::ZERO,
            over: false,
        };
        if self.store.send(Message::Ask(lease.cost, answer)).is_err() {
            return Admit::Refused(Rejected::new(Reason::StoreUnavailable));
        }
        Admit::Later(Asking {
            answered,
            lease: Some(lease),
        })
    }
}

struct Asking {
    answered: oneshot::Receiver<()>,
    lease: Option<Lease>,
}

impl Future for Asking {
    type Output = Result<Lease, Rejected>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.answered).poll(cx));
        let mut lease = self.lease.take().unwrap();
        lease.queued = lease.asked.elapsed();
        Poll::Ready(match answer {
            Ok(()) => Ok(lease),
            Err(_) => {
                lease.over = true;
                Err(Rejected::new(Reason::StoreUnavailable).with_target(lease.target.clone()))
            }
        })
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // Never answered, or answered and not fetched: only in the second case something was taken.
        let taken = self.answered.try_recv().is_ok();
        if let Some(lease) = &mut self.lease {
            lease.end(if taken { "not sent" } else { "" });
        }
    }
}

#[derive(Debug)]
struct Lease {
    store: mpsc::UnboundedSender<Message>,
    target: Target,
    cost: Cost,
    asked: Instant,
    queued: Duration,
    over: bool,
}

impl Lease {
    fn end(&mut self, how: &'static str) {
        if !std::mem::replace(&mut self.over, true) && !how.is_empty() {
            let _ = self.store.send(Message::Over(how, self.cost));
        }
    }
}

impl Permit for Lease {
    fn target(&self) -> &Target {
        &self.target
    }

    fn cost(&self) -> Option<&Cost> {
        Some(&self.cost)
    }

    fn queued(&self) -> Duration {
        self.queued
    }

    fn observe(&mut self, seen: &Classification, _: &Quota) -> Vec<Event> {
        assert_eq!(seen.class(), Class::Ok);
        Vec::new()
    }

    fn settle(mut self, outcome: Outcome<'_>) {
        self.end(match outcome {
            Outcome::NotSent => "not sent",
            Outcome::GaveUp => "given up",
            _ => "served",
        });
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end("given up");
    }
}

#[tokio::test(start_paused = true)]
async fn the_layer_waits_for_a_limiter_elsewhere() {
    let provider = Provider::serving(s(1));
    let (remote, mut log) = remote(2, ms(5));
    let layer = LimitLayer::builder().build_around(remote).unwrap();
    let service = layer.layer(provider.clone());
    let start = Instant::now();
    let calls: Vec<_> = (0..6)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    for call in calls {
        let response = call.await.unwrap().unwrap();
        assert!(
            tollgate_core::Note::of(&response)
                .unwrap()
                .queued()
                .unwrap()
                >= ms(5)
        );
    }
    assert!(
        start.elapsed() >= s(3) && start.elapsed() < ms(3_200),
        "{:?}",
        start.elapsed()
    );
    for _ in 0..6 {
        assert_eq!(log.recv().await.unwrap().0, "served");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_dropped_is_given_back_there_too() {
    let provider = Provider::serving(s(1));
    let (remote, mut log) = remote(1, ms(5));
    let layer = LimitLayer::builder().build_around(remote).unwrap();
    let service = layer.layer(provider.clone());
    // In flight.
    let first = tokio::spawn(service.clone().oneshot(request()));
    tokio::time::sleep(ms(100)).await;
    // Waiting, and dropped before an answer.
    let mut waiting = spawn(service.clone().oneshot(request()));
    assert!(waiting.poll().is_pending());
    tokio::time::sleep(ms(100)).await;
    drop(waiting);
    // Waiting, and dropped with an answer that was not fetched.
    let mut answered = spawn(service.clone().oneshot(request()));
    assert!(answered.poll().is_pending());
    tokio::time::sleep(ms(100)).await;
    first.abort();
    assert_eq!(log.recv().await.unwrap().0, "given up");
    tokio::time::sleep(ms(100)).await;
    assert!(answered.is_woken());
    drop(answered);
    assert_eq!(log.recv().await.unwrap().0, "not sent");
    service.oneshot(named("last", call())).await.unwrap();
    assert_eq!(provider.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_gone_is_an_error_of_its_own() {
    let (store, inbox) = mpsc::unbounded_channel();
    let layer = LimitLayer::builder()
        .build_around(Remote { store })
        .unwrap();
    let service = layer.layer(Provider::serving(s(0)));
    let waiting = tokio::spawn(service.clone().oneshot(request()));
    tokio::time::sleep(ms(1)).await;
    drop(inbox);
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(rejected(&error).reason(), Reason::StoreUnavailable);
    assert_eq!(rejected(&error).target(), Some(&target()));
    let error = service.oneshot(request()).await.unwrap_err();
    assert_eq!(rejected(&error).reason(), Reason::StoreUnavailable);
}
