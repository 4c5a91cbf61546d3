//! Many calls whose wait ends at once: the key is free for others between batches of them.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use http::Response;
use tokio::time::{Instant, sleep};
use tollgate_core::{BoxError, Evict, Reason};
use tollgate_limit::{Handle, LimitLayer, Limits};
use tower::ServiceExt;

use crate::support::{Limited, Provider, call, limited, ms, named, rejected, s, settle, target};

const CROWD: usize = 5_000;

/// So many are served or refused before the first of them is woken.
const BATCH: usize = 256;

type Waiting = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;

/// Looks at the key whenever one of the crowd is woken.
struct Watch {
    handle: Handle,
    service: Limited,
    woken: AtomicUsize,
    /// The most whose wait had ended and who were not woken yet.
    most: AtomicUsize,
    /// Joined while the others were woken.
    joined: Mutex<Option<Waiting>>,
}

impl Wake for Watch {
    fn wake(self: Arc<Self>) {
        let mut joined = self.joined.lock().unwrap();
        let queued = self.handle.key(&target()).map_or(0, |key| key.queued);
        let woken = self.woken.fetch_add(1, Relaxed);
        let ended = (CROWD + usize::from(joined.is_some())).saturating_sub(queued);
        let behind = ended.saturating_sub(woken);
        self.most.fetch_max(behind, Relaxed);
        if woken == CROWD / 2 {
            let mut joins = ask(&self.service, s(3_600));
            let mut cx = Context::from_waker(Waker::noop());
            assert!(joins.as_mut().poll(&mut cx).is_pending());
            *joined = Some(joins);
        }
    }
}

fn ask(service: &Limited, patience: Duration) -> Waiting {
    let call = call().with_deadline(Instant::now() + patience);
    let answer = service.clone().oneshot(named("", call));
    Box::pin(async move { answer.await.map(drop) })
}

/// One call is out for five seconds, and a crowd waits for it, each for so long at most.
struct Crowd {
    watch: Arc<Watch>,
    calls: Vec<Waiting>,
    waker: Waker,
}

impl Crowd {
    async fn new(
        first: fn() -> Response<http_body_util::Full<bytes::Bytes>>,
        time: Duration,
    ) -> Self {
        let provider = Provider::new(move |nth| match nth {
            0 => (s(5), Ok(first())),
            _ => (ms(1), Ok(Response::new(Default::default()))),
        });
        let builder = LimitLayer::builder().concurrency(1).queue(2 * CROWD);
        let (layer, handle) = builder.build_with_handle().unwrap();
        let service = limited(&layer, &provider);
        tokio::spawn(ask(&service, s(3_600)));
        settle().await;
        let watch = Arc::new(Watch {
            handle,
            service,
            woken: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            joined: Mutex::default(),
        });
        let waker = Waker::from(watch.clone());
        let mut cx = Context::from_waker(&waker);
        let mut calls: Vec<_> = (0..CROWD).map(|_| ask(&watch.service, time)).collect();
        for call in &mut calls {
            assert!(call.as_mut().poll(&mut cx).is_pending());
        }
        assert_eq!(watch.handle.key(&target()).unwrap().queued, CROWD);
        // Some were woken to look after the timer.
        watch.woken.store(0, Relaxed);
        watch.most.store(0, Relaxed);
        Self {
            watch,
            calls,
            waker,
        }
    }

    /// All have heard of it, a batch at a time.
    fn assert_batches(&self) {
        let woken = self.watch.woken.load(Relaxed);
        assert!(woken >= CROWD, "{woken} were woken");
        let most = self.watch.most.load(Relaxed);
        assert!(most <= BATCH, "{most} were told under one lock");
        assert!(most >= BATCH / 2, "{most} are not worth a lock");
    }

    /// Each was refused, and whoever joined meanwhile is served in its turn.
    async fn assert_refused(self, reason: Reason) {
        self.assert_batches();
        let mut cx = Context::from_waker(&self.waker);
        for mut call in self.calls {
            match call.as_mut().poll(&mut cx) {
                Poll::Ready(Err(error)) => assert_eq!(rejected(&error).reason(), reason),
                other => panic!("{other:?}"),
            }
        }
        let joined = self.watch.joined.lock().unwrap().take();
        joined.expect("one joined").await.expect("it is served");
    }
}

fn served() -> Response<http_body_util::Full<bytes::Bytes>> {
    Response::new(Default::default())
}

#[tokio::test(start_paused = true)]
async fn when_a_circuit_opens() {
    let crowd = Crowd::new(served, s(3_600)).await;
    crowd.watch.handle.evict(&target(), Some(s(7)));
    crowd.assert_refused(Reason::CircuitOpen).await;
}

#[tokio::test(start_paused = true)]
async fn when_the_time_of_all_is_over() {
    let crowd = Crowd::new(served, s(3)).await;
    sleep(s(4)).await;
    crowd.assert_refused(Reason::DeadlineExceeded).await;
}

#[tokio::test(start_paused = true)]
async fn when_a_gate_closes_for_longer_than_they_have() {
    let rejection = || {
        let response = Response::builder().status(429).header("retry-after", 60);
        response.body("slow down".into()).unwrap()
    };
    let crowd = Crowd::new(rejection, s(30)).await;
    sleep(s(6)).await;
    crowd.assert_refused(Reason::DeadlineExceeded).await;
}

/// Served or refused, it is the same work.
#[tokio::test(start_paused = true)]
async fn when_a_limit_is_lifted() {
    let mut crowd = Crowd::new(served, s(3_600)).await;
    crowd.watch.handle.set_limits(Limits::new()).unwrap();
    let mut cx = Context::from_waker(&crowd.waker);
    let start = Instant::now();
    while !crowd.calls.is_empty() && start.elapsed() < s(600) {
        crowd
            .calls
            .retain_mut(|call| call.as_mut().poll(&mut cx).is_pending());
        sleep(ms(10)).await;
    }
    assert!(crowd.calls.is_empty(), "{} wait", crowd.calls.len());
    let most = crowd.watch.most.load(Relaxed);
    assert!(most <= BATCH, "{most} were told under one lock");
}

/// A second circuit opens while the first one's calls are told: all are told once.
#[tokio::test(start_paused = true)]
async fn when_two_circuits_open() {
    let crowd = Crowd::new(served, s(3_600)).await;
    crowd.watch.handle.evict(&target(), Some(s(7)));
    crowd.watch.handle.evict(&target(), Some(s(9)));
    let joined = crowd.watch.joined.lock().unwrap().take();
    let error = joined.expect("one joined").await.expect_err("the second");
    assert_eq!(rejected(&error).retry_after(), Some(s(9)));
    let mut cx = Context::from_waker(&crowd.waker);
    for mut call in crowd.calls {
        let Poll::Ready(Err(error)) = call.as_mut().poll(&mut cx) else {
            panic!("refused");
        };
        assert_eq!(rejected(&error).retry_after(), Some(s(7)));
    }
}
