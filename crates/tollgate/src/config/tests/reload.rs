//! Other settings while calls go through.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::time::{Instant, sleep, timeout};
use tollgate_test::{Answer, Dialect, Fault, Provider, ProviderBuilder};
use tower::{ServiceExt, service_fn};

use super::*;
use crate::{
    BoxClient, BoxError, Call,
    core::{ReplayBody, Target},
    stack::{Handle, Off},
};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The models that were asked, and when.
type Log = Arc<Mutex<Vec<(String, Duration)>>>;

/// One provider behind all addresses.
struct World {
    client: BoxClient<Full<Bytes>>,
    handle: Handle,
    log: Log,
}

impl World {
    fn new(config: &Config, provider: ProviderBuilder) -> Self {
        let service = provider.build().service();
        let (log, start) = (Log::default(), Instant::now());
        let asked = log.clone();
        let client = service_fn(move |request: Request<ReplayBody<Full<Bytes>>>| {
            let target = Call::of(&request).and_then(Call::target).expect("routed");
            let model = target.model().expect("it has one").to_owned();
            let mut log = asked.lock().expect("whole");
            log.push((model, start.elapsed()));
            let service = service.clone();
            async move { service.oneshot(request).await }
        });
        let layer = config.stack().expect("it is right").build();
        let layer = layer.expect("it builds");
        let handle = layer.handle();
        Self {
            client: layer.boxed(client),
            handle,
            log,
        }
    }

    fn ask(&self) -> impl Future<Output = Result<StatusCode, BoxError>> + Send + 'static {
        let request = Request::post("https://any.example/v1/chat/completions");
        let body = Full::from(r#"{"model":"any","messages":[]}"#);
        let request = request.body(body).expect("a request");
        let call = self.client.clone().oneshot(request);
        async move {
            let response = timeout(s(3_600), call).await.expect("it hangs");
            let (head, body) = response?.into_parts();
            body.collect().await?;
            Ok(head.status)
        }
    }

    fn call(&self) -> impl Future<Output = StatusCode> + Send + 'static {
        let asked = self.ask();
        async { asked.await.expect("an answer") }
    }

    fn models(&self) -> Vec<String> {
        let log = self.log.lock().expect("whole");
        log.iter().map(|(model, _)| model.clone()).collect()
    }
}

fn groq() -> ProviderBuilder {
    Provider::builder(Dialect::Groq)
}

fn small(more: &str) -> Config {
    load(&format!("{more}{SMALL}")).expect("it is right")
}

const BIG: &str = "llama-3.3-70b-versatile";
const LITTLE: &str = "llama-3.1-8b-instant";

#[tokio::test(start_paused = true)]
async fn limits_are_other_ones_at_once() {
    let config = small("[limit.each]\nconcurrency = 1\n");
    let world = World::new(&config, groq().latency(s(10), s(0)));
    // One for each target, alone, as the first call always goes.
    let first = [tokio::spawn(world.call()), tokio::spawn(world.call())];
    for call in first {
        assert_eq!(call.await.expect("no panic"), 200);
    }
    assert_eq!(world.models().len(), 2);
    // Here nobody may wait while another target is healthy.
    let calls: Vec<_> = (0..4).map(|_| tokio::spawn(world.call())).collect();
    sleep(s(1)).await;
    assert_eq!(world.models().len(), 4, "one for each target");
    let more = small("[limit.each]\nconcurrency = 3\n");
    let reloaded = world.handle.reload(&more).expect("it is right");
    assert_eq!(reloaded.applied, ["limit.each.concurrency"]);
    assert!(reloaded.needs_restart.is_empty(), "{reloaded}");
    sleep(s(1)).await;
    assert_eq!(world.models().len(), 6, "nobody waits any more");
    for call in calls {
        assert_eq!(call.await.expect("no panic"), 200);
    }
    // The limits of one target come and go.
    let own = small("[targets.big.limits]\nconcurrency = 2\n");
    let target = Target::new("groq", BIG);
    let concurrency = || {
        let limit = world.handle.limit().expect("it is there");
        limit.key(&target).expect("it was used").concurrency
    };
    world.handle.reload(&own).expect("it is right");
    assert_eq!(concurrency(), Some(2));
    world.handle.reload(&small("")).expect("it is right");
    assert_eq!(concurrency(), None);
}

