//! Other routes while calls go through.

use http::StatusCode;
use tollgate_core::{Class, Target};
use tollgate_route::{
    Endpoint, Exhausted, Flaw, Route, RouteLayer, Served, provider::preset, strategy::Weighted,
};
use tollgate_test::{Answer, Fault};

use crate::support::*;

fn limited() -> Fault {
    let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(answer.header("retry-after", "60"))
}

fn of_groq(model: &str) -> Endpoint {
    preset::groq().key("gsk-canary").model(model)
}

fn of_openai(model: &str) -> Endpoint {
    preset::openai().key("sk-canary").model(model)
}

/// The other way round, without `big`.
fn turned() -> Route {
    Route::new("chat").ordered([of_openai("mini"), of_groq("small")])
}

fn groq_target(model: &str) -> Target {
    Target::new("groq", model)
}

#[tokio::test(start_paused = true)]
async fn the_next_call_goes_by_the_new_routes() {
    let world = World::new(groq(), openai());
    let builder = RouteLayer::builder(route()).response_headers();
    let (layer, handle) = builder.build_with_handle().unwrap();
    // A service that was made before.
    let client = world.client(&layer);
    send(&client, request()).await.unwrap();
    handle.set_routes([turned()]).unwrap();
    let response = send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names(), ["big", "mini"]);
    let tells = response.headers().contains_key("x-tollgate-target");
    assert!(tells, "the settings stay");

    let other = Route::new("other").ordered([of_groq("own")]);
    handle.set_routes([other, turned()]).unwrap();
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names()[2], "own", "the first is the default");
}

