//! A classification as a line of JSON.

use serde_json::{Value, json};
use tollgate_core::{Classification, LimitKind, Window};

use crate::row::Row;

pub(crate) fn line(row: &Row, seen: &Classification) -> String {
    let record: Value = json!({
        "id": row.id,
        "class": seen.class().as_str(),
        "limit": seen.limit().map(LimitKind::as_str),
        "window": seen.window().map(Window::as_str),
        "wait_ms": seen.wait().map(|wait| wait.as_millis() as u64),
        "retry_same": seen.retry_same(),
        "try_elsewhere": seen.try_elsewhere(),
        "model": seen.model(),
        "evidence": seen.evidence(),
    });
    record.to_string()
}
