//! A provider that hangs: it is left while another one is there, by deadlines and by impatient callers.

use std::{sync::Arc, time::Duration};

use http::Request;
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tollgate::{BoxClient, Route, Stack, provider::preset, stack::Handle};
use tollgate_core::{Random, Reason, Rejected, ReplayBody};
use tollgate_route::{Exhausted, Served};
use tollgate_test::{Dialect, Fault, Provider, ProviderBuilder};
use tower::{Service, ServiceExt, service_fn};

use crate::{Body, chat};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn provider(dialect: Dialect) -> ProviderBuilder {
    Provider::builder(dialect)
        .latency(SECOND, Duration::from_millis(100))
        .travel(Duration::from_millis(25), Duration::from_millis(5))
}

/// Groq first, then OpenAI; every part with its defaults.
pub(crate) struct World {
    pub(crate) client: BoxClient<Body>,
    pub(crate) handle: Handle,
    pub(crate) first: Provider,
    pub(crate) second: Provider,
}

fn world(first: Fault, second: Fault, deadline: Option<Duration>) -> World {
    let first = provider(Dialect::Groq).fault(first).build();
    let second = provider(Dialect::OpenAi).fault(second).build();
    world_of(first, second, deadline)
}

pub(crate) fn world_of(first: Provider, second: Provider, deadline: Option<Duration>) -> World {
    let route = Route::new("chat")
        .ordered([preset::groq().key("k").model("m")])
        .ordered([preset::openai().key("k").model("m")]);
    let random = Random::seeded(7);
    let stack = Stack::new()
        .route(route)
        .retry(|it| it.random(random.fork()))
        .breaker(|it| it.random(random.fork()))
        .limit(|it| it.random(random.fork()));
    let stack = match deadline {
        Some(time) => stack.deadline(time),
        None => stack,
    };
    let layer = stack.build().expect("good settings");
    let handle = layer.handle();
    let (groq, openai) = (first.service(), second.service());
    let client = service_fn(move |request: Request<ReplayBody<Body>>| {
        let to = match request.uri().host() == Some(Dialect::Groq.host()) {
            true => &groq,
            false => &openai,
        };
        to.clone().call(request)
    });
    World {
        client: layer.boxed(client),
        handle,
        first,
        second,
    }
}

impl World {
    /// Whether a call is answered, by a caller who waits for so long.
    async fn ask(&self, patience: Duration) -> bool {
        let call = self.client.clone().oneshot(chat(Dialect::OpenAi, false));
        let answer = timeout(patience, call).await;
        answer.is_ok_and(|answer| answer.is_ok_and(|answer| answer.status() == 200))
    }
}

/// Fault D1: 0 of 40 answered, the healthy one was never asked, and nothing said why.
#[tokio::test(start_paused = true)]
async fn calls_with_a_deadline_leave_it_one_after_the_other() {
    let world = world(Fault::hang(), Fault::none(), Some(20 * SECOND));
    let mut answered = 0;
    for _ in 0..40 {
        answered += u32::from(world.ask(Duration::MAX).await);
    }
    assert_eq!(answered, 40);
    let sent = world.first.stats().calls;
    assert!(sent <= 12, "{sent} sent to the one that hangs");
    let state = serde_json::to_value(world.handle.state()).expect("data");
    let first = &state["targets"][0];
    assert_eq!(first["asked"], sent, "{first}");
    assert_eq!(first["timeouts"], sent, "{first}");
    assert_eq!(state["breakers"][0]["state"], "open", "{state:#}");
    assert!(state["breakers"][0]["why"].is_string(), "{state:#}");
}

#[tokio::test(start_paused = true)]
async fn impatient_callers_leave_it_too() {
    let world = world(Fault::hang(), Fault::none(), None);
    let mut answered = 0;
    for _ in 0..40 {
        answered += u32::from(world.ask(30 * SECOND).await);
    }
    assert!(answered >= 39, "{answered} of 40");
    let sent = world.first.stats().calls;
    assert!(sent <= 12, "{sent} sent to the one that hangs");
}

async fn at_once(world: World, calls: usize, patience: Duration) -> (usize, u64) {
    let world = Arc::new(world);
    let mut all = JoinSet::new();
    for _ in 0..calls {
        let world = world.clone();
        all.spawn(async move { world.ask(patience).await });
    }
    let answered = all.join_all().await.into_iter().filter(|it| *it).count();
    (answered, world.first.stats().calls)
}

