//! The headers of a captured answer, in the forms in which tools write them.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::Value;

/// Reads `{"name": value}` or `[["name", value]]`, for a body of this length.
///
/// What was captured of the framing may not fit the body (decoded, cut, pretty-printed), so the
/// length is always the body's own.
pub(crate) fn read(field: &Value, body: usize) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    match field {
        Value::Null => {}
        Value::Object(entries) => {
            for (name, values) in entries {
                append(&mut headers, name, values)?;
            }
        }
        Value::Array(pairs) => {
            for pair in pairs {
                let (name, values) =
                    as_pair(pair).ok_or("headers: expected pairs [name, value]")?;
                append(&mut headers, name, values)?;
            }
        }
        _ => return Err("headers: expected an object or a list of pairs [name, value]".to_owned()),
    }
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::CONTENT_LENGTH, body.into());
    Ok(headers)
}

fn as_pair(pair: &Value) -> Option<(&str, &Value)> {
    match pair.as_array()?.as_slice() {
        [name, values] => Some((name.as_str()?, values)),
        _ => None,
    }
}

/// Adds a header with its value, or with each value of a list.
fn append(headers: &mut HeaderMap, name: &str, values: &Value) -> Result<(), String> {
    let wrong = |what: &str| {
        let name: String = name.escape_debug().take(64).collect();
        format!("headers.{name}: {what}")
    };
    let key = HeaderName::try_from(name).map_err(|_| wrong("not the name of a header"))?;
    let one = std::slice::from_ref(values);
    for value in values.as_array().map_or(one, Vec::as_slice) {
        let text = match value {
            // Not there, as some tools write it.
            Value::Null => continue,
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return Err(wrong("expected a string or a list of strings")),
        };
        let value = HeaderValue::try_from(text.into_bytes())
            .map_err(|_| wrong("expected text without line breaks and control characters"))?;
        let added = headers.try_append(key.clone(), value);
        added.map_err(|_| wrong("more headers than an answer can have"))?;
    }
    Ok(())
}
