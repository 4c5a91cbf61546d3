//! More keys than there is room for.

use http::Response;
use tokio::time::Instant;
use tollgate_core::{Priority, Target};
use tollgate_limit::{Builder, Event, Handle, Limit, LimitLayer, LimitService, Limits};
use tollgate_test::Recorder;
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{Provider, Req, call, ms, named, rejected, s, settle};

type Watched = LimitService<Provider, Recorder<Event>>;

fn build(builder: Builder, provider: &Provider) -> (Watched, Handle, Recorder<Event>) {
    let seen = Recorder::new();
    let builder = builder.observer(seen.clone());
    let (layer, handle) = builder.build_with_handle().unwrap();
    (layer.layer(provider.clone()), handle, seen)
}

/// So many keys, each of which has one call an hour unless it has limits of its own.
fn hourly(keys: usize) -> Builder {
    let limit = Limit::requests(1, s(3_600)).fixed();
    LimitLayer::builder()
        .limit(limit)
        .keys(keys)
        .max_wait(s(60))
}

fn key(name: &str) -> Target {
    Target::provider_only(name)
}

fn to(target: Target) -> Req {
    let mut request = named(target.provider(), call());
    let call = call().with_target(target).with_priority(Priority::Normal);
    request.extensions_mut().insert(call);
    request
}

/// Sends one call to each of these keys; how many were served.
async fn send<'a>(service: &Watched, names: impl IntoIterator<Item = &'a str>) -> usize {
    let mut served = 0;
    for name in names {
        let sent = service.clone().oneshot(to(key(name))).await;
        served += usize::from(sent.is_ok());
    }
    served
}

fn places(handle: &Handle) -> Vec<String> {
    let mut names: Vec<_> = handle.keys().iter().map(Target::to_string).collect();
    names.sort();
    names
}

fn untracked(seen: &Recorder<Event>) -> Vec<Target> {
    let told = seen.take().into_iter();
    told.filter_map(|event| match event {
        Event::KeyUntracked { target, .. } => Some(target),
        _ => None,
    })
    .collect()
}

/// Fault L10: 20 of 20 calls went where one a minute is set.
#[tokio::test(start_paused = true)]
async fn a_key_with_limits_of_its_own_has_a_place_with_them() {
    let provider = Provider::serving(s(0));
    let once = Limits::new().limit(Limit::requests(1, s(60)).fixed());
    let none = LimitLayer::builder().keys(2).max_wait(s(1));
    for (builder, busy) in [(hourly(2), true), (none, false)] {
        let builder = builder.limits_for(key("own"), once.clone());
        let (service, handle, _) = build(builder, &provider);
        assert_eq!(send(&service, ["a", "b"]).await, 2);
        assert_eq!(send(&service, ["own"; 20]).await, 1, "{busy}");
        // Others come and go, or share a place: it keeps its own.
        send(&service, ["c", "d", "e", "f"]).await;
        assert_eq!(send(&service, ["own"; 20]).await, 0, "{busy}");
        let state = handle.key(&key("own")).expect("it has a place");
        assert_eq!((state.limits[0].limit, state.limits[0].remaining), (1, 0));
        tokio::time::sleep(s(61)).await;
        send(&service, ["g", "h", "i"]).await;
        assert!(handle.key(&key("own")).is_some(), "though it is idle");
        assert_eq!(send(&service, ["own"; 20]).await, 1, "{busy}");
    }
}

#[tokio::test(start_paused = true)]
async fn limits_that_are_set_later_give_a_place_too() {
    let provider = Provider::serving(s(0));
    let (service, handle, _) = build(hourly(2), &provider);
    assert_eq!(send(&service, ["a", "b", "c", "d"]).await, 3, "c for all");
    let more = Limits::new().limit(Limit::requests(3, s(3_600)).fixed());
    handle.set_limits_for(&key("d"), more.clone()).unwrap();
    handle.set_limits_for(&key("a"), more).unwrap();
    assert_eq!(send(&service, ["d"; 9]).await, 3);
    assert_eq!(send(&service, ["a"; 9]).await, 2, "one was taken before");
    let one = handle.key(&key("d")).expect("it has a place");
    assert_eq!((one.limits[0].limit, one.limits[0].remaining), (3, 0));
}

