//! Streams that begin well and end in an error event: nobody above takes them for successes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Request;
use http_body_util::BodyExt;
use tokio::time::Instant;
use tollgate::{
    BoxClient, Event, Route, Stack,
    event::{Delivered, End},
    provider::preset,
};
use tollgate_breaker::Event as Told;
use tollgate_core::{Class, ReplayBody};
use tollgate_test::{Answer, Dialect, Fault, Provider};
use tower::{Service, ServiceExt, service_fn};

use crate::{
    Body, chat,
    hang::{SECOND, World, provider, world_of},
};

/// What is left of an event once it is over.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Classified(Class, bool),
    BodyFailed(Class),
    Delivered(End),
}

type Log = Arc<Mutex<Vec<Seen>>>;

fn record(log: &Log) -> impl tollgate::event::Observer + Clone + use<> {
    let log = Arc::clone(log);
    move |event: &Event<'_>| {
        let seen = match event {
            Event::Classify(told) => {
                Seen::Classified(told.classification().class(), told.is_late())
            }
            Event::Breaker(Told::BodyFailed { class, .. }) => Seen::BodyFailed(*class),
            Event::Delivered(Delivered { end, .. }) => Seen::Delivered(*end),
            _ => return,
        };
        log.lock().expect("nobody panics").push(seen);
    }
}

/// The status of a call, and its whole body.
async fn read(client: &BoxClient<Body>, dialect: Dialect) -> (u16, String) {
    let answer = client.clone().oneshot(chat(dialect, true)).await;
    let answer = answer.expect("it is answered");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("a whole body");
    let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    (status, text)
}

fn single(dialect: Dialect, fault: Fault, log: &Log) -> BoxClient<Body> {
    let provider = provider(dialect).fault(fault).build();
    let stack = Stack::new().no_jitter().observer(record(log));
    let layer = stack.build().expect("good settings");
    layer.boxed(provider.service())
}

