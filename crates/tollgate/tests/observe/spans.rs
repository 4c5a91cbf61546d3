//! What is told is told inside the span it belongs to.

use http_body_util::BodyExt;
use tokio::time::timeout;
use tollgate::{AttemptLayer, OperationLayer, Tracing, breaker::BreakerLayer, event::Each};
use tollgate_test::Fault;
use tower::{Service, ServiceBuilder, ServiceExt};
use tracing::Level;

use crate::{capture::Capture, support::*};

#[tokio::test(start_paused = true)]
async fn what_an_attempt_tells_is_inside_of_it_and_the_rest_around() {
    let (capture, _guard) = Capture::begin();
    let failing = groq().fault(Fault::status(429).calls(1..=9));
    let (client, _) = stack(internet(failing, openai()), Tracing::new(), true);
    let answer = send(&client, request()).await.expect("served");
    read(answer).await.expect("whole");
    let story = [
        "attempt> admitted",
        "attempt> classified",
        "attempt> over_admitted",
        "attempt> attempted",
        "operation> gave_up",
        "operation> cooling",
        "operation> switching",
        "attempt> admitted",
        "attempt> attempted",
        "operation> diverted",
        "operation> finished",
        "operation> delivered",
    ];
    let told = capture.story().into_iter();
    // Which limits are known and closed then is not for this test to say.
    let told = told.filter(|line| !line.ends_with("learned") && !line.ends_with("gated"));
    assert_eq!(told.collect::<Vec<_>>(), story);
    let names: Vec<_> = capture
        .spans()
        .iter()
        .map(|span| (span.name, span.parent))
        .collect();
    let attempt = ("attempt", Some("operation"));
    assert_eq!(names, [attempt, attempt, ("operation", None)]);
}

#[tokio::test(start_paused = true)]
async fn the_fields_of_the_spans() {
    let (capture, _guard) = Capture::begin();
    let failing = groq()
        .fault(Fault::status(503).call(1))
        .fault(Fault::status(429).call(2));
    let (client, _) = stack(internet(failing, openai()), Tracing::new(), true);
    read(send(&client, request()).await.expect("served"))
        .await
        .expect("whole");
    let spans = capture.spans();
    let field = |span: usize, name: &str| spans[span].fields.get(name).map(String::as_str);

    let last = spans.len() - 1;
    assert_eq!(field(last, "otel.name"), Some("chat any"));
    assert_eq!(field(last, "gen_ai.operation.name"), Some("chat"));
    assert_eq!(field(last, "gen_ai.request.model"), Some("any"));
    assert_eq!(field(last, "gen_ai.provider.name"), Some("openai"));
    assert_eq!(field(last, "gen_ai.response.model"), Some("mini"));
    assert_eq!(field(last, "http.response.status_code"), Some("200"));
    assert_eq!(field(last, "error.type"), None);
    assert!(field(last, "gen_ai.usage.input_tokens").is_some());
    assert!(field(last, "gen_ai.usage.output_tokens").is_some());

    assert_eq!(field(0, "gen_ai.provider.name"), Some("groq"));
    assert_eq!(field(0, "gen_ai.request.model"), Some("big"));
    assert_eq!(field(0, "account"), Some("team-a"));
    assert_eq!(field(0, "server.address"), Some("api.groq.com"));
    assert_eq!(field(0, "http.response.status_code"), Some("503"));
    assert_eq!(field(0, "error.type"), Some("overloaded"));
    assert_eq!(field(0, "otel.status_code"), Some("ERROR"));
}