#[tokio::test(start_paused = true)]
async fn a_hundred_at_once_leave_it() {
    let world = world(Fault::hang(), Fault::none(), Some(20 * SECOND));
    let (answered, sent) = at_once(world, 100, Duration::MAX).await;
    assert_eq!(answered, 100, "{sent} sent to the one that hangs");
}

/// 500 in flight when it flips.
#[tokio::test(start_paused = true)]
async fn a_provider_that_flips_under_a_crowd_is_left() {
    let flips = Fault::hang().during(10 * SECOND..3_600 * SECOND);
    let world = Arc::new(world(flips, Fault::none(), Some(20 * SECOND)));
    let mut all = JoinSet::new();
    for n in 0..2_000_u32 {
        let world = world.clone();
        all.spawn(async move {
            tokio::time::sleep(SECOND * n / 100).await;
            world.ask(Duration::MAX).await
        });
    }
    let answered = all.join_all().await.into_iter().filter(|it| *it).count();
    assert!(answered >= 1_980, "{answered} of 2,000");
}

/// A healthy provider that is only slow is not left: the share of the first call is half its time.
#[tokio::test(start_paused = true)]
async fn a_slow_one_is_waited_for() {
    let slow = Fault::delay(8 * SECOND);
    let world = world(slow, Fault::none(), Some(20 * SECOND));
    for _ in 0..20 {
        assert!(world.ask(Duration::MAX).await);
    }
    assert_eq!(world.second.stats().calls, 0);
}

/// As soon as it is known how long answers take, more than half of the time is theirs.
#[tokio::test(start_paused = true)]
async fn a_usual_time_is_waited_for_whatever_is_half() {
    let slower = Fault::delay(11 * SECOND).during(60 * SECOND..3_600 * SECOND);
    let world = world(slower, Fault::none(), None);
    let with = |time: Duration| {
        let mut request = chat(Dialect::OpenAi, false);
        let call = tollgate::Call::new().with_deadline_in(time);
        request.extensions_mut().insert(call);
        world.client.clone().oneshot(request)
    };
    tokio::time::sleep(61 * SECOND).await;
    assert!(with(60 * SECOND).await.is_ok());
    assert!(with(20 * SECOND).await.is_ok());
    assert_eq!(world.second.stats().calls, 0);
}

/// Nobody is left: the error says who had not answered, and for how long.
#[tokio::test(start_paused = true)]
async fn the_error_names_who_had_not_answered() {
    let both = world(Fault::hang(), Fault::hang(), Some(20 * SECOND));
    let start = Instant::now();
    let call = both.client.clone().oneshot(chat(Dialect::OpenAi, false));
    let error = call.await.expect_err("nobody answers");
    assert_eq!(start.elapsed(), 20 * SECOND);
    let rejected = Rejected::find(error.as_ref()).expect("a reason");
    assert_eq!(rejected.reason(), Reason::DeadlineExceeded);
    assert_eq!(
        error.to_string(),
        "The deadline passed. groq (m) had not answered for 10s. openai (m) had not answered for 10s."
    );
    let exhausted: &Exhausted = error.downcast_ref().expect("the router's");
    assert_eq!(exhausted.attempts().len(), 2);
    assert_eq!(tollgate::reply(&error).status(), 504);
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_stack_without_routes_names_it_too() {
    let hangs = provider(Dialect::OpenAi).fault(Fault::hang()).build();
    let stack = Stack::new().deadline(20 * SECOND);
    let client: BoxClient<Body> = stack.boxed(hangs.service()).expect("good settings");
    let error = client.oneshot(chat(Dialect::OpenAi, false)).await;
    let error = error.expect_err("it hangs");
    assert_eq!(
        error.to_string(),
        "the deadline passed: api.openai.com had not answered for 20s"
    );
    let rejected = Rejected::find(error.as_ref()).expect("a reason");
    assert_eq!(rejected.reason(), Reason::DeadlineExceeded);
    assert_eq!(rejected.unanswered(), Some(20 * SECOND));
}

/// Half of the calls get a 503, the others hang: both are left.
#[tokio::test(start_paused = true)]
async fn who_hangs_at_times_is_left_at_those() {
    let at_times = Fault::hang().chance(0.5);
    let world = world(at_times, Fault::none(), Some(20 * SECOND));
    for _ in 0..20 {
        let call = world.client.clone().oneshot(chat(Dialect::OpenAi, false));
        let answer = call.await.expect("answered");
        assert_eq!(answer.status(), 200);
        let served = Served::of(&answer).expect("the router says who");
        assert!(served.attempts().len() <= 1);
    }
}
