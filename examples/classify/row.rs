//! One captured answer, read from a line.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;
use serde_json::Value;

use crate::{fields, headers};

/// A captured answer.
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) id: Value,
    pub(crate) provider: Option<String>,
    pub(crate) received_at: Option<SystemTime>,
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Row {
    /// Reads a line; a blank one is none. An error names the field and what was expected there.
    pub(crate) fn read(line: &[u8], number: u64) -> Result<Option<Self>, String> {
        // Some editors begin a file with a mark.
        let mark = line.strip_prefix("\u{feff}".as_bytes());
        let line = mark.filter(|_| number == 1).unwrap_or(line);
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Ok(None);
        }
        let line = std::str::from_utf8(line)
            .map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to() + 1))?;
        let row: Value = serde_json::from_str(line).map_err(|error| not_json(&error))?;
        if !row.is_object() {
            return Err("expected a JSON object".to_owned());
        }
        let body = fields::body(&row["body"])?;
        Ok(Some(Self {
            number,
            provider: fields::provider(&row["provider"])?,
            received_at: fields::received_at(&row["received_at"])?,
            status: fields::status(&row["status"])?,
            headers: headers::read(&row["headers"], body.len())?,
            id: row["id"].clone(),
            body: body.into(),
        }))
    }

    /// The answer as a client gets it.
    pub(crate) fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(self.body.clone().into());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The complaint, with the column alone: which line it was is said by the caller.
fn not_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    format!("not JSON: {what} at column {}", error.column())
}
