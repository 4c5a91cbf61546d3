//! H4 and H5 under worse conditions: callers that leave at every single poll, tasks that are polled
//! without a reason, and several threads at once.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::Builder,
    task::JoinSet,
    time::{interval, timeout},
};
use tollgate::Stack;
use tollgate_core::Random;
use tollgate_retry::Backoff;
use tollgate_test::{Dialect, Fault, Kind, Provider, Quota};

use super::{
    crowd::{End, chat, count, end, every, run},
    internet::Internet,
    stack::{Client, Leaks, Watch, stack},
    told::Told,
    world::{ill, ms, route, standard},
};

/// Whoever is polled so many times and then dropped leaves nothing, in whatever state that was: queued,
/// under way, asleep, between two targets, in the middle of a body.
#[tokio::test(start_paused = true)]
async fn who_leaves_after_any_number_of_polls_leaves_nothing() {
    let mut cancelled = 0;
    for round in 0..120 {
        let (polls, seed) = (round % 12, round);
        let internet = ill(seed);
        let (client, watch) = stack(route(), &internet, seed);
        let mut calls = JoinSet::new();
        for n in 0..8 {
            let client = client.clone();
            calls.spawn(async move {
                let mut call = pin!(end(client, chat(n, n % 2 == 0)));
                let mut left = polls;
                poll_fn(|cx| match left.checked_sub(1) {
                    None => Poll::Ready(End::Cancelled),
                    Some(fewer) => {
                        left = fewer;
                        call.as_mut().poll(cx)
                    }
                })
                .await
            });
        }
        let ends = timeout(ms(600_000), calls.join_all())
            .await
            .expect("all end");
        cancelled += ends.iter().filter(|end| **end == End::Cancelled).count();
        assert_eq!(
            watch.leaks(),
            Leaks::default(),
            "{polls} polls, seed {seed}"
        );
    }
    assert!(cancelled > 300, "{cancelled}");
}

/// A task that is polled every millisecond, whether it asked for that or not, fares no worse.
#[tokio::test(start_paused = true)]
async fn polls_without_a_reason_change_nothing() {
    let internet = standard(1);
    let (client, watch) = stack(route(), &internet, 1);
    let mut calls = JoinSet::new();
    for n in 0..100 {
        let client = client.clone();
        calls.spawn(async move {
            let (mut call, mut tick) = (pin!(end(client, chat(n, false))), interval(ms(1)));
            poll_fn(|cx| {
                while tick.poll_tick(cx).is_ready() {}
                call.as_mut().poll(cx)
            })
            .await
        });
    }
    let ends = timeout(ms(600_000), calls.join_all())
        .await
        .expect("all end");
    assert!(ends.iter().all(|end| *end == End::Ok), "{ends:?}");
    assert_eq!(watch.leaks(), Leaks::default());
}

/// The stack with waits of a few milliseconds, because threads are real and so is their time.
fn quick(internet: &Internet, seed: u64) -> (Client, Watch) {
    let (told, random) = (Told::default(), Random::seeded(seed));
    let backoff = Backoff::new(ms(1), ms(4), 4);
    let stack = Stack::new()
        .route(route())
        .router(|it| it.random(random.fork()).max_wait(ms(20)))
        .retry(|it| {
            it.random(random.fork())
                .throttle(backoff)
                .transient(backoff)
        })
        .breaker(|it| it.random(random.fork()).open_time(ms(1), ms(4)))
        .limit(|it| it.random(random.fork()).concurrency(8).max_wait(ms(500)))
        .timeouts(|it| it.attempt(ms(10)).first_event(ms(10)).idle(ms(10)))
        .observer(told.clone())
        .build()
        .expect("good settings");
    let watch = Watch {
        told,
        handle: stack.handle(),
        internet: internet.clone(),
    };
    (stack.boxed(internet.clone()), watch)
}

/// Providers that answer at once, or not at all, or break off.
fn nervous(seed: u64) -> Internet {
    let provider = |(n, dialect): (u64, Dialect)| {
        Provider::builder(dialect)
            // Who tells no limits is approached slowly.
            .quota(Quota::bucket(
                Kind::Requests,
                1_000_000,
                ms(60_000),
                100_000,
            ))
            .fault(Fault::hang().chance(0.02))
            .fault(Fault::status(500).chance(0.05))
            .fault(Fault::status(503).chance(0.05))
            .fault(Fault::reset_before_headers().chance(0.05))
            .fault(Fault::reset_after_headers().chance(0.05))
            .fault(Fault::cut(60).chance(0.05))
            .fault(Fault::stall(60).chance(0.02))
            .seed(3 * seed + n)
            .build()
    };
    let dialects = [Dialect::Groq, Dialect::OpenAi, Dialect::Anthropic];
    Internet::of((0..).zip(dialects).map(provider))
}

/// 3,000 calls on four threads, a third of which leave at any moment.
#[test]
fn four_threads_leave_nothing() {
    for seed in 0..3 {
        let runtime = Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let internet = nervous(seed);
            let (client, watch) = quick(&internet, seed);
            let random = Random::seeded(seed);
            let mut calls = every(Duration::ZERO, 3_000);
            for (n, call) in calls.iter_mut().enumerate() {
                call.request = chat(n, n % 2 == 0);
                call.arrival = random.up_to(ms(300));
                if n % 3 == 0 {
                    call.patience = Some(random.up_to(ms(5)));
                }
            }
            let all = timeout(ms(60_000), run(&client, calls))
                .await
                .expect("all end");
            let silent = |end: &End| matches!(end, End::Silent(_));
            assert_eq!((all.len(), count(&all, silent)), (3_000, 0));
            assert!(count(&all, |end| *end == End::Ok) > 100, "some are served");
            assert_eq!(watch.leaks(), Leaks::default(), "seed {seed}");
        });
    }
}
