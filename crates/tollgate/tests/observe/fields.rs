//! The tables of fields are complete, and nothing in them is made up.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    time::Duration,
};

use http::{Request, Response};
use tokio::time::{advance, timeout};
use tollgate::{
    Tracing,
    breaker::BreakerLayer,
    core::{Call, Cost, LimitKind, Note, Quota, Target, Window},
    event::Each,
    limit::{LimitLayer, Limits},
    retry::RetryLayer,
    route::{Route, RouteLayer, provider::preset},
};
use tollgate_test::{Dialect, Fault, Kind, Provider};
use tower::{Layer, ServiceExt, service_fn};
use tracing::Level;

use crate::{capture::Capture, support::*};

/// The names in the first column, with all that the other columns say.
fn table(text: &'static str) -> BTreeMap<&'static str, &'static str> {
    let rows = text.lines().skip(2);
    let row = |line: &'static str| line.strip_prefix("| `")?.split_once("` |");
    rows.map(|line| row(line).unwrap_or_else(|| panic!("no row: {line}")))
        .collect()
}

/// Calls through whole stacks that fare in all ways: served, sent again, sent elsewhere, refused, held
/// back, dropped, broken.
async fn stories() {
    let minute = || tollgate_test::Quota::fixed(Kind::Requests, 3, s(60));
    let ill = groq()
        .quota(minute())
        .fault(Fault::status(503).calls(2..=12));
    let other = openai()
        .quota(minute())
        .fault(Fault::status(500).calls(2..=12));
    let (client, handles) = stack(internet(ill, other), Tracing::new(), true);
    for _ in 0..12 {
        if let Ok(answer) = send(&client, request()).await {
            let _ = read(answer).await;
        }
    }
    let groq = Target::new("groq", "big").with_account("team-a");
    handles.breaker.force_open(&groq, None);
    let _ = send(&client, request()).await;
    handles.breaker.reset(&groq);

    // Turned away, left alone, and back again.
    let limited = self::groq().fault(Fault::status(429).first(2));
    let (client, _) = stack(internet(limited, openai()), Tracing::new(), true);
    for _ in 0..4 {
        let _ = send(&client, request()).await;
        advance(s(600)).await;
    }

    let (client, _) = stack(
        internet(self::groq().latency(s(9), s(0)), openai()),
        Tracing::new(),
        true,
    );
    timeout(s(3), client.oneshot(request()))
        .await
        .expect_err("too slow");
}

