//! Whose breaker a call is for.

use std::time::Duration;

use http::Request;
use tollgate_breaker::{BreakerLayer, Event, State};
use tollgate_core::{Call, Rejected, Target};
use tower::{Service, ServiceExt};

use crate::support::{World, s, status, world};

fn to(uri: &str) -> Request<()> {
    Request::post(uri).body(()).expect("a request")
}

fn with_target(target: &Target) -> Request<()> {
    let mut request = to("https://api.test/");
    let call = Call::new().with_target(target.clone());
    request.extensions_mut().insert(call);
    request
}

async fn send(world: &mut World, request: Request<()>) -> Result<(), Option<Target>> {
    let client = world.client.ready().await.expect("ready");
    let answer = client.call(request).await;
    let target = |rejected: &Rejected| rejected.target().cloned();
    answer
        .map(drop)
        .map_err(|error| Rejected::find(error.as_ref()).and_then(target))
}

async fn fail(world: &mut World, request: impl Fn() -> Request<()>) {
    for _ in 0..5 {
        world.provider.does([status(500)]);
        send(world, request()).await.expect("let in");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_is_one_key_whatever_the_path_and_the_case() {
    let mut world = world(BreakerLayer::builder());
    fail(&mut world, || to("https://api.test/v1/chat/completions")).await;
    let key = Target::provider_only("api.test");
    for uri in [
        "https://api.test/",
        "https://api.test:443/v1/models",
        "https://API.Test/",
        "https://user@api.test/",
    ] {
        assert_eq!(
            send(&mut world, to(uri)).await,
            Err(Some(key.clone())),
            "{uri}"
        );
    }
    // Fault B7: three servers on one machine are three.
    for other in ["https://other.test/", "http://api.test:8080/"] {
        send(&mut world, to(other)).await.expect("its own");
    }
    send(&mut world, to("/nowhere")).await.expect("its own");
    assert_eq!(world.handle.list().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_target_of_a_call_is_its_key() {
    let mut world = world(BreakerLayer::builder());
    let ill = Target::new("groq", "m").with_account("a");
    fail(&mut world, || with_target(&ill)).await;
    assert_eq!(
        send(&mut world, with_target(&ill)).await,
        Err(Some(ill.clone()))
    );
    for well in [
        Target::new("groq", "m"),
        Target::new("groq", "n").with_account("a"),
        Target::provider_only("groq"),
    ] {
        send(&mut world, with_target(&well)).await.expect("its own");
    }
    send(&mut world, to("https://api.test/"))
        .await
        .expect("its own");
}

/// The breaker of the last call is at hand; each call still finds its own.
#[tokio::test(start_paused = true)]
async fn one_client_of_many_hosts_does_not_mix_them_up() {
    let mut world = world(BreakerLayer::builder());
    let groq = Target::provider_only("api.test").with_account("a");
    for _ in 0..3 {
        for _ in 0..2 {
            world.provider.does([status(500)]);
            send(&mut world, to("https://one.test/"))
                .await
                .expect("let in");
        }
        send(&mut world, to("https://two.test/"))
            .await
            .expect("let in");
        send(&mut world, with_target(&groq)).await.expect("let in");
        send(&mut world, to("https://api.test/"))
            .await
            .expect("let in");
        if world.handle.list().iter().any(|it| it.consecutive() == 4) {
            break;
        }
    }
    let failures = |host: &str| {
        let status = world.handle.status(&Target::provider_only(host));
        (status.calls(), status.failures())
    };
    assert_eq!(failures("one.test"), (4, 4));
    assert_eq!(failures("two.test"), (2, 0));
    assert_eq!(failures("api.test"), (2, 0));
    assert_eq!(world.handle.status(&groq).calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_of_ones_own() {
    let builder = BreakerLayer::builder().key(|head| {
        let team = head.headers().get("x-team").and_then(|it| it.to_str().ok());
        Target::provider_only(team.unwrap_or("nobody"))
    });
    let mut world = world(builder);
    let by = |team: &'static str| {
        let request = Request::post("https://api.test/").header("x-team", team);
        request.body(()).expect("a request")
    };
    fail(&mut world, || by("a")).await;
    let key = Target::provider_only("a");
    assert_eq!(send(&mut world, by("a")).await, Err(Some(key)));
    send(&mut world, by("b")).await.expect("its own");
    send(&mut world, to("https://api.test/"))
        .await
        .expect("its own");
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_room_calls_pass_unwatched_and_it_is_told() {
    let mut world = world(BreakerLayer::builder().keys(1));
    let held = Target::provider_only("held.test");
    world.handle.force_open(&held, None);
    for _ in 0..10 {
        world.provider.does([status(500)]);
        send(&mut world, to("https://api.test/"))
            .await
            .expect("unwatched");
    }
    let unwatched = |event: &Event| {
        let of_it = event.target().provider() == "api.test";
        of_it && matches!(event, Event::Unwatched { .. })
    };
    let told = world.seen.events();
    assert_eq!(told.iter().filter(|it| unwatched(it)).count(), 10);
    assert!(matches!(
        world.handle.state(&held),
        State::Open { until: None, .. }
    ));
    world.handle.reset(&held);
    tokio::time::advance(s(1)).await;
    fail(&mut world, || to("https://api.test/")).await;
    send(&mut world, to("https://api.test/"))
        .await
        .expect_err("watched again");
    assert_eq!(world.handle.list().len(), 1);
    assert!(world.handle.list()[0].left() > Some(Duration::ZERO));
}

/// The breaker of the first call is at hand for every clone; each call still finds its own.
#[tokio::test(start_paused = true)]
async fn new_clones_do_not_mix_hosts_up() {
    let mut world = world(BreakerLayer::builder());
    let ask = async |world: &mut World, request: Request<()>| {
        let mut clone = world.client.clone();
        std::mem::swap(&mut clone, &mut world.client);
        let answer = send(world, request).await;
        // The one that was called goes; the other never was.
        world.client = clone;
        answer
    };
    let one = Target::provider_only("one.test");
    for _ in 0..5 {
        world.provider.does([status(500), status(200), status(200)]);
        for request in [
            to("https://one.test/"),
            to("https://two.test/"),
            with_target(&one.clone().with_account("a")),
        ] {
            ask(&mut world, request).await.expect("let in");
        }
    }
    assert_eq!(world.handle.list().len(), 3);
    let refused = ask(&mut world, to("https://one.test/")).await;
    assert_eq!(refused, Err(Some(one.clone())));
    let refused = ask(&mut world, with_target(&one)).await;
    assert_eq!(refused, Err(Some(one)), "the same key");
    ask(&mut world, to("https://two.test/"))
        .await
        .expect("its own");
}
