//! A look from outside, and a hand on it.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind, Outlook, Reason, Rejected, Target, View};
use tollgate_limit::{Held, Limit, LimitLayer, Limits, Snapshot};
use tower::ServiceExt;

use crate::support::{Provider, call, limited, ms, named, request, s, settle, target};

fn one_a_second() -> tollgate_limit::Builder {
    LimitLayer::builder().limit(Limit::requests(60, s(60)).bucket(1))
}

#[tokio::test(start_paused = true)]
async fn a_key_shows_how_it_stands() {
    let provider = Provider::serving(s(10));
    let (layer, handle) = one_a_second().concurrency(5).build_with_handle().unwrap();
    assert!(handle.keys().is_empty());
    assert_eq!(handle.key(&target()), None);
    assert_eq!(handle.view(&target(), &Cost::default()), View::OPEN);

    let service = limited(&layer, &provider);
    let calls: Vec<_> = (0..3)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    settle().await;
    let state = handle.key(&target()).unwrap();
    assert_eq!(
        (state.in_flight, state.concurrency, state.queued),
        (1, Some(5), 2)
    );
    assert_eq!(
        (
            state.limits[0].kind,
            state.limits[0].limit,
            state.limits[0].remaining
        ),
        (LimitKind::Requests, 1, 0)
    );
    assert!(state.wait.unwrap() >= s(3) && state.wait.unwrap() <= ms(3_200));
    assert_eq!(state.held, Some(Held::Configured(LimitKind::Requests)));
    let view = handle.view(&target(), &Cost::default());
    assert_eq!((view.wait, view.left), (state.wait, Some(0.0)));
    assert_eq!((handle.keys(), handle.states().len()), (vec![target()], 1));
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let state = handle.key(&target()).unwrap();
    assert_eq!(
        (state.in_flight, state.queued, state.wait),
        (0, 0, Some(Duration::ZERO))
    );
}

/// Silence is consent: of a provider about which nothing is known yet, nobody waits for an answer. While
/// a burst is spread, a router is told "now", or it would send the rest of it on to another target.
#[tokio::test(start_paused = true)]
async fn who_has_no_answer_yet_is_open() {
    let provider = Provider::serving(s(10));
    let (layer, handle) = LimitLayer::builder().build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    let start = Instant::now();
    let calls: Vec<_> = (0..50)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    settle().await;
    let state = handle.key(&target()).unwrap();
    assert_eq!((state.in_flight, state.queued), (6, 44));
    assert_eq!((state.held, state.wait), (Some(Held::Start), Some(s(0))));
    assert_eq!(handle.view(&target(), &Cost::default()), View::OPEN);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    // Fault L1: it took 24 s and more.
    assert!(start.elapsed() <= ms(10_500), "{:?}", start.elapsed());
    assert_eq!(handle.key(&target()).unwrap().held, None);
}

#[tokio::test(start_paused = true)]
async fn paused_keys_let_nothing_go_and_resume_at_once() {
    let provider = Provider::serving(s(0));
    let (layer, handle) = LimitLayer::builder()
        .spacing(ms(1))
        .build_with_handle()
        .unwrap();
    let service = limited(&layer, &provider);
    for all in [true, false] {
        if all {
            handle.pause();
        } else {
            handle.pause_key(&target());
        }
        assert_eq!(handle.view(&target(), &Cost::default()).wait, None, "never");
        let call = tokio::spawn(service.clone().oneshot(request()));
        tokio::time::sleep(s(20)).await;
        assert!(!call.is_finished());
        assert!(handle.key(&target()).unwrap().paused);
        let resumed = Instant::now();
        if all {
            handle.resume();
        } else {
            handle.resume_key(&target());
        }
        call.await.unwrap().unwrap();
        assert!(resumed.elapsed() <= ms(2), "{:?}", resumed.elapsed());
    }
    // Who waits is refused when its time is over, as ever.
    handle.pause();
    let start = Instant::now();
    let patient = call().with_wait_budget(s(60));
    let refused = service.clone().oneshot(named("", patient)).await;
    assert_eq!(reason(&refused.unwrap_err()), Reason::WaitTooLong);
    assert!(start.elapsed() >= s(60) && start.elapsed() <= s(60) + ms(2));
}

