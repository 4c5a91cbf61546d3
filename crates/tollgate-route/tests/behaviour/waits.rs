//! How long a call waits, and how long those below may.

use http::{Request, StatusCode};
use tollgate_core::{Call, Cost, Outlook, Reason, Rejected, Target, View};
use tollgate_route::{Event, Exhausted, Preference, RouteLayer, Served};
use tollgate_test::{Answer, Fault, Recorder};

use crate::support::*;

fn limited(seconds: u64) -> Fault {
    let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(answer.header("retry-after", seconds.to_string()))
}

fn with(call: Call) -> Request<Body> {
    let mut request = request();
    request.extensions_mut().insert(call);
    request
}

#[tokio::test(start_paused = true)]
async fn the_last_target_may_wait_and_the_others_may_not() {
    let world = World::new(groq().fault(limited(60)), openai());
    let client = world.client(&layer());
    send(&client, with(Call::new().with_deadline_in(s(20))))
        .await
        .unwrap();
    let budgets: Vec<_> = world
        .internet
        .sent()
        .iter()
        .map(|one| one.call().wait_budget())
        .collect();
    assert_eq!(budgets, [Some(s(0)), Some(s(0)), Some(s(20))]);

    // Without a deadline, until the others return; and what the caller says is never exceeded.
    send(&client, request()).await.unwrap();
    send(&client, with(Call::new().with_wait_budget(s(3))))
        .await
        .unwrap();
    let budgets: Vec<_> = world
        .internet
        .sent()
        .iter()
        .map(|one| one.call().wait_budget())
        .collect();
    assert_eq!(budgets[3..], [Some(s(60)), Some(s(3))]);
}

#[tokio::test(start_paused = true)]
async fn a_target_may_be_given_time_of_its_own() {
    let groq = tollgate_route::provider::preset::groq().key("k");
    let endpoints = [groq.model("big").wait_budget(s(2)), groq.model("small")];
    let layer = RouteLayer::new(tollgate_route::Route::new("r").ordered(endpoints)).unwrap();
    let world = World::new(crate::support::groq(), openai());
    send(&world.client(&layer), request()).await.unwrap();
    assert_eq!(world.internet.sent()[0].call().wait_budget(), Some(s(2)));
}