#[tokio::test(start_paused = true)]
async fn chains_change_and_nothing_known_is_lost() {
    let slow_down = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    let limited = Fault::answer(slow_down.header("retry-after", "600")).model(BIG);
    let world = World::new(&small(""), groq().latency(s(2), s(0)).fault(limited));
    let under_way = tokio::spawn(world.call());
    sleep(s(1)).await;
    let turned = SMALL.replace(r#"["big", "small"]"#, r#"["small", "big"]"#);
    let reloaded = world.handle.reload(&load(&turned).expect("it is right"));
    assert_eq!(reloaded.expect("it is right").applied, ["routes"]);
    let route = world.handle.route().expect("routed");
    let first = route.outcomes().swap_remove(0).target;
    assert_eq!(first.model(), Some(LITTLE), "it is first in the new chain");
    // It goes on as it began, and what it hears is kept.
    assert_eq!(under_way.await.expect("no panic"), 200);
    assert_eq!(world.models(), [BIG, LITTLE]);
    let only_big = SMALL.replace(r#"["big", "small"]"#, r#"["big"]"#);
    let fast = format!("[router]\nmax_wait = \"0s\"\n{only_big}");
    let fast = load(&fast).expect("it is right");
    let reloaded = world.handle.reload(&fast).expect("it is right");
    assert_eq!(reloaded.applied, ["router.max_wait", "routes"]);
    let route = world.handle.route().expect("routed");
    let cooling = route.cooldowns();
    assert_eq!(cooling.len(), 1, "{cooling:?}");
    assert_eq!(cooling[0].target, Target::new("groq", BIG));
    world.handle.reload(&small("")).expect("it is right");
    assert_eq!(world.call().await, 200);
    assert_eq!(world.models()[2..], [LITTLE]);
}

#[tokio::test(start_paused = true)]
async fn weights_change_under_load() {
    let weighted = |big: f64, little: f64| {
        let tier = "[[routes.tiers]]\nstrategy = \"weighted\"\ntargets = [\"big\", \"small\"]\n";
        let text = SMALL
            .replace("targets = [\"big\", \"small\"]", tier)
            .replace(
                "[targets.small]",
                &format!("weight = {big:?}\n[targets.small]"),
            )
            .replace("[[routes]]", &format!("weight = {little:?}\n[[routes]]"));
        load(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let world = World::new(&weighted(1.0, 0.0), groq().latency(s(1), s(0)));
    for nth in 0..20 {
        if nth == 10 {
            world
                .handle
                .reload(&weighted(0.0, 1.0))
                .expect("it is right");
        }
        assert_eq!(world.call().await, 200);
    }
    assert_eq!(world.models()[..10], [BIG; 10]);
    assert_eq!(world.models()[10..], [LITTLE; 10]);
}

#[tokio::test(start_paused = true)]
async fn what_makes_no_sense_leaves_all_as_it_was() {
    let world = World::new(&small("[limit.each]\nconcurrency = 7\n"), groq());
    world.call().await;
    // The limits of it alone would do.
    let mut bad = small("[limit.each]\nconcurrency = 9\n");
    bad.routes[0].targets.push("nobody".to_owned());
    let error = world.handle.reload(&bad).expect_err("nobody is there");
    let said = "routes[0].targets[2]: there is no target \"nobody\"";
    assert_eq!(error.to_string(), said);
    // And of this one the routes.
    let mut bad = small("");
    bad.routes[0].targets.pop();
    bad.limit.max_wait = Some(Duration::ZERO);
    world.handle.reload(&bad).expect_err("no time");
    bad = Config::default();
    world.handle.reload(&bad).expect_err("no route");
    let target = Target::new("groq", BIG);
    let limit = world.handle.limit().expect("it is there");
    let state = limit.key(&target).expect("it was used");
    assert_eq!(state.concurrency, Some(7));
    assert_eq!(world.handle.route().expect("routed").outcomes().len(), 2);
    // Nor was it remembered.
    let same = world
        .handle
        .reload(&small("[limit.each]\nconcurrency = 7\n"));
    assert_eq!(same.expect("it is right").to_string(), "nothing changed");
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_restart_is_told_each_time() {
    let world = World::new(&small(""), groq());
    let other = "deadline = \"5s\"\n[breaker]\nsuccesses = 3\n[limit]\nby = \"host\"\nqueue = 5\n";
    for live in [&["limit.queue"][..], &[]] {
        let reloaded = world.handle.reload(&small(other)).expect("it is right");
        assert_eq!(reloaded.applied, live);
        assert_eq!(
            reloaded.needs_restart,
            ["breaker.successes", "deadline", "limit.by"]
        );
    }
    let back = world.handle.reload(&small("")).expect("it is right");
    assert_eq!(back.to_string(), "in force: limit.queue");
}

/// They would be in force nowhere, and those of the provider would be gone.
#[tokio::test(start_paused = true)]
async fn limits_of_targets_do_not_get_lost_where_hosts_are_counted() {
    let by_host = "[limit]\nby = \"host\"\n[limit.each]\nconcurrency = 1\n";
    let world = World::new(&small(by_host), groq());
    assert_eq!(world.call().await, 200);
    let error = world
        .handle
        .reload(&small("[targets.big.limits]\nconcurrency = 2\n"))
        .expect_err("it would be lost");
    let said = "limit.by: cannot change while it runs where targets have limits of their own";
    assert_eq!(error.to_string(), said);
    let limit = world.handle.limit().expect("it is there");
    assert_eq!(limit.states()[0].concurrency, Some(1));
}

#[tokio::test(start_paused = true)]
async fn what_is_tried_again_changes_too() {
    let alone = SMALL.replace(r#"["big", "small"]"#, r#"["big"]"#);
    let once = load(&format!("[retry.transient]\nattempts = 1\n{alone}"));
    let failing = groq().fault(Fault::status(500).first(2));
    let world = World::new(&once.expect("it is right"), failing);
    world.ask().await.expect_err("nobody is left");
    assert_eq!(world.models(), [BIG]);
    let again = load(&alone).expect("it is right");
    let reloaded = world.handle.reload(&again).expect("it is right");
    assert_eq!(reloaded.applied, ["retry.transient.attempts"]);
    assert_eq!(world.call().await, 200);
    assert_eq!(world.models(), [BIG; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_sent_at_once() {
    let config = |key: &str| {
        let text = SMALL.replace("env:GROQ_API_KEY", &format!("literal:{key}"));
        load(&text).expect("it is right")
    };
    let world = World::new(&config("old"), groq().key("new"));
    assert_eq!(world.call().await, 401);
    let reloaded = world.handle.reload(&config("new")).expect("it is right");
    assert_eq!(reloaded.applied, ["providers"], "without a word of the key");
    assert_eq!(world.call().await, 200);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_not_there_takes_nothing_over() {
    let config = load("[limit.each]\nconcurrency = 1\n").expect("it is right");
    let stack = config.stack_without_routes().expect("it is right");
    let handle = stack.limit(|_| Off).build().expect("it builds").handle();
    let other = load("[limit.each]\nconcurrency = 2\n").expect("it is right");
    let reloaded = handle.reload(&other).expect("it is right");
    assert_eq!(
        reloaded.to_string(),
        "needs a restart: limit.each.concurrency"
    );
    let error = handle.reload(&small("")).expect_err("no router");
    assert_eq!(
        error.to_string(),
        "routes: this stack has no router for them"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stack_made_by_hand_is_compared_with_the_defaults() {
    let handle = Stack::new().build().expect("it builds").handle();
    let other = load("[limit]\nqueue = 5\n[breaker]\nwhole_body = true\n").expect("it is right");
    let reloaded = handle.reload(&other).expect("it is right");
    let said = "in force: limit.queue; needs a restart: breaker.whole_body";
    assert_eq!(reloaded.to_string(), said);
}

/// What the limiter has closed and learned of a target whose provider rejects the first call.
async fn learned(config: &Config) -> (World, usize) {
    let slow_down = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    let rejected = Fault::answer(slow_down.header("retry-after", "600")).model(BIG);
    let world = World::new(config, groq().fault(rejected));
    assert_eq!(world.call().await, 200, "by the other target");
    let limit = world.handle.limit().expect("it is there");
    let key = limit.key(&Target::new("groq", BIG)).expect("it was used");
    let learned = key.limits.iter().filter(|limit| !limit.configured).count();
    let closed = key.closed.len();
    (world, closed + learned)
}

const ONLY: &str = "[limit]\nconfigured_only = true\n[limit.each]\nrequests_per_minute = 60\n";

#[tokio::test(start_paused = true)]
async fn limits_of_ones_own_can_be_all_that_counts() {
    let each = "[limit.each]\nrequests_per_minute = 60\n";
    assert!(learned(&small(each)).await.1 > 0);
    assert_eq!(learned(&small(ONLY)).await.1, 0);
}

/// What was learned until then would be lost, or hold calls for good.
#[tokio::test(start_paused = true)]
async fn what_counts_is_decided_at_the_start() {
    let (world, _) = learned(&small(ONLY)).await;
    let other = ONLY.replace("true", "false").replace("60", "90");
    for live in [&["limit.each.requests_per_minute"][..], &[]] {
        let reloaded = world.handle.reload(&small(&other)).expect("it is right");
        assert_eq!(reloaded.applied, live);
        assert_eq!(reloaded.needs_restart, ["limit.configured_only"]);
    }
    let back = world.handle.reload(&small(ONLY)).expect("it is right");
    assert_eq!(back.to_string(), "in force: limit.each.requests_per_minute");
}