/// Fault B5: 20 of 20 such streams were successes for everybody.
#[tokio::test(start_paused = true)]
async fn an_error_event_late_in_a_stream_is_told_to_all() {
    for dialect in [Dialect::Anthropic, Dialect::OpenAi, Dialect::OpenRouter] {
        let log = Log::default();
        let client = single(dialect, Fault::error_event(3), &log);
        let (status, text) = read(&client, dialect).await;
        assert_eq!(status, 200);
        assert!(text.contains("\"error\""), "it reaches the caller: {text}");
        let seen = log.lock().expect("nobody panics").clone();
        let class = match seen[0] {
            Seen::Classified(class, true) => class,
            ref other => panic!("{dialect}: {other:?} of {seen:?}"),
        };
        let expected = [
            Seen::Classified(class, true),
            Seen::BodyFailed(class),
            Seen::Delivered(End::Failed(class)),
        ];
        assert_eq!(seen, expected, "{dialect}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_breaker_opens_and_the_router_knows() {
    let first = provider(Dialect::Groq).fault(Fault::error_event(3));
    let world = world_of(first.build(), provider(Dialect::OpenAi).build(), None);
    for _ in 0..5 {
        let (_, text) = read(&world.client, Dialect::OpenAi).await;
        assert!(text.contains("\"error\""));
    }
    let state = serde_json::to_value(world.handle.state()).expect("data");
    assert_eq!(state["breakers"][0]["state"], "open", "{state:#}");
    let rate = state["targets"][0]["success_rate"].as_f64();
    assert!(rate.is_some_and(|rate| rate < 0.9), "{state:#}");
    let (_, text) = read(&world.client, Dialect::OpenAi).await;
    assert!(!text.contains("\"error\""), "the second serves");
    assert_eq!(world.first.stats().calls, 5);
}

/// A rate limit is no fault: neither in a head nor in a stream does it open a breaker.
#[tokio::test(start_paused = true)]
async fn a_rate_limit_in_a_stream_opens_nothing() {
    let events = [
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
        "data: {\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}\n\n",
    ];
    let answer = Answer::events(events.map(str::to_owned));
    let first = provider(Dialect::Groq).fault(Fault::answer(answer));
    let world = world_of(first.build(), provider(Dialect::OpenAi).build(), None);
    for _ in 0..20 {
        read(&world.client, Dialect::OpenAi).await;
    }
    assert_eq!(world.first.stats().calls, 20);
    let state = serde_json::to_value(world.handle.state()).expect("data");
    assert_eq!(state["breakers"][0]["state"], "closed", "{state:#}");
}

/// Before anything was shown, an error is retried or goes to another target, whatever opened the stream.
#[tokio::test(start_paused = true)]
async fn an_error_behind_openings_goes_to_the_next_target() {
    // The first event of these dialects opens the stream.
    let first = provider(Dialect::Groq).fault(Fault::error_event(1));
    let world = world_of(first.build(), provider(Dialect::OpenAi).build(), None);
    let (_, text) = read(&world.client, Dialect::OpenAi).await;
    assert!(!text.contains("\"error\""), "{text}");
    assert_eq!(served(&world), (1, 1));
}

/// As a proxy does that loses its upstream.
#[tokio::test(start_paused = true)]
async fn a_stream_without_an_event_goes_to_the_next_target() {
    let empty = Fault::answer(Answer::events([": waiting\n\n".to_owned()]));
    let first = provider(Dialect::Groq).fault(empty);
    let world = world_of(first.build(), provider(Dialect::OpenAi).build(), None);
    let (status, text) = read(&world.client, Dialect::OpenAi).await;
    assert_eq!(status, 200);
    assert!(text.contains("data: "), "{text}");
    let (_, second) = served(&world);
    assert_eq!(second, 1);
}

fn served(world: &World) -> (u64, u64) {
    (world.first.stats().calls, world.second.stats().calls)
}

/// As DeepSeek sends them while a call waits for its turn.
#[tokio::test(start_paused = true)]
async fn comments_before_the_first_event_are_waited_out() {
    for (comments, alive) in [(100, true), (400, false)] {
        let waiting = std::iter::repeat_n(": keep-alive\n\n".to_owned(), comments);
        let hi = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n".to_owned();
        let provider = provider(Dialect::DeepSeek)
            .fault(Fault::answer(Answer::events(waiting.chain([hi]))))
            .pace(Duration::from_secs(5))
            .build();
        let stack = Stack::new().no_jitter().timeouts(|it| it.idle(60 * SECOND));
        let client = stack
            .build()
            .expect("good settings")
            .boxed(provider.service());
        let start = Instant::now();
        let answer = client.oneshot(chat(Dialect::DeepSeek, true)).await;
        let body = answer.expect("it is answered").into_body().collect().await;
        assert_eq!(body.is_ok(), alive, "{comments} comments");
        // The head may take 10 minutes, and then no pause may be longer than a minute.
        assert!(start.elapsed() < 670 * SECOND, "{:?}", start.elapsed());
    }
}

/// Fault C10: the idle time-out never fired while comments came.
#[tokio::test(start_paused = true)]
async fn comments_do_not_keep_a_stream_alive() {
    for (counts, alive) in [(false, false), (true, true)] {
        let comments = std::iter::repeat_n(": still here\n\n".to_owned(), 100);
        let hi = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n".to_owned();
        let end = "data: [DONE]\n\n".to_owned();
        let events = [hi].into_iter().chain(comments).chain([end]);
        let pace = Duration::from_secs(5);
        let provider = provider(Dialect::OpenAi)
            .fault(Fault::answer(Answer::events(events)))
            .pace(pace)
            .build();
        let stack = Stack::new().no_jitter();
        let stack = stack.timeouts(|it| it.idle(60 * SECOND).comments_count(counts));
        let client = stack
            .build()
            .expect("good settings")
            .boxed(provider.service());
        let start = Instant::now();
        let answer = client.oneshot(chat(Dialect::OpenAi, true)).await;
        let body = answer.expect("it is answered").into_body().collect().await;
        assert_eq!(body.is_ok(), alive, "comments count: {counts}");
        let took = start.elapsed();
        if !alive {
            assert!(took > 60 * SECOND && took < 70 * SECOND, "{took:?}");
        }
    }
}

/// A stream of comments that never begins.
fn comments_only() -> Fault {
    let comments = std::iter::repeat_n(": keep-alive\n\n".to_owned(), 1_000);
    Fault::answer(Answer::events(comments))
}

/// It is held back for as long as its first event may take, so another target can still be asked.
#[tokio::test(start_paused = true)]
async fn a_stream_of_comments_goes_to_the_next_target_when_its_time_is_over() {
    let first = provider(Dialect::Groq)
        .fault(comments_only())
        .pace(SECOND)
        .build();
    let second = provider(Dialect::OpenAi).build();
    let (to_first, to_second) = (first.service(), second.service());
    let client = service_fn(move |request: Request<ReplayBody<Body>>| {
        let to = match request.uri().host() == Some(Dialect::Groq.host()) {
            true => &to_first,
            false => &to_second,
        };
        to.clone().call(request)
    });
    let route = Route::new("chat").ordered([
        preset::groq().key("k").model("m"),
        preset::openai().key("k").model("m"),
    ]);
    let stack = Stack::new()
        .no_jitter()
        .route(route)
        .retry(|it| it.attempts(1))
        .timeouts(|it| it.first_event(20 * SECOND));
    let client = stack.build().expect("good settings").boxed(client);
    let start = Instant::now();
    let (_, text) = read(&client, Dialect::OpenAi).await;
    assert!(text.contains("data: "), "{text}");
    assert_eq!(served_by(&first, &second), (1, 1));
    assert!(start.elapsed() < 25 * SECOND, "{:?}", start.elapsed());
}

fn served_by(first: &Provider, second: &Provider) -> (u64, u64) {
    (first.stats().calls, second.stats().calls)
}

/// Comments are no first event, also where the stream was handed on.
#[tokio::test(start_paused = true)]
async fn the_first_event_is_waited_for_behind_comments() {
    let provider = provider(Dialect::OpenAi)
        .fault(comments_only())
        .pace(SECOND)
        .build();
    let stack = Stack::new()
        .no_jitter()
        .classify(|it| it.hold(None))
        .timeouts(|it| it.first_event(20 * SECOND));
    let client = stack
        .build()
        .expect("good settings")
        .boxed(provider.service());
    let start = Instant::now();
    let answer = client.oneshot(chat(Dialect::OpenAi, true)).await;
    let body = answer.expect("a head").into_body().collect().await;
    let error = body.map(drop).expect_err("it never begins");
    assert_eq!(Class::of_error(&error), Some(Class::Timeout), "{error}");
    assert_eq!(start.elapsed(), 20 * SECOND);
}

/// How long it took to read a stream of these pieces, or to lose it.
async fn whole(
    pieces: Vec<String>,
    pace: Duration,
    attempt: Duration,
) -> Result<Duration, Duration> {
    let provider = provider(Dialect::OpenAi)
        .fault(Fault::answer(Answer::events(pieces)))
        .pace(pace)
        .build();
    let stack = Stack::new()
        .no_jitter()
        .timeouts(|it| it.attempt(attempt).idle(15 * SECOND));
    let client = stack
        .build()
        .expect("good settings")
        .boxed(provider.service());
    let start = Instant::now();
    let answer = client.oneshot(chat(Dialect::OpenAi, true)).await;
    let body = answer.expect("it is answered").into_body().collect().await;
    body.map(|_| start.elapsed()).map_err(|_| start.elapsed())
}

/// An image of some megabytes in one event, on a slow line: bytes come each second.
#[tokio::test(start_paused = true)]
async fn an_event_may_take_longer_than_the_idle_time_while_it_flows() {
    let mut pieces = vec![
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"b64\":\"".to_owned(),
    ];
    pieces.extend(std::iter::repeat_n("x".repeat(100_000), 30));
    pieces.push("\"}\n\ndata: [DONE]\n\n".to_owned());
    let took = whole(pieces, SECOND, 600 * SECOND).await;
    assert!(took.is_ok(), "{took:?}");
}

/// A proxy that ends its events with one line feed; many clients read lines.
#[tokio::test(start_paused = true)]
async fn a_stream_without_blank_lines_flows_too() {
    let pieces = vec!["data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n".to_owned(); 120];
    let took = whole(pieces, SECOND, 60 * SECOND).await;
    assert!(took.is_ok(), "{took:?}");
}

/// Begins, and thinks before it says anything.
fn thinks() -> Fault {
    let role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
    let hi =
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n";
    Fault::answer(Answer::events(
        [role, hi, "data: [DONE]\n\n"].map(str::to_owned),
    ))
}

/// The stream has begun after a second, and its first words come 7 s later: it is handed on before the time
/// of the attempt is over.
#[tokio::test(start_paused = true)]
async fn a_stream_that_began_is_not_held_beyond_the_time_of_its_attempt() {
    let provider = provider(Dialect::OpenAi)
        .fault(thinks())
        .pace(7 * SECOND)
        .build();
    let stack = Stack::new()
        .no_jitter()
        .timeouts(|it| it.attempt(5 * SECOND));
    let client = stack
        .build()
        .expect("good settings")
        .boxed(provider.service());
    let answer = client.oneshot(chat(Dialect::OpenAi, true)).await;
    assert!(
        answer.is_ok(),
        "{:?} after {} calls",
        answer.map(drop),
        provider.stats().calls
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_began_is_not_held_beyond_the_deadline() {
    let provider = provider(Dialect::OpenAi)
        .fault(thinks())
        .pace(7 * SECOND)
        .build();
    let stack = Stack::new().no_jitter().deadline(5 * SECOND);
    let client = stack
        .build()
        .expect("good settings")
        .boxed(provider.service());
    let answer = client.oneshot(chat(Dialect::OpenAi, true)).await;
    assert!(
        answer.is_ok(),
        "{:?} after {} calls",
        answer.map(drop),
        provider.stats().calls
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_began_is_not_held_beyond_the_share_of_its_target() {
    let first = provider(Dialect::Groq)
        .fault(thinks())
        .pace(7 * SECOND)
        .build();
    let second = provider(Dialect::OpenAi).build();
    let world = world_of(first, second, Some(12 * SECOND));
    let answer = world
        .client
        .clone()
        .oneshot(chat(Dialect::OpenAi, true))
        .await;
    assert!(answer.is_ok());
    assert_eq!(served(&world), (1, 0), "the first one had begun");
}

/// A background response that failed is asked for again and again, as its client does.
#[tokio::test(start_paused = true)]
async fn asking_for_a_failed_job_is_no_failure() {
    let failed = r#"{"id":"resp_1","object":"response","status":"failed","background":true,"error":{"code":"server_error","message":"An error occurred"},"output":[]}"#;
    let sent = Arc::new(Mutex::new(0));
    let count = Arc::clone(&sent);
    let client = tower::service_fn(move |_: http::Request<_>| {
        *count.lock().expect("nobody panics") += 1;
        let answer = http::Response::builder().header("content-type", "application/json");
        std::future::ready(Ok::<_, std::io::Error>(
            answer.body(Body::from(failed)).expect("good"),
        ))
    });
    let layer = Stack::new().no_jitter().build().expect("good settings");
    let handle = layer.handle();
    let client: BoxClient<Body> = layer.boxed(client);
    for _ in 0..3 {
        let request =
            http::Request::get("https://api.openai.com/v1/responses/resp_1").body(Body::default());
        let _ = client.clone().oneshot(request.expect("good")).await;
    }
    let state = serde_json::to_value(handle.state()).expect("data");
    let sent = *sent.lock().expect("nobody panics");
    assert_eq!(
        (sent, state["breakers"][0]["state"].as_str()),
        (3, Some("closed"))
    );
}

/// Ollama's `POST /api/copy`, OpenAI's `POST /realtime/calls/{id}/hangup`.
#[tokio::test(start_paused = true)]
async fn a_success_without_a_body_is_sent_once() {
    let sent = Arc::new(Mutex::new(0));
    let count = Arc::clone(&sent);
    let client = tower::service_fn(move |_: http::Request<_>| {
        *count.lock().expect("nobody panics") += 1;
        let answer = http::Response::builder().header("content-length", "0");
        std::future::ready(Ok::<_, std::io::Error>(
            answer.body(Body::default()).expect("good"),
        ))
    });
    let client: BoxClient<Body> = Stack::new()
        .no_jitter()
        .build()
        .expect("good")
        .boxed(client);
    let request = http::Request::post("https://api.openai.com/v1/realtime/calls/rtc_1/hangup")
        .body(Body::default());
    let answer = client
        .oneshot(request.expect("good"))
        .await
        .expect("answered");
    assert_eq!(answer.status(), 200);
    assert_eq!(*sent.lock().expect("nobody panics"), 1);
}

/// A model thinks for 7 minutes, and its provider says each 20 s that it is at work (`keepalive` of OpenAI's
/// Responses API, `ping` of Anthropic): with all defaults nobody cuts it off.
#[tokio::test(start_paused = true)]
async fn a_model_may_think_for_seven_minutes() {
    for (start, alive) in [
        (
            "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"reasoning\"}}\n\n",
            "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":3}\n\n",
        ),
        (
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"code_execution\",\"input\":{}}}\n\n",
            "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        ),
    ] {
        let done = "data: {\"type\":\"response.completed\",\"response\":{\"error\":null}}\n\n";
        let events = [start]
            .into_iter()
            .chain(std::iter::repeat_n(alive, 21))
            .chain([done]);
        let provider = provider(Dialect::OpenAi)
            .fault(Fault::answer(Answer::events(events.map(str::to_owned))))
            .pace(20 * SECOND)
            .build();
        let client = Stack::new()
            .no_jitter()
            .build()
            .expect("good")
            .boxed(provider.service());
        let answer = client.oneshot(chat(Dialect::OpenAi, true)).await;
        let body = answer.expect("it is answered").into_body().collect().await;
        assert!(body.is_ok(), "{:?}", body.map(drop));
    }
}
