//! Reads the rows.

use std::{sync::LazyLock, time::SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};
use tollgate_classify::{Answer, Builtin, Classifier};
use tollgate_core::{Classification, WallClock};

const DATA: &str = include_str!("../data/answers.jsonl");

/// One answer and what it means.
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) provider: Option<String>,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    clock: Stopped,
    pub(crate) expect: Map<String, Value>,
}

/// A clock that shows when the answer was received.
#[derive(Debug, Clone, Copy)]
struct Stopped(SystemTime);

impl WallClock for Stopped {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// All rows.
pub(crate) fn all() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| DATA.lines().map(Row::read).collect());
    &ROWS
}

impl Row {
    fn read(line: &str) -> Self {
        let row: Value = serde_json::from_str(line).expect("a row is JSON");
        let text = |key: &str| row[key].as_str().map(str::to_owned);
        let headers = row["headers"].as_object().expect("headers");
        let header = |(name, value): (&String, &Value)| {
            let name = HeaderName::try_from(name).expect("a name");
            (
                name,
                HeaderValue::try_from(value.as_str().expect("a text")).expect("a value"),
            )
        };
        let received = text("received_at").unwrap_or_else(|| "2026-10-02T12:00:00Z".to_owned());
        let received: jiff::Timestamp = received.parse().expect("a time");
        Self {
            id: text("id").expect("an id"),
            provider: text("provider"),
            status: u16::try_from(row["status"].as_u64().expect("a status")).expect("small"),
            headers: headers.iter().map(header).collect(),
            body: text("body").expect("a body"),
            clock: Stopped(received.into()),
            expect: row["expect"].as_object().expect("what to expect").clone(),
        }
    }

    /// What the built-in classifier says about it.
    pub(crate) fn classify(&self, origin: Option<&str>) -> Classification {
        self.with_body(self.body.as_bytes(), origin)
    }

    /// What it says about the same head with another body.
    pub(crate) fn with_body(&self, body: &[u8], origin: Option<&str>) -> Classification {
        let status = StatusCode::from_u16(self.status).expect("a status");
        let answer = Answer::new(status, &self.headers)
            .with_origin(origin)
            .with_clock(&self.clock)
            .with_body(body);
        Builtin.classify(&answer).expect("it always has an opinion")
    }
}