#[tokio::test(start_paused = true)]
async fn weights_and_strategies_change() {
    let world = World::new(groq(), openai());
    let tier = |a: f64, b: f64| {
        let both = [of_groq("a").weight(a), of_groq("b").weight(b)];
        Route::new("chat").tier(Weighted, both)
    };
    let layer = RouteLayer::new(tier(1.0, 0.0)).unwrap();
    let client = world.client(&layer);
    for (nth, route) in [tier(0.0, 1.0), tier(1.0, 0.0)].into_iter().enumerate() {
        layer.handle().set_routes([route]).unwrap();
        for _ in 0..5 {
            send(&client, request()).await.unwrap();
        }
        let name = ["b", "a"][nth];
        assert_eq!(world.internet.names()[5 * nth..], [name; 5]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_under_way_goes_on_by_the_routes_it_began_with() {
    let slow = groq().latency(s(2), s(0)).fault(limited().model("big"));
    let world = World::new(slow, openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    let (response, ()) = tokio::join!(send(&client, request()), async {
        tokio::time::sleep(s(1)).await;
        handle.set_routes([turned()]).unwrap();
        assert_eq!(handle.outcomes().len(), 2);
    });
    let response = response.unwrap();
    let served = Served::of(&response).unwrap();
    assert_eq!(world.internet.names(), ["big", "small"], "not `mini`");
    assert_eq!(served.target(), &groq_target("small"));
    // What it learned hit nobody else: `big` left, and its place in the table is another's now.
    assert!(handle.cooldowns().is_empty(), "{:?}", handle.cooldowns());
    let outcomes = handle.outcomes();
    let of = |model: &str| {
        let found = outcomes
            .iter()
            .find(|one| one.target.model() == Some(model));
        found.map(|one| (one.asked, one.served, one.in_flight))
    };
    assert_eq!(of("mini"), Some((0, 0, 0)));
    assert_eq!(of("small"), Some((1, 1, 0)));
    assert_eq!(of("big"), None);

    // It comes back as it was.
    handle.set_routes([route()]).unwrap();
    let cooling = handle.cooldowns();
    assert_eq!(cooling.len(), 1, "{cooling:?}");
    assert_eq!(cooling[0].target, groq_target("big"));
    assert_eq!(handle.outcomes()[0].asked, 1);
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names()[2], "small");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_goes_on_by_the_routes_it_began_with() {
    let world = World::new(groq(), openai());
    let route = Route::new("chat").ordered([of_groq("big")]);
    let (layer, handle) = RouteLayer::builder(route).build_with_handle().unwrap();
    handle.cool(&groq_target("big"), s(20));
    let client = world.client(&layer);
    let (response, ()) = tokio::join!(send(&client, request()), async {
        tokio::time::sleep(s(1)).await;
        handle.set_routes([turned()]).unwrap();
    });
    response.unwrap();
    assert_eq!(world.internet.hosts(), [("big".to_owned(), 0)]);
    assert_eq!(handle.outcomes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn cooldowns_are_the_targets_and_outlive_their_leave() {
    let world = World::new(groq(), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    handle.cool(&groq_target("small"), s(60));
    handle.cool(&groq_target("big"), s(60));
    handle.set_routes([turned()]).unwrap();
    let cooling = handle.cooldowns();
    assert_eq!(cooling.len(), 1, "by its name, not by its place");
    assert_eq!(cooling[0].target, groq_target("small"));
    assert_eq!(cooling[0].class, Class::RateLimited);

    tokio::time::sleep(s(10)).await;
    handle.set_routes([route()]).unwrap();
    let left: Vec<_> = handle.cooldowns().iter().map(|one| one.left_ms).collect();
    assert_eq!(left, [50_000, 50_000]);
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names(), ["mini"]);
}

#[tokio::test(start_paused = true)]
async fn the_place_of_a_test_is_given_back_across_a_change() {
    let world = World::new(groq().latency(s(5), s(0)), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    handle.cool(&groq_target("big"), s(10));
    tokio::time::sleep(s(10)).await;
    // This one tests it, and is dropped after the change.
    let tests = tokio::time::timeout(s(2), send(&client, request()));
    let (dropped, ()) = tokio::join!(tests, async {
        tokio::time::sleep(s(1)).await;
        let big_is_last = Route::new("chat").ordered([of_openai("mini"), of_groq("big")]);
        handle.set_routes([big_is_last]).unwrap();
    });
    dropped.map(drop).unwrap_err();
    handle.set_routes([route()]).unwrap();
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names(), ["big", "big"]);
    assert!(handle.cooldowns().is_empty(), "the second test succeeded");
}

#[tokio::test(start_paused = true)]
async fn routes_that_make_no_sense_change_nothing() {
    let world = World::new(groq(), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    handle.cool(&groq_target("big"), s(60));
    let none = Vec::<Route>::new();
    assert_eq!(*handle.set_routes(none).unwrap_err().flaw(), Flaw::Empty);
    let bad = turned().then("nowhere");
    let error = handle.set_routes([bad]).unwrap_err();
    assert_eq!(*error.flaw(), Flaw::NoSuchRoute("nowhere".into()));
    let builder = RouteLayer::builder(turned()).attempts(0);
    assert_eq!(handle.apply(&builder).unwrap_err().culprit(), "attempts");
    assert_eq!(handle.outcomes().len(), 3);
    send(&client, request()).await.unwrap();
    assert_eq!(world.internet.names(), ["small"]);
}

#[tokio::test(start_paused = true)]
async fn settings_change_with_the_routes() {
    let world = World::new(groq().fault(limited()), openai().fault(limited()));
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    let builder = RouteLayer::builder(turned()).attempts(1).max_wait(s(0));
    handle.apply(&builder).unwrap();
    let error = send(&client, request()).await.map(drop).unwrap_err();
    assert!(error.downcast_ref::<Exhausted>().is_some());
    assert_eq!(world.internet.names(), ["mini"], "one attempt");
    let start = tokio::time::Instant::now();
    handle.cool(&groq_target("small"), s(10));
    send(&client, request()).await.map(drop).unwrap_err();
    assert_eq!(start.elapsed(), s(0), "nobody waits");
    // The default again, which is long enough for `small`.
    handle.apply(&RouteLayer::builder(turned())).unwrap();
    let mut hurried = request();
    hurried
        .extensions_mut()
        .insert(tollgate_route::Preference::new().within(s(11)));
    send(&client, hurried).await.map(drop).unwrap_err();
    assert_eq!(start.elapsed(), s(10));
}

#[tokio::test(start_paused = true)]
async fn under_load_every_call_is_served_and_counted() {
    let sometimes = || Fault::status(500).chance(0.2);
    let slow = groq().latency(ms(300), ms(200)).fault(sometimes()).seed(7);
    let world = World::new(slow, openai().latency(ms(200), ms(100)));
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    let calls: Vec<_> = (0..1_000)
        .map(|nth| {
            let client = client.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ms(10 * nth)).await;
                send(&client, request()).await.map(drop)
            })
        })
        .collect();
    let sets = [turned(), route(), Route::new("x").then("chat"), turned()];
    for nth in 0..500 {
        tokio::time::sleep(ms(20)).await;
        // The third goes on with the route behind it.
        let behind = (nth % 4 == 2).then(route);
        let set = [sets[nth % 4].clone()].into_iter().chain(behind);
        handle.set_routes(set).unwrap();
    }
    for call in calls {
        call.await.unwrap().unwrap();
    }
    handle.set_routes([route()]).unwrap();
    let outcomes = handle.outcomes();
    let asked: u64 = outcomes.iter().map(|one| one.asked).sum();
    let served: u64 = outcomes.iter().map(|one| one.served).sum();
    let in_flight: u32 = outcomes.iter().map(|one| one.in_flight).sum();
    assert_eq!((served, in_flight), (1_000, 0));
    assert_eq!(asked, world.internet.sent().len() as u64);
    assert!(asked > served, "some failed over");
    for one in &outcomes {
        let name = one.target.model().unwrap();
        let sent = world.internet.names().iter().filter(|n| *n == name).count();
        assert_eq!(one.asked, sent as u64, "{name}");
    }
}