#[tokio::test(start_paused = true)]
async fn a_resend_is_counted() {
    let (capture, _guard) = Capture::begin();
    let last = Fault::status(429).calls(1..=9);
    let failing = openai().fault(Fault::status(500).first(2));
    let (client, _) = stack(internet(groq().fault(last), failing), Tracing::new(), true);
    read(send(&client, request()).await.expect("served"))
        .await
        .expect("whole");
    let spans = capture.spans();
    let counts: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "attempt")
        .map(|span| {
            span.fields
                .get("http.request.resend_count")
                .map(String::as_str)
        })
        .collect();
    assert_eq!(counts, [None, None, Some("1"), Some("2")]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_closes_its_spans() {
    let (capture, _guard) = Capture::begin();
    let slow = groq().latency(s(30), s(0));
    let (client, _) = stack(internet(slow, openai()), Tracing::new(), true);
    timeout(s(3), client.oneshot(request()))
        .await
        .expect_err("too slow");
    let story = capture.story();
    assert_eq!(
        story,
        [
            "attempt> admitted",
            "attempt> attempted",
            "operation> finished"
        ]
    );
    let spans = capture.spans();
    let ends: Vec<_> = spans
        .iter()
        .map(|span| span.fields["error.type"].as_str())
        .collect();
    assert_eq!(ends, ["cancelled", "cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn how_loud_an_end_is_depends_on_how_it_ended() {
    let (capture, _guard) = Capture::begin();
    let (client, _) = stack(internet(groq(), openai()), Tracing::new(), false);
    read(send(&client, request()).await.expect("served"))
        .await
        .expect("whole");
    drop(send(&client, request()).await.expect("served"));
    send(&client, asking("[]"))
        .await
        .map(drop)
        .expect_err("no model can be written into it");
    let mut unwanted = client.clone();
    drop(unwanted.ready().await.expect("ready").call(request()));
    let ends = ["finished", "delivered"];
    let told = capture
        .events()
        .into_iter()
        .filter(|told| ends.contains(&&*told.fields["event"]));
    let loud: Vec<_> = told.map(|told| told.level).collect();
    let well = [Level::DEBUG, Level::DEBUG];
    let dropped = [Level::DEBUG, Level::INFO];
    assert_eq!(
        loud,
        [&well[..], &dropped, &[Level::WARN, Level::INFO]].concat()
    );
}

/// A body that breaks is told by the breaker when the attempt is long over.
#[tokio::test(start_paused = true)]
async fn what_a_body_tells_is_inside_the_operation() {
    let (capture, _guard) = Capture::begin();
    let breaker = BreakerLayer::builder().failure_rate(0.5, 1);
    let client = ServiceBuilder::new()
        .layer(OperationLayer::new().observer(Tracing::new()).spans(true))
        .layer(AttemptLayer::new().observer(Tracing::new()).spans(true))
        .layer(
            breaker
                .observer(Each::new(Tracing::new()))
                .build()
                .expect("good"),
        )
        .service(groq().fault(Fault::cut(10)).build().service());
    let answer = client.oneshot(request()).await.expect("a head");
    answer.into_body().collect().await.expect_err("it breaks");
    let told = capture.events();
    let story = [
        "attempt> attempted",
        "operation> finished",
        "operation> body_failed",
        "operation> opened",
        "operation> delivered",
    ];
    assert_eq!(capture.story(), story);
    let told = &told[1..];
    assert_eq!(told[3].fields["end"], "broken");
    assert_eq!(
        (told[3].level, &*told[3].target),
        (Level::WARN, "tollgate::call")
    );
}

#[tokio::test(start_paused = true)]
async fn without_spans_the_events_are_there_all_the_same() {
    let (capture, _guard) = Capture::begin();
    let (client, _) = stack(internet(groq(), openai()), Tracing::new(), false);
    read(send(&client, request()).await.expect("served"))
        .await
        .expect("whole");
    assert!(capture.spans().is_empty());
    assert!(capture.story().contains(&"nothing> finished".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn spans_alone_need_no_observer() {
    let (capture, _guard) = Capture::begin();
    let (client, _) = stack(internet(groq(), openai()), (), true);
    read(send(&client, request()).await.expect("served"))
        .await
        .expect("whole");
    assert!(capture.events().is_empty());
    assert_eq!(capture.spans().len(), 2);
}
