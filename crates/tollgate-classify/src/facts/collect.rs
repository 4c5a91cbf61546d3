//! Walks an error and sorts its fields into the [`Facts`].

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};
use tollgate_core::retry_after;

use super::{Facts, Mark, embedded, envelope};
use crate::text::{moment, prefix, span, tidy};

const DEPTH: u8 = 8;

/// Fields that hold a wait, and whether a bare number in them is milliseconds.
const SPANS: [(&str, bool); 17] = [
    ("retryDelay", false),
    ("quotaResetDelay", false),
    ("retry_after", false),
    ("retry-after", false),
    ("retryAfter", false),
    ("retry_after_seconds", false),
    ("retryAfterSeconds", false),
    ("resets_in_seconds", false),
    ("reset_in_seconds", false),
    ("reset_seconds", false),
    ("reset_after", false),
    ("resets_in", false),
    ("wait_seconds", false),
    ("estimated_time", false),
    ("retry_after_ms", true),
    ("retryAfterMs", true),
    ("retry-after-ms", true),
];

/// Fields that hold a moment.
const MOMENTS: [&str; 9] = [
    "reset",
    "quotaResetTimeStamp",
    "resets_at",
    "reset_at",
    "resetsAt",
    "resetAt",
    "reset_time",
    "resetTime",
    "retry_at",
];

impl Facts<'_> {
    pub(super) fn collect(&mut self, root: &Value) {
        self.value(root, "", 0);
    }

    pub(super) fn mark(&mut self, place: &'static str, field: &'static str, value: &str) {
        // "com.amazonaws.bedrock#ThrottlingException", "ThrottlingException:http://internal/".
        let value = match value.split_once('#') {
            Some((before, _)) if before.ends_with("http-problem-types") => {
                "http-problem-types#quota-exceeded"
            }
            Some((_, name)) => name,
            None => value,
        };
        let value = value.split(':').next().unwrap_or(value).trim();
        let skip = value.is_empty() || value.len() > 64 || value == "error" || value == "None";
        if !skip && self.marks.len() < 32 {
            let value = value.to_owned();
            self.marks.push(Mark {
                place,
                field,
                value,
            });
        }
    }

    /// Takes a message in, and the JSON in it.
    pub(super) fn message(&mut self, text: &str) {
        self.message_at(text, 0);
    }

    fn message_at(&mut self, text: &str, depth: u8) {
        let text = text.trim();
        if text.is_empty() || depth > DEPTH {
            return;
        }
        let text = self.behind_prefix(after_tag(text));
        let text = after_tag(text);
        // A definite status may quote what the user wrote.
        let (values, prose) = embedded::take(text, self.is_definite());
        for value in &values {
            self.value(value, "message.", depth + 1);
        }
        if prose.trim().is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let start = self.text.len();
        self.starts.push(start);
        tidy(&prose, &mut self.text);
        let tags = prefix::tags(&self.text[start..]);
        if tags > 0 {
            self.starts.push(start + tags);
        }
    }

    /// Takes down what a gateway's prefix names, and cuts it off: what stands behind it decides.
    fn behind_prefix<'t>(&mut self, text: &'t str) -> &'t str {
        let prefix = prefix::of(text);
        let named = prefix.exception.and_then(prefix::status_of);
        self.wrapped = prefix.status.or(named).or(self.wrapped);
        // Exceptions that say more than any status.
        match prefix.exception {
            Some("BudgetExceededError") => self.mark("message.", "exception", "budget_exceeded"),
            Some("ContextWindowExceededError") => {
                self.mark("message.", "exception", "context_window_exceeded");
            }
            Some("ContentPolicyViolationError") => {
                self.mark("message.", "exception", "content_policy_violation");
            }
            Some(name) if name.ends_with("Exception") => {
                self.mark("message.", "exception", name);
            }
            _ => {}
        }
        &text[prefix.len..]
    }

    fn value(&mut self, value: &Value, place: &'static str, depth: u8) {
        match value {
            Value::Object(map) if depth <= DEPTH => self.object(map, place, depth),
            Value::Array(items) if depth <= DEPTH => {
                for item in items.iter().take(8) {
                    self.value(item, place, depth + 1);
                }
            }
            Value::String(text) => self.message_at(text, depth + 1),
            _ => {}
        }
    }

    fn object(&mut self, map: &Map<String, Value>, place: &'static str, depth: u8) {
        for (key, value) in map {
            // Seen with a space in front of "@type".
            let key = key.trim();
            match key {
                "error" | "Error" => self.value(value, "error.", depth + 1),
                "errors" | "response" | "Response" | "fault" | "cause" | "last_error" => {
                    self.value(value, "error.", depth + 1);
                }
                "message" | "Message" | "msg" | "error_description" | "error_message"
                | "errorMessage" | "error_msg" | "status_msg" | "faultstring" | "title" | "raw" => {
                    self.value(value, place, depth + 1);
                }
                // In Google's details this is a stack trace, in FastAPI's a list that quotes the call.
                "detail" if place != "details." && !value.is_array() => {
                    self.value(value, place, depth + 1);
                }
                "details" if !value.is_string() => self.value(value, "details.", depth + 1),
                "metadata" => self.value(value, "metadata.", depth + 1),
                "base_resp" | "baseResp" => self.value(value, "base_resp.", depth + 1),
                "rate_limit" | "rateLimit" => self.value(value, "rate_limit.", depth + 1),
                "limit_type" | "limitType" | "rate_limit_type" | "limit_name" => {
                    self.limits.extend(value.as_str().map(str::to_owned));
                }
                "headers" => self.headers(value),
                "violations" => self.violations(value),
                "reasons" | "flagged_input" => self.flagged = true,
                "model" => self.set_model(value),
                "quota_limit" | "quota_metric" => {
                    self.limits.extend(value.as_str().map(str::to_owned));
                }
                "quota_limit_value" => self.limit_is_zero |= value.as_str() == Some("0"),
                _ if envelope::is_exception(key, value) => {
                    self.mark(place, "exception", key);
                    self.value(value, "exception.", depth + 1);
                }
                _ => {
                    if let Some(field) = code_field(key) {
                        self.code(place, field, value);
                    } else {
                        self.wait_field(key, value);
                    }
                }
            }
        }
    }

    fn code(&mut self, place: &'static str, field: &'static str, value: &Value) {
        let number = value.as_u64();
        let number = number.or_else(|| value.as_str()?.parse().ok());
        let status = number.and_then(|number| u16::try_from(number).ok());
        if let Some(status) = status.filter(|status| (400..600).contains(status)) {
            // The outermost one counts: an upstream's may be about something else.
            self.told_status = self.told_status.or(Some(status));
        } else if let Some(number) = number {
            self.mark(place, field, &number.to_string());
        } else if let Some(text) = value.as_str() {
            self.mark(place, field, text);
        }
    }

    fn wait_field(&mut self, key: &str, value: &Value) {
        let now = || self.answer.now();
        if let Some((_, ms)) = SPANS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key))
        {
            let span = span_of(value, *ms);
            self.span = self.span.max(span);
        } else if MOMENTS.iter().any(|name| name.eq_ignore_ascii_case(key)) {
            let moment = match value {
                Value::String(text) => moment::reset(text, now),
                Value::Number(number) => moment::reset(&number.to_string(), now),
                _ => None,
            };
            self.moment = self.moment.max(moment);
        }
    }

    fn headers(&mut self, value: &Value) {
        let Value::Object(map) = value else { return };
        for (name, value) in map.iter().take(32) {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => continue,
            };
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(text))
            {
                self.upstream.append(name, value);
            }
        }
    }

    /// Google's `QuotaFailure`. The value is absent where it is zero.
    fn violations(&mut self, value: &Value) {
        for violation in value.as_array().into_iter().flatten().take(8) {
            let text = |key: &str| violation.get(key).and_then(Value::as_str);
            self.limits
                .extend(text("quotaId").or(text("quotaMetric")).map(str::to_owned));
            self.limit_is_zero |= text("quotaValue") == Some("0")
                || (violation.get("quotaValue").is_none() && text("quotaId").is_some());
            if let Some(model) = violation.pointer("/quotaDimensions/model") {
                self.set_model(model);
            }
        }
    }

    fn set_model(&mut self, value: &Value) {
        let name = value.as_str().filter(|name| {
            let sound = |c: char| c.is_ascii_graphic();
            !name.is_empty() && name.len() <= 128 && name.chars().all(sound)
        });
        if self.model.is_none() {
            self.model = name.map(Box::from);
        }
    }
}