/// Models without a place share one by the limits of their provider, not by those of all.
#[tokio::test(start_paused = true)]
async fn limits_of_a_provider_hold_for_its_models_without_a_place() {
    let provider = Provider::serving(s(0));
    let two = Limits::new().limit(Limit::requests(2, s(3_600)).fixed());
    let builder = hourly(3).limits_for(key("groq"), two);
    let (service, handle, seen) = build(builder, &provider);
    let mut served = 0;
    for model in ["a", "b", "c", "d", "e", "f"] {
        for _ in 0..3 {
            let call = to(Target::new("groq", model));
            served += usize::from(service.clone().oneshot(call).await.is_ok());
        }
    }
    assert_eq!(
        served,
        2 * 3 + 2,
        "two for each with a place, two for the rest"
    );
    assert_eq!(send(&service, ["other", "another"]).await, 1);
    assert_eq!(untracked(&seen), [Target::new("groq", "d")]);
    let shared = handle.states().into_iter().filter(|state| state.shared);
    let mut shared: Vec<_> = shared.map(|state| state.target.to_string()).collect();
    shared.sort();
    assert_eq!(shared, ["(all other keys)", "groq ((all other keys))"]);
}

#[tokio::test(start_paused = true)]
async fn the_key_that_was_not_used_for_longest_goes() {
    let provider = Provider::serving(s(0));
    let builder = LimitLayer::builder().keys(3);
    let (service, handle, seen) = build(builder, &provider);
    for (names, kept) in [
        (&["a", "b", "c"][..], ["a", "b", "c"]),
        (&["a", "d"], ["a", "c", "d"]),
        (&["c", "e"], ["c", "d", "e"]),
        (&["f"], ["c", "e", "f"]),
    ] {
        for name in names {
            assert_eq!(send(&service, [*name]).await, 1);
            tokio::time::sleep(ms(10)).await;
        }
        assert_eq!(places(&handle), kept);
    }
    assert_eq!(untracked(&seen), []);
}

/// A hundred times as many keys as places, each used once: what is used again and again stays.
#[tokio::test(start_paused = true)]
async fn a_flood_of_keys_does_not_wash_away_those_in_use() {
    let provider = Provider::serving(s(0));
    let builder = LimitLayer::builder().keys(100);
    let (service, handle, seen) = build(builder, &provider);
    let flood: Vec<String> = (0..10_000).map(|n| format!("flood-{n}")).collect();
    for (nth, name) in flood.iter().enumerate() {
        if nth % 10 == 0 {
            send(&service, ["often", "too"]).await;
        }
        send(&service, [&**name]).await;
        tokio::time::advance(ms(1)).await;
    }
    assert_eq!(handle.keys().len(), 100);
    assert!(handle.key(&key("often")).is_some() && handle.key(&key("too")).is_some());
    assert_eq!(untracked(&seen), []);
}

fn rejecting(name: &'static str) -> (Provider, Provider) {
    let ok = Provider::serving(ms(1));
    let limited = Provider::new(move |_| {
        let response = Response::builder().status(429).header("retry-after", 300);
        (ms(1), Ok(response.body(name.into()).unwrap()))
    });
    (ok, limited)
}

/// tower-governor #29: a closed gate must not open because others come.
#[tokio::test(start_paused = true)]
async fn a_throttled_key_keeps_its_place() {
    let (ok, limited) = rejecting("a");
    let builder = LimitLayer::builder().keys(3).max_wait(s(1));
    let seen = Recorder::new();
    let (layer, handle) = builder.observer(seen.clone()).build_with_handle().unwrap();
    let service = layer.layer(ok);
    let throttled = layer.layer(limited);
    assert_eq!(send(&throttled, ["a"]).await, 1);
    for round in 0..20 {
        let names: Vec<String> = (0..5).map(|n| format!("{round}-{n}")).collect();
        assert_eq!(send(&service, names.iter().map(|name| &**name)).await, 5);
        assert_eq!(send(&service, ["a"]).await, 0, "its gate is closed");
    }
    assert_eq!(handle.key(&key("a")).expect("kept").closed.len(), 1);
    // When it is open again, it is a key as any other.
    tokio::time::sleep(s(400)).await;
    send(&service, ["x", "y", "z"]).await;
    assert_eq!(places(&handle), ["x", "y", "z"]);
    assert_eq!(untracked(&seen), []);
}

