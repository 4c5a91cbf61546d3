//! One view of an answer, read once, that every dialect looks at.

mod collect;
mod embedded;
mod envelope;
mod form;
mod lenient;

use std::{cell::OnceCell, time::Duration};

use http::HeaderMap;
use serde_json::Value;

use crate::{
    Answer,
    text::{
        self, prefix, same, waits,
        words::{self, Named},
    },
};
use form::Form;

/// A structured field that names what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Where the field lies: `error.`, `error.metadata.`, or nothing at the root.
    place: &'static str,
    pub(crate) field: &'static str,
    pub(crate) value: String,
}

impl Mark {
    pub(crate) fn path(&self) -> String {
        format!("{}{}", self.place, self.field)
    }
}

/// What an answer holds, sorted.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) answer: &'a Answer<'a>,
    /// The body, where it is JSON or an event with JSON in it.
    pub(crate) root: Value,
    /// Codes, types, statuses and reasons, the outermost first.
    pub(crate) marks: Vec<Mark>,
    /// Every message, each on one line.
    pub(crate) text: String,
    /// `text` in lower case, byte for byte.
    pub(crate) lower: String,
    /// Where the messages start in `text`.
    starts: Vec<usize>,
    /// The status the body states, where it is an error.
    pub(crate) told_status: Option<u16>,
    /// The status that a prefix of a message names.
    wrapped: Option<u16>,
    /// The longest wait in a structured field.
    pub(crate) span: Option<Duration>,
    /// The latest moment in a structured field, as a wait.
    pub(crate) moment: Option<Duration>,
    /// Names of limits in structured fields (Google's quota ids).
    pub(crate) limits: Vec<String>,
    /// A structured field says that the limit itself is zero.
    pub(crate) limit_is_zero: bool,
    /// Content was refused, says a structured field.
    pub(crate) flagged: bool,
    pub(crate) model: Option<Box<str>>,
    /// Headers of an upstream that the body repeats.
    pub(crate) upstream: HeaderMap,
    /// The body says that this is an error, whatever the status.
    pub(crate) says_error: bool,
    /// The limit that was named, once somebody asked.
    named: OnceCell<Named>,
    /// The wait that the text states, once somebody asked.
    wait: OnceCell<Option<Duration>>,
}

impl<'a> Facts<'a> {
    pub(crate) fn read(answer: &'a Answer<'a>) -> Self {
        let mut facts = Self {
            answer,
            root: Value::Null,
            marks: Vec::new(),
            text: String::new(),
            lower: String::new(),
            starts: Vec::new(),
            told_status: None,
            wrapped: None,
            span: None,
            moment: None,
            limits: Vec::new(),
            limit_is_zero: false,
            flagged: false,
            model: None,
            upstream: HeaderMap::new(),
            says_error: false,
            named: OnceCell::new(),
            wait: OnceCell::new(),
        };
        let success = answer.status().as_u16() < 400;
        match form::of(answer.body()) {
            Form::Empty => {}
            Form::Text(text) => facts.text(&text, success),
            Form::Json {
                event,
                status,
                value,
            } => {
                facts.told_status = status;
                let event = event.as_deref();
                let error = envelope::error_in(&value, event);
                facts.says_error = error.is_some();
                match error {
                    Some(error) if success => facts.collect(error),
                    _ if !success => facts.collect(&value),
                    _ => {}
                }
                facts.root = value;
            }
            Form::Exception { name, payload } => {
                facts.says_error = true;
                facts.mark("", ":exception-type", &name);
                facts.collect(&payload);
            }
        }
        if let Some(kind) = answer.headers().get("x-amzn-errortype") {
            let kind = kind.to_str().unwrap_or_default();
            facts.mark("header ", "x-amzn-errortype", kind);
        }
        facts.lower = text::lower(&facts.text);
        facts
    }

    /// Plain text and pages are errors only where the status says so, or where it is all there is.
    fn text(&mut self, text: &str, success: bool) {
        if success && text.len() > 64 {
            return;
        }
        let message = embedded::after_tag(text);
        let message = &message[prefix::of(message).len..];
        self.says_error = success && message.to_ascii_lowercase().starts_with("error code: 1");
        self.message(text);
    }

    /// A mark with one of these values, whatever its field.
    pub(crate) fn marked(&self, values: &[&str]) -> bool {
        let one = |mark: &Mark| values.iter().any(|value| same(value, &mark.value));
        self.marks.iter().any(one)
    }

    pub(crate) fn says(&self, phrase: &str) -> bool {
        self.lower.contains(phrase)
    }

    /// A message starts with this phrase. What a user wrote is quoted further in.
    pub(crate) fn opens_with(&self, phrase: &str) -> bool {
        let mut starts = self.starts.iter();
        starts.any(|&at| self.lower[at..].starts_with(phrase))
    }

    /// Every message, in lower case, with all that follows it.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &str> {
        self.starts.iter().map(|&at| &self.lower[at..])
    }

    /// The status that counts: the one in the body where HTTP says success, and where a gateway that
    /// failed says what its upstream answered. `None` where a success holds an error without one.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.answer.status().as_u16() {
            // A refusal of the upstream's own. That the call is wrong is left to the gateway to say.
            status @ (500 | 502) => {
                let mut inner = [self.told_status, self.wrapped].into_iter().flatten();
                inner
                    .find(|inner| matches!(inner, 401..=403 | 429 | 498 | 503 | 504 | 529))
                    .or(Some(status))
            }
            status @ 400.. => Some(status),
            _ => self.told_status.or(self.wrapped),
        }
    }

    /// A status that text may not overrule.
    pub(crate) fn is_definite(&self) -> bool {
        matches!(self.status(), Some(400 | 401 | 403 | 404 | 413 | 422))
    }

    /// The text is no more than the status in words: "429 Too Many Requests".
    pub(crate) fn is_reason_phrase(&self) -> bool {
        let text = self.lower.trim_start_matches("429").trim();
        text.trim_end_matches(['.', '!']) == "too many requests"
    }

    /// The wait that the text states.
    pub(crate) fn wait_in_text(&self) -> Option<Duration> {
        let read = || waits::wait(&self.lower, self.answer.now());
        *self.wait.get_or_init(read)
    }

    /// The limit that structured fields or the text name.
    pub(crate) fn named(&self) -> Named {
        *self.named.get_or_init(|| self.find_named())
    }

    fn find_named(&self) -> Named {
        let mut named = Named::default();
        for mark in &self.marks {
            if same(&mark.value, "tokens") || same(&mark.value, "requests") {
                named = words::named(&format!("too many {}", mark.value));
            }
        }
        let texts = self.limits.iter().map(String::as_str);
        for text in texts.chain([&*self.text]) {
            let seen = words::named(text);
            // The window goes with its limit; the text may add one, not contradict.
            if named.limit.is_none() || named.window.is_none() {
                named.window = named.window.or(seen.window);
                named.limit = named.limit.or(seen.limit);
            }
        }
        named
    }
}