#[tokio::test(start_paused = true)]
async fn when_all_are_left_alone_the_first_to_return_is_waited_for() {
    let groq = groq().fault(limited(60).calls(1..=2));
    let world = World::new(groq, openai().fault(limited(10).first(1)));
    let events = Recorder::<Event>::new();
    let layer = RouteLayer::builder(route())
        .observer(events.clone())
        .build()
        .unwrap();
    let client = world.client(&layer);
    let response = send(&client, request()).await.unwrap();
    let served = Served::of(&response).unwrap();
    assert_eq!(served.target().to_string(), "openai (mini)");
    assert_eq!(served.attempts().len(), 3);
    assert_eq!(
        world.internet.hosts().last().unwrap(),
        &("mini".to_owned(), 10_000)
    );
    let told = lines(&events.take());
    assert_eq!(
        told[told.len() - 4..],
        [
            "route chat: nobody may be asked, waiting 10s",
            "switching to openai mini (openai (mini): rate limited, back in 10s)",
            "openai mini: answers again",
            "route chat: answered by openai mini"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_a_deadline_a_budget_or_the_longest_wait() {
    let world = World::new(groq().fault(limited(60)), openai().fault(limited(10)));
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let client = world.client(&layer);
    let in_time = || with(Call::new().with_deadline_in(s(9)));
    send(&client, in_time()).await.map(drop).unwrap_err();
    assert_eq!(handle.cooldowns()[0].left_ms, 10_000);
    for call in [
        Call::new().with_deadline_in(s(10)),
        Call::new().with_deadline_in(s(0)),
        Call::new().with_wait_budget(s(9)),
    ] {
        let start = tokio::time::Instant::now();
        let error = send(&client, with(call)).await.map(drop).unwrap_err();
        assert_eq!(
            error.downcast_ref::<Exhausted>().unwrap().retry_after(),
            Some(s(10))
        );
        assert_eq!(start.elapsed(), s(0));
    }
    let mut hurried = request();
    hurried
        .extensions_mut()
        .insert(Preference::new().within(s(10)));
    let start = tokio::time::Instant::now();
    send(&client, hurried).await.map(drop).unwrap_err();
    assert_eq!(start.elapsed(), s(0));
    let layer = RouteLayer::builder(route()).max_wait(s(9)).build().unwrap();
    let client = world.client(&layer);
    send(&client, request()).await.map(drop).unwrap_err();
    let start = tokio::time::Instant::now();
    send(&client, request()).await.map(drop).unwrap_err();
    assert_eq!((start.elapsed(), world.internet.sent().len()), (s(0), 6));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_asked_yet_is_waited_for_after_a_failure() {
    let world = World::new(groq().fault(Fault::status(500)), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    handle.cool(&Target::new("openai", "mini"), s(7));
    let response = send(&world.client(&layer), request()).await.unwrap();
    assert_eq!(response.status(), 200);
    let asked = [
        ("big".to_owned(), 0),
        ("small".to_owned(), 0),
        ("mini".to_owned(), 7_000),
    ];
    assert_eq!(world.internet.hosts(), asked);
}

/// Says the same of one model, and nothing of the others.
#[derive(Debug)]
struct Said(&'static str, View);

impl Outlook for Said {
    fn view(&self, target: &Target, _: &Cost) -> View {
        if target.model() == Some(self.0) {
            self.1
        } else {
            View::OPEN
        }
    }
}

async fn looking(outlooks: impl IntoIterator<Item = Said>) -> Vec<(String, u64)> {
    let world = World::new(groq(), openai());
    let mut builder = RouteLayer::builder(route());
    for outlook in outlooks {
        builder = builder.outlook(outlook);
    }
    let client = world.client(&builder.build().unwrap());
    drop(send(&client, request()).await);
    world.internet.hosts()
}

#[tokio::test(start_paused = true)]
async fn who_cannot_take_the_call_is_not_asked() {
    let at_once = |name: &str| vec![(name.to_owned(), 0)];
    let queued = View::new(Some(s(5)), Some(0.0));
    let open = View::new(Some(s(5)), None);
    let never = View::new(None, Some(0.5));
    for view in [queued, open, never] {
        assert_eq!(
            looking([Said("big", view)]).await,
            at_once("small"),
            "{view:?}"
        );
    }
    let all = |view| ["big", "small", "mini"].map(|name| Said(name, view));
    // A limiter below queues; a breaker refuses, so it is waited for; and never is never.
    assert_eq!(looking(all(queued)).await, at_once("big"));
    let started = tokio::time::Instant::now();
    assert_eq!(looking(all(View::new(Some(s(121)), None))).await, []);
    assert_eq!(looking(all(never)).await, []);
    assert_eq!(started.elapsed(), s(0));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_that_waits_is_led_by_one() {
    let groq = tollgate_route::provider::preset::groq()
        .key("k")
        .model("big");
    let route = tollgate_route::Route::new("r").ordered([groq]);
    let (layer, handle) = RouteLayer::builder(route).build_with_handle().unwrap();
    handle.cool(&Target::new("groq", "big"), s(5));
    let world = World::new(crate::support::groq().latency(s(1), s(0)), openai());
    let client = world.client(&layer);
    let start = tokio::time::Instant::now();
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let client = client.clone();
        crowd.spawn(async move {
            send(&client, request())
                .await
                .map(|it| it.status().as_u16())
        });
    }
    while let Some(one) = crowd.join_next().await {
        assert_eq!(one.unwrap().unwrap(), 200);
    }
    let at: Vec<_> = world
        .internet
        .sent()
        .iter()
        .map(|one| one.at - start)
        .collect();
    assert_eq!((at.len(), at[0]), (20, s(5)));
    assert!(
        at[1..].iter().all(|at| (s(6)..=ms(6_100)).contains(at)),
        "{at:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn after_its_deadline_nobody_is_asked() {
    let world = World::new(groq(), openai());
    let late = with(Call::new().with_deadline_in(s(0)));
    let error = send(&world.client(&layer()), late)
        .await
        .map(drop)
        .unwrap_err();
    let rejected = error.downcast_ref::<Rejected>().unwrap();
    assert_eq!(rejected.reason(), Reason::DeadlineExceeded);
    assert!(world.internet.sent().is_empty());

    // Nor another one, when the first has used it up: what it said is told.
    let slow = Fault::delay(s(3));
    let groq = groq().fault(Fault::status(500).model("small")).fault(slow);
    let groq = groq.edit(|_, answer| answer.with_status(StatusCode::BAD_GATEWAY));
    let world = World::new(groq, openai());
    let call = with(Call::new().with_deadline_in(s(2)));
    let error = send(&world.client(&layer()), call)
        .await
        .map(drop)
        .unwrap_err();
    let sentence = "The provider groq (big) is failing. Nobody else was asked.";
    assert_eq!(error.to_string(), sentence);
    assert_eq!(world.internet.names(), ["big"]);
}

/// Fault D4: (1, 110) took 113 s, and (5, 130) was an error at once that said "try again in 5s".
#[tokio::test(start_paused = true)]
async fn the_soonest_is_waited_for() {
    for (first, second) in [(1, 110), (5, 130), (10, 60), (110, 5)] {
        let groq = groq().fault(limited(first).first(1));
        let world = World::new(groq, openai().fault(limited(second).first(1)));
        let groq = tollgate_route::provider::preset::groq().key("k");
        let openai = tollgate_route::provider::preset::openai().key("k");
        let route = tollgate_route::Route::new("r");
        let route = route.ordered([groq.model("big"), openai.model("mini")]);
        let client = world.client(&RouteLayer::new(route).unwrap());
        let start = tokio::time::Instant::now();
        let response = send(&client, request()).await.unwrap();
        assert_eq!(response.status(), 200);
        let sooner = s(first.min(second));
        assert_eq!(start.elapsed(), sooner, "{first} s and {second} s");
    }
}

/// The one that is asked last says how long it needs, but another one is back before that: it may not
/// be waited for below.
#[tokio::test(start_paused = true)]
async fn nobody_below_waits_for_longer_than_until_another_returns() {
    let world = World::new(groq().fault(limited(7).first(2)), openai());
    let layer = RouteLayer::new(route()).unwrap();
    send(&world.client(&layer), request()).await.unwrap();
    let sent = world.internet.sent();
    assert_eq!(sent.last().unwrap().call().wait_budget(), Some(s(7)));
}

/// One that failed without a word is not asked again by the same call.
#[tokio::test(start_paused = true)]
async fn only_who_states_a_wait_is_asked_again() {
    let silent = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    let world = World::new(
        groq().fault(Fault::answer(silent)),
        openai().fault(Fault::status(500)),
    );
    let client = world.client(&layer());
    send(&client, request()).await.map(drop).unwrap_err();
    assert_eq!(world.internet.names(), ["big", "small", "mini"]);
}
