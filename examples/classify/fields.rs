//! The fields of a captured answer. What is missing is null.

use std::time::SystemTime;

use http::StatusCode;
use serde_json::Value;

pub(crate) fn provider(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(name) => Ok(Some(name.trim().to_owned()).filter(|name| !name.is_empty())),
        _ => Err("provider: expected a string or null".to_owned()),
    }
}

pub(crate) fn status(value: &Value) -> Result<StatusCode, String> {
    // Tables write 429.0, and some logs "429".
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    number
        .filter(|number: &f64| number.fract() == 0.0)
        .and_then(|number| StatusCode::from_u16(number as u16).ok())
        .ok_or_else(|| "status: expected a number from 100 to 999".to_owned())
}

pub(crate) fn received_at(value: &Value) -> Result<Option<SystemTime>, String> {
    let time = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().parse::<jiff::Timestamp>().ok(),
        _ => None,
    };
    let time = time.ok_or("received_at: expected an RFC 3339 time such as 2026-10-02T12:00:00Z")?;
    Ok(Some(time.into()))
}

pub(crate) fn body(value: &Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        // Captured already parsed: back to what was sent.
        Value::Object(_) | Value::Array(_) => Ok(value.to_string()),
        _ => Err("body: expected a string, an object or a list".to_owned()),
    }
}
