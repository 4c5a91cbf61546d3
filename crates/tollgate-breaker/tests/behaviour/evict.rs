//! A breaker that opens empties the queues below it.

use std::{
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use tollgate_breaker::{BreakerLayer, Event, Handle};
use tollgate_core::{Evict, Target};

use crate::support::{World, host, s, status, told, world};

/// What a queue is told, and how the breaker stood when it was.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    told: Mutex<Vec<(Target, Option<Duration>, &'static str)>>,
    breaker: OnceLock<Handle>,
    waiting: Mutex<usize>,
}

impl Evict for Queue {
    fn waiting(&self, _: &Target) -> usize {
        *self.waiting.lock().expect("no panic")
    }

    fn evict(&self, target: &Target, retry_after: Option<Duration>) {
        // Would hang if it were told under the lock of the key.
        let breaker = self.breaker.get().expect("set at the start");
        let state = breaker.state(target).as_str();
        let mut told = self.told.lock().expect("no panic");
        told.push((target.clone(), retry_after, state));
    }
}

impl Queue {
    /// Says that so many wait.
    pub(crate) fn holds(&self, waiting: usize) {
        *self.waiting.lock().expect("no panic") = waiting;
    }

    fn take(&self) -> Vec<(Target, Option<Duration>, &'static str)> {
        std::mem::take(&mut self.told.lock().expect("no panic"))
    }
}

pub(crate) fn above() -> (World, Arc<Queue>) {
    let queue = Arc::new(Queue::default());
    let world = world(BreakerLayer::builder().evict(queue.clone()));
    assert!(queue.breaker.set(world.handle.clone()).is_ok());
    (world, queue)
}

fn opened(world: &World) -> Vec<Option<Duration>> {
    let waits = world
        .seen
        .take()
        .into_iter()
        .filter_map(|event| match event {
            Event::Opened { wait, .. } => Some(Some(wait)),
            _ => None,
        });
    waits.collect()
}

#[tokio::test(start_paused = true)]
async fn it_tells_them_once_with_the_time_of_the_next_probe() {
    let (mut world, queue) = above();
    world.play((0..4).map(|_| status(500))).await;
    assert!(queue.take().is_empty(), "it is closed");
    world.play([status(500)]).await;
    let wait = opened(&world)[0];
    assert_eq!(queue.take(), [(host(), wait, "open")]);
    world.ask().await.expect_err("open");
    assert!(queue.take().is_empty(), "a refusal empties nothing");
    // A failed probe opens it again; one that is served closes it.
    tokio::time::sleep(wait.expect("an end")).await;
    world.play([told(503, 30)]).await;
    let wait = opened(&world)[0];
    assert!(wait >= Some(s(30)));
    assert_eq!(queue.take(), [(host(), wait, "open")]);
    tokio::time::sleep(wait.expect("an end")).await;
    world.play([status(200), status(200)]).await;
    assert_eq!(world.state(), "closed");
    assert!(queue.take().is_empty());
}

#[tokio::test(start_paused = true)]
async fn it_tells_them_when_it_is_opened_manually_or_restored() {
    let (world, queue) = above();
    world.handle.force_open(&host(), s(10));
    assert_eq!(queue.take(), [(host(), Some(s(10)), "open")]);
    world.handle.force_open(&host(), None);
    assert_eq!(queue.take(), [(host(), None, "open")]);
    let snapshot = world.handle.snapshot();
    world.handle.reset(&host());
    world.handle.force_closed(&host());
    assert!(queue.take().is_empty());
    world.handle.reset(&host());
    world.handle.restore(&snapshot);
    assert_eq!(queue.take(), [(host(), None, "open")]);
}

#[tokio::test(start_paused = true)]
async fn it_tells_each_of_them() {
    let queues = [(); 3].map(|()| Arc::new(Queue::default()));
    let builder = queues
        .iter()
        .fold(BreakerLayer::builder(), |builder, queue| {
            builder.evict(queue.clone())
        });
    let world = world(builder);
    for queue in &queues {
        assert!(queue.breaker.set(world.handle.clone()).is_ok());
    }
    world.handle.force_open(&host(), s(1));
    for queue in &queues {
        assert_eq!(queue.take().len(), 1);
    }
}
