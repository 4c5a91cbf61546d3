//! A breaker above opened: nobody goes on waiting.

use tokio::{task::JoinHandle, time::Instant};
use tokio_test::task::spawn;
use tollgate_core::{Call, Cost, Evict, Reason, Target};
use tollgate_limit::{Builder, Event, Handle, Limit, LimitLayer, LimitService};
use tollgate_test::Recorder;
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{Provider, Req, call, limited, ms, named, rejected, s, settle, target};

type Watched = LimitService<Provider, Recorder<Event>>;

/// One call at a time, each of a second.
fn busy(builder: Builder) -> (Watched, Handle, Recorder<Event>) {
    let seen = Recorder::new();
    let builder = builder.concurrency(1).observer(seen.clone());
    let (layer, handle) = builder.build_with_handle().unwrap();
    (layer.layer(Provider::serving(s(1))), handle, seen)
}

fn to(target: &Target) -> Req {
    let call = Call::new()
        .with_target(target.clone())
        .with_cost(Cost::default());
    let mut request = named("", Call::new());
    request.extensions_mut().insert(call);
    request
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_are_refused_at_once_with_the_time() {
    let (service, handle, seen) = busy(LimitLayer::builder());
    let calls: Vec<_> = (0..10)
        .map(|_| tokio::spawn(service.clone().oneshot(to(&target()))))
        .collect();
    settle().await;
    let start = Instant::now();
    handle.evict(&target(), Some(s(7)));
    let mut ends = Vec::new();
    for call in calls {
        ends.push(call.await.unwrap());
    }
    assert!(start.elapsed() <= s(1) + ms(2), "only the first took time");
    assert!(ends[0].is_ok(), "it was on its way");
    for end in &ends[1..] {
        let rejected = rejected(end.as_ref().expect_err("refused"));
        assert_eq!(rejected.reason(), Reason::CircuitOpen);
        assert_eq!(rejected.retry_after(), Some(s(7)));
        assert_eq!(rejected.target(), Some(&target()));
    }
    let told = seen.take();
    let refused = |event: &&Event| matches!(event, Event::Refused { reason, .. } if *reason == Reason::CircuitOpen);
    assert_eq!(told.iter().filter(refused).count(), 9);
    // The key goes on as before: the next call is a probe, and nobody keeps it.
    service.oneshot(to(&target())).await.expect("served");
}

/// Calls of the same host, whatever their model, and of no other.
#[tokio::test(start_paused = true)]
async fn only_keys_that_the_target_covers_are_emptied() {
    let host = Target::provider_only("groq");
    let of = |model: &str| Target::new("groq", model);
    let a = || of("a").with_account("x");
    let cases = [
        (host.clone(), [true, true, true, false]),
        (host.with_account("x"), [false, true, false, false]),
        (of("a"), [true, false, false, false]),
        (a(), [false, true, false, false]),
        (Target::provider_only("GROQ"), [false; 4]),
    ];
    for (open, emptied) in cases {
        let (service, handle, _) = busy(LimitLayer::builder());
        let keys = [of("a"), a(), of("b"), Target::new("other", "a")];
        let mut waiting = Vec::new();
        for key in &keys {
            tokio::spawn(service.clone().oneshot(to(key)));
            settle().await;
            waiting.push(tokio::spawn(service.clone().oneshot(to(key))));
        }
        settle().await;
        handle.evict(&open, None);
        settle().await;
        let ended: Vec<_> = waiting.iter().map(JoinHandle::is_finished).collect();
        assert_eq!(ended, emptied, "{open}");
    }
}

/// One model's circuit says nothing of the others that wait with it.
#[tokio::test(start_paused = true)]
async fn a_queue_of_a_whole_host_ends_for_a_whole_host_only() {
    let (service, handle, _) = busy(LimitLayer::builder().per_host());
    tokio::spawn(service.clone().oneshot(to(&target())));
    settle().await;
    let waits = tokio::spawn(service.clone().oneshot(to(&target())));
    settle().await;
    handle.evict(&target(), None);
    settle().await;
    assert!(!waits.is_finished());
    handle.evict(&Target::provider_only("groq"), None);
    settle().await;
    let error = waits.await.unwrap().expect_err("refused");
    assert_eq!(rejected(&error).retry_after(), None);
}

/// A grant that was not fetched yet, and a place that was skipped because nobody fetched one.
#[tokio::test(start_paused = true)]
async fn who_does_not_poll_hears_it_later_and_holds_nothing() {
    let provider = Provider::serving(ms(10));
    // Of a known kind, so that the first calls need not find out.
    let known = Limit::requests(600, s(60)).bucket(100);
    let builder = LimitLayer::builder().concurrency(2).limit(known);
    let (layer, handle) = builder.build_with_handle().unwrap();
    let service = limited(&layer, &provider);
    let new = || spawn(service.clone().oneshot(named("", call())));
    let first = [(); 2].map(|()| tokio::spawn(service.clone().oneshot(named("", call()))));
    settle().await;
    let mut skipped = new();
    assert!(skipped.poll().is_pending());
    for call in first {
        call.await.unwrap().unwrap();
    }
    // Its grant is taken back after a second.
    tokio::time::sleep(s(2)).await;
    let on_its_way = [(); 2].map(|()| tokio::spawn(service.clone().oneshot(named("", call()))));
    settle().await;
    let mut granted = new();
    assert!(granted.poll().is_pending());
    tokio::time::sleep(ms(20)).await;
    assert!(granted.is_woken(), "it has a grant");
    handle.evict(&target(), Some(s(5)));
    let state = handle.key(&target()).unwrap();
    assert_eq!((state.in_flight, state.queued), (0, 0));
    let sent = provider.seen().len();
    for call in [&mut skipped, &mut granted] {
        let end = call.poll();
        let std::task::Poll::Ready(Err(error)) = end else {
            panic!("{end:?}");
        };
        assert_eq!(rejected(&error).reason(), Reason::CircuitOpen);
    }
    assert_eq!(provider.seen().len(), sent);
    for call in on_its_way {
        call.await.unwrap().unwrap();
    }
}
