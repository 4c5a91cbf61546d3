//! The tables of fields are complete, and nothing in them is made up.

use std::collections::{BTreeMap, BTreeSet};

use http::Response;
use tollgate::{
    Tracing,
    core::{BoxError, Reason, Rejected},
    event::Each,
    retry::RetryLayer,
};
use tower::{Layer, ServiceExt, service_fn};
use tracing::Level;

use crate::{
    capture::Capture,
    stories,
    support::{Body, request},
};

/// The names in the first column, with all that the other columns say.
fn table(text: &'static str) -> BTreeMap<&'static str, &'static str> {
    let rows = text.lines().skip(2);
    let row = |line: &'static str| line.strip_prefix("| `")?.split_once("` |");
    rows.map(|line| row(line).unwrap_or_else(|| panic!("no row: {line}")))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_field_is_in_the_table_and_every_row_is_told() {
    let (capture, _guard) = Capture::begin();
    stories::all(&Tracing::new(), &|_| {}).await;

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
    stories::all(&Tracing::new(), &|_| {}).await;
    let levels = include_str!("../../src/trace.rs");
    let row = |level: &str| {
        let start = format!("//! | {level} | ");
        let row = levels.lines().find_map(|line| line.strip_prefix(&start));
        row.expect("a row for each level")
    };
    let rows = [
        (Level::ERROR, row("error")),
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

#[tokio::test(start_paused = true)]
async fn a_refusal_that_retry_hands_up_was_told_by_who_refused() {
    let (capture, _guard) = Capture::begin();
    let retry = RetryLayer::builder().observer(Each::new(Tracing::new()));
    let client = retry.build().expect("good").layer(service_fn(|_| async {
        let refused = Rejected::new(Reason::CircuitOpen);
        Err::<Response<Body>, BoxError>(refused.into())
    }));
    client.oneshot(request()).await.expect_err("it is refused");
    let told = &capture.events()[0];
    assert_eq!(
        (&*told.fields["event"], told.level),
        ("gave_up", Level::DEBUG)
    );
}