/// What follows a tag in front of a message: "[429] ...", `{"attempt":1} ...`. A number alone is no
/// upstream's status: it may as well be the line of a log.
fn after_tag(text: &str) -> &str {
    let number = text.strip_prefix('[').and_then(|inside| {
        let (number, rest) = inside.split_at_checked(3)?;
        let rest = rest.strip_prefix(']')?.trim_start_matches([':', ' ']);
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        (digits && !rest.is_empty()).then_some(rest)
    });
    number.unwrap_or_else(|| embedded::after_tag(text))
}

/// Fields that name what happened.
fn code_field(key: &str) -> Option<&'static str> {
    const FIELDS: [&str; 14] = [
        "code",
        "type",
        "status",
        "reason",
        "error_type",
        "error_code",
        "errorCode",
        "errorcode",
        "errorType",
        "__type",
        "limit_source",
        "status_code",
        "statusCode",
        "name",
    ];
    FIELDS
        .iter()
        .find(|field| field.eq_ignore_ascii_case(key))
        .copied()
}

/// A wait: `"36s"`, `12`, `{"seconds":"3","nanos":500000000}`.
fn span_of(value: &Value, ms: bool) -> Option<Duration> {
    let text = match value {
        Value::String(text) => {
            if let Some(span) = span::whole(text) {
                return Some(span);
            }
            text.clone()
        }
        Value::Number(number) => number.to_string(),
        Value::Object(map) => {
            let part = |key: &str| match map.get(key) {
                Some(Value::String(text)) => text.parse().ok(),
                Some(Value::Number(number)) => number.as_u64(),
                None => Some(0),
                _ => None,
            };
            let nanos: u64 = part("nanos")?;
            let ms = part("seconds")?.checked_mul(1_000)?;
            return Some(Duration::from_millis(
                ms.checked_add(nanos.div_ceil(1_000_000))?,
            ));
        }
        _ => return None,
    };
    if ms {
        retry_after::millis(&text)
    } else {
        retry_after::seconds(&text)
    }
}