/// Fault L10: one tenant's rejection stopped all others without a place.
#[tokio::test(start_paused = true)]
async fn a_rejection_of_one_holds_no_other_that_shares_its_place() {
    let (ok, limited) = rejecting("a");
    let builder = LimitLayer::builder().keys(1).max_wait(s(1));
    let seen = Recorder::new();
    let (layer, handle) = builder.observer(seen.clone()).build_with_handle().unwrap();
    let (service, throttled) = (layer.layer(ok), layer.layer(limited));
    // The only place is kept by a gate.
    assert_eq!(send(&throttled, ["first"]).await, 1);
    assert_eq!(send(&throttled, ["a", "b"]).await, 2);
    let start = Instant::now();
    assert_eq!(send(&service, ["c", "d", "e", "a", "b"]).await, 5);
    assert!(start.elapsed() < ms(100), "{:?}", start.elapsed());
    let shared = handle.states().into_iter().find(|state| state.shared);
    let shared = shared.expect("there is one");
    assert_eq!(shared.closed, []);
    assert!(
        shared
            .to_string()
            .contains("shared by keys without a place")
    );
    assert!(!handle.key(&key("first")).expect("kept").shared);
}

/// Once when keys begin to share, and not for each of them.
#[tokio::test(start_paused = true)]
async fn sharing_is_told_once() {
    let provider = Provider::serving(s(0));
    let (service, handle, seen) = build(hourly(2).idle(s(600)), &provider);
    send(&service, ["a", "b"]).await;
    assert_eq!(untracked(&seen), []);
    send(&service, ["c", "d", "c", "e"]).await;
    assert_eq!(untracked(&seen), [key("c")]);
    tokio::time::sleep(s(300)).await;
    send(&service, ["f", "g"]).await;
    assert_eq!(untracked(&seen), []);
    // It goes on for long.
    tokio::time::sleep(s(400)).await;
    send(&service, ["h", "i"]).await;
    let told = seen.take();
    let told = told
        .iter()
        .filter(|event| matches!(event, Event::KeyUntracked { .. }));
    let words: Vec<_> = told.map(ToString::to_string).collect();
    assert_eq!(
        words,
        ["h: no place among 2 keys, counted together with others"]
    );
    // All is idle again, and what was shared is gone.
    tokio::time::sleep(s(8_000)).await;
    assert_eq!(places(&handle), [""; 0]);
    assert_eq!(send(&service, ["c", "d"]).await, 2, "a place for each");
    assert_eq!(untracked(&seen), []);
}

/// What a person names has a place.
#[tokio::test(start_paused = true)]
async fn pausing_a_key_without_a_place_pauses_no_other() {
    let provider = Provider::serving(s(0));
    let more = Limit::requests(9, s(3_600)).fixed();
    let builder = LimitLayer::builder().limit(more).keys(1).max_wait(s(1));
    let (service, handle, _) = build(builder, &provider);
    assert_eq!(send(&service, ["a", "b", "c"]).await, 3);
    handle.pause_key(&key("b"));
    let paused = tokio::spawn(service.clone().oneshot(to(key("b"))));
    settle().await;
    assert_eq!(send(&service, ["a", "c", "d"]).await, 3);
    let error = paused.await.unwrap().expect_err("paused");
    assert_eq!(rejected(&error).target(), Some(&key("b")));
    handle.resume_key(&key("b"));
    assert_eq!(send(&service, ["b"]).await, 1);
}