#[tokio::test(start_paused = true)]
async fn other_limits_are_in_force_at_once_for_those_who_wait() {
    let provider = Provider::serving(s(0));
    let (layer, handle) = one_a_second().build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    service.clone().oneshot(request()).await.unwrap();
    let start = Instant::now();
    let waiting: Vec<_> = (0..20)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    settle().await;
    handle
        .set_limits(Limits::new().limit(Limit::requests(6_000, s(60)).bucket(100)))
        .unwrap();
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    assert!(start.elapsed() <= s(1), "{:?}", start.elapsed());

    // For one target only, and for a whole provider.
    handle
        .set_limits_for(&target(), Limits::new().concurrency(2))
        .unwrap();
    assert_eq!(handle.key(&target()).unwrap().concurrency, Some(2));
    handle
        .set_limits_for(&Target::provider_only("groq"), Limits::new().concurrency(3))
        .unwrap();
    assert_eq!(
        handle.key(&target()).unwrap().concurrency,
        Some(2),
        "the more precise one"
    );
    handle.set_limits(Limits::new().concurrency(0)).unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_outlives_the_process() {
    let provider = Provider::serving(s(0));
    let day = || {
        let limit = Limit::requests(3, s(86_400)).fixed();
        LimitLayer::builder().limit(limit).max_wait(s(60))
    };
    let (layer, handle) = day().build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    for _ in 0..2 {
        service.clone().oneshot(request()).await.unwrap();
    }
    let text = serde_json::to_string(&handle.snapshot()).unwrap();

    let (layer, handle) = day().build_with_handle().unwrap();
    handle.restore(&serde_json::from_str::<Snapshot>(&text).unwrap());
    let service = limited(&layer, &provider);
    service.clone().oneshot(request()).await.unwrap();
    service.clone().oneshot(request()).await.unwrap_err();
    assert_eq!(provider.seen().len(), 3);
}

/// Whoever sets limits and whoever comes with a new key need the same two locks.
#[test]
fn limits_are_set_while_new_keys_come() {
    let (done, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (_layer, handle) = one_a_second().build_with_handle().unwrap();
        let other = handle.clone();
        let comes = std::thread::spawn(move || {
            for nth in 0..300 {
                other.pause_key(&Target::new("groq", nth.to_string()));
            }
        });
        loop {
            let last = comes.is_finished();
            handle.set_limits(Limits::new().concurrency(1)).unwrap();
            if last {
                break;
            }
        }
        let states = handle.states();
        assert!(states.iter().all(|state| state.concurrency == Some(1)));
        done.send(states.len()).unwrap();
    });
    assert_eq!(
        ended.recv_timeout(s(60)),
        Ok(300),
        "they wait for one another"
    );
}

#[tokio::test(start_paused = true)]
async fn a_share_is_a_part_of_limits_that_are_set_later_too() {
    let minute = |n| Limit::requests(n, s(60)).fixed();
    let layer = LimitLayer::builder().limit(minute(40)).share(0.1);
    let (layer, handle) = layer.build_with_handle().unwrap();
    let service = limited(&layer, &Provider::serving(s(0)));
    service.oneshot(request()).await.unwrap();
    let limit = || handle.key(&target()).unwrap().limits[0].limit;
    assert_eq!(limit(), 4);
    handle.set_limits(Limits::new().limit(minute(80))).unwrap();
    assert_eq!(limit(), 8);
    let limits = Limits::new().limit(minute(120));
    handle.set_limits_for(&target(), limits).unwrap();
    assert_eq!(limit(), 12);
}

#[tokio::test(start_paused = true)]
async fn spacing_can_be_lowered_and_is_not_forgotten() {
    let provider = Provider::serving(s(0));
    let builder = LimitLayer::builder().spacing(s(3_600)).max_wait(s(7_200));
    let (layer, handle) = builder.idle(s(60)).build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    service.clone().oneshot(request()).await.unwrap();
    tokio::time::advance(s(120)).await;
    handle.forget_idle();
    assert_eq!(handle.keys().len(), 1, "it holds the next call back");
    let next = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    handle.set_limits(Limits::new().spacing(s(180))).unwrap();
    next.await.unwrap().unwrap();
    let seen = provider.seen();
    let apart = seen[1].at - seen[0].at;
    assert!(apart >= s(180) && apart <= ms(180_002), "{apart:?}");
}

#[tokio::test(start_paused = true)]
async fn a_builder_is_taken_over_as_a_whole() {
    let provider = Provider::serving(s(10));
    // Of a known kind, so that the first calls need not find out.
    let known = || Limit::requests(600, s(60)).bucket(100);
    let small = Limits::new().limit(known()).concurrency(1);
    let before = LimitLayer::builder().limits_for(target(), small);
    let (layer, handle) = before.build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    let first = tokio::spawn(service.clone().oneshot(request()));
    let waits = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    assert_eq!(handle.key(&target()).unwrap().queued, 1);

    let bad = LimitLayer::builder().concurrency(7).max_wait(s(0));
    assert_eq!(handle.apply(&bad).unwrap_err().field(), "max_wait");
    assert_eq!(handle.key(&target()).unwrap().concurrency, Some(1));

    // The limits of the one target are gone, and who waited for them goes.
    let after = LimitLayer::builder().limit(known()).concurrency(2).queue(1);
    handle.apply(&after.max_wait(s(3))).unwrap();
    settle().await;
    let state = handle.key(&target()).unwrap();
    assert_eq!((state.concurrency, state.in_flight), (Some(2), 2));
    let start = Instant::now();
    let third = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    let full = service.clone().oneshot(request()).await.unwrap_err();
    assert_eq!(reason(&full), Reason::QueueFull);
    assert_eq!(
        reason(&third.await.unwrap().unwrap_err()),
        Reason::WaitTooLong
    );
    assert!(start.elapsed() >= s(3) && start.elapsed() <= s(3) + ms(2));

    handle.pause_key(&target());
    handle.apply(&LimitLayer::builder().shed()).unwrap();
    let shed = service.clone().oneshot(request()).await.unwrap_err();
    assert_eq!(reason(&shed), Reason::WaitTooLong);
    assert_eq!(start.elapsed().as_secs(), 3, "at once");
    assert!(handle.key(&target()).unwrap().paused);
    for call in [first, waits] {
        call.await.unwrap().unwrap();
    }
}

fn reason(error: &tollgate_core::BoxError) -> Reason {
    Rejected::find(error.as_ref()).unwrap().reason()
}