fn ask() -> Request<Body> {
    let call = Call::new().with_target(Target::new("groq", "m").with_account("a"));
    let request = Request::post("https://api.groq.com/openai/v1/chat/completions").extension(call);
    request
        .body(Body::from(r#"{"model":"m"}"#))
        .expect("a request")
}

fn each() -> Each<Tracing> {
    Each::new(Tracing::new())
}

/// What needs a layer set up in its own way.
async fn each_alone() {
    // Retry gives up, and recovers.
    let provider = groq().fault(Fault::status(500).first(6)).build();
    let retry = RetryLayer::builder()
        .observer(each())
        .build()
        .expect("good");
    let client = retry.layer(provider.service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    let quota = tollgate_test::Quota::fixed(Kind::Requests, 1, s(2));
    let client = retry.layer(groq().quota(quota).build().service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    // A limit of one's own: calls wait, and are refused.
    let limits = LimitLayer::builder()
        .requests_per_minute(1)
        .max_wait(s(70))
        .observer(each());
    let (limits, handle) = limits.build_with_handle().expect("good limits");
    let client = limits.layer(Provider::new(Dialect::Groq).service());
    for _ in 0..2 {
        client.clone().oneshot(ask()).await.expect("an answer");
    }
    let large = Call::new().with_cost(Cost::default().with_requests(1_000));
    let mut request = ask();
    request.extensions_mut().insert(large);
    client
        .clone()
        .oneshot(request)
        .await
        .map(drop)
        .expect_err("too large");
    handle.set_limits(Limits::new()).expect("none at all");
    // An answer that is not believed.
    let told = service_fn(|_: Request<Body>| async {
        let mut response = Response::new(Body::default());
        let mut quota = Quota::new();
        quota
            .entry(LimitKind::Requests, Some(Window::Minute))
            .expect("room")
            .limit = Some(0);
        Note::update(&mut response, |note| note.set_quota(quota));
        Ok::<_, Infallible>(response)
    });
    let limits = LimitLayer::builder()
        .observer(each())
        .build()
        .expect("good");
    limits.layer(told).oneshot(ask()).await.expect("an answer");
    the_breaker().await;
    the_router().await;
}

async fn the_breaker() {
    let ill = groq().fault(Fault::status(503).first(5)).build();
    let breaker = BreakerLayer::builder()
        .observer(each())
        .build()
        .expect("a good breaker");
    let client = breaker.layer(ill.service());
    for _ in 0..8 {
        let _ = client.clone().oneshot(ask()).await;
        advance(s(6)).await;
    }
    // One with room for one key.
    let small = BreakerLayer::builder().keys(1).observer(each());
    let (small, handle) = small.build_with_handle().expect("a good breaker");
    handle.force_open(&Target::new("groq", "other"), s(600));
    let client = small.layer(Provider::new(Dialect::Groq).service());
    client.oneshot(ask()).await.expect("passes unwatched");
}

/// A target that is asked twice.
async fn the_router() {
    let twice = preset::groq().key("gsk-canary").model("big").tries(2, s(1));
    let route = RouteLayer::builder(Route::new("r").ordered([twice])).observer(each());
    let provider = groq().fault(Fault::status(500).first(1)).build();
    let client = route
        .build()
        .expect("a good route")
        .layer(provider.service());
    client.oneshot(request()).await.expect("served");
}

#[tokio::test(start_paused = true)]
async fn every_field_is_in_the_table_and_every_row_is_told() {
    let (capture, _guard) = Capture::begin();
    stories().await;
    each_alone().await;
    advance(Duration::ZERO).await;

    let events = table(include_str!("../../src/trace/events.md"));
    let told = capture.events();
    let fields = told
        .iter()
        .flat_map(|told| told.fields.keys().map(String::as_str));
    let mut fields: BTreeSet<_> = fields.collect();
    assert!(fields.remove("message"));
    assert_eq!(
        fields,
        events.keys().copied().collect(),
        "events: told, and in the table"
    );

    let spans = table(include_str!("../../src/trace/spans.md"));
    let closed = capture.spans();
    let fields = closed
        .iter()
        .flat_map(|span| span.fields.keys().map(String::as_str));
    assert_eq!(
        fields.collect::<BTreeSet<_>>(),
        spans.keys().copied().collect(),
        "spans"
    );
    for span in &closed {
        let wrong = |name: &&String| {
            let on = spans[name.as_str()];
            !on.contains("| both |") && !on.ends_with(&format!("| `{}` |", span.name))
        };
        assert_eq!(span.fields.keys().find(wrong), None, "of {}", span.name);
    }
}

#[tokio::test(start_paused = true)]
async fn every_event_has_its_level() {
    let (capture, _guard) = Capture::begin();
    stories().await;
    each_alone().await;
    let levels = include_str!("../../src/trace.rs");
    let row = |level: &str| {
        let start = format!("//! | {level} | ");
        let row = levels.lines().find_map(|line| line.strip_prefix(&start));
        row.expect("a row for each level")
    };
    let rows = [
        (Level::WARN, row("warn")),
        (Level::INFO, row("info")),
        (Level::DEBUG, row("debug")),
    ];
    for told in capture.events() {
        let kind = format!("`{}`", told.fields["event"]);
        let (_, row) = rows
            .iter()
            .find(|(level, _)| *level == told.level)
            .expect("a known level");
        assert!(row.contains(&kind), "{kind} was told at {}", told.level);
    }
    // And the other way round: all that the rows name was told.
    let told: BTreeSet<_> = capture
        .events()
        .iter()
        .map(|told| told.fields["event"].clone())
        .collect();
    let named = rows
        .iter()
        .flat_map(|(_, row)| row.split('`').skip(1).step_by(2));
    let missing: Vec<_> = named.filter(|name| !told.contains(*name)).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");
}
