//! What the sections `timeouts` and `classify` say.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    check::{Path, Problems},
    units::{maybe_time, size, time},
};
use crate::{
    classify::{ClassifyBuilder, ClassifyLayer},
    route::timeout::TimeoutBuilder,
};

/// The time limits of an attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Timeouts {
    /// To the head of an answer; 10 min unless set. `None` is `"off"`.
    #[serde(with = "maybe_time")]
    pub attempt: Option<Duration>,
    /// To the first event of a stream; `None` (`"off"`) unless set.
    #[serde(with = "maybe_time")]
    pub first_event: Option<Duration>,
    /// With this, the first event may take three times as long as 99 of 100 took lately, but no less
    /// than this and no more than `first_event`; `None` (`"off"`) unless set.
    #[serde(with = "maybe_time")]
    pub first_event_floor: Option<Duration>,
    /// Between two pieces of a body, or two events of a stream; 5 min unless set. `None` is `"off"`.
    #[serde(with = "maybe_time")]
    pub idle: Option<Duration>,
    /// Whether comments of a stream end a pause; `false` unless set.
    pub comments_count: bool,
}

/// How much of an answer is read to learn what it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Classify {
    /// So much of an error, above zero; 16 KiB unless set.
    #[serde(with = "size")]
    pub max_peek: usize,
    /// For so long, above zero; 2 s unless set.
    #[serde(with = "time")]
    pub peek_time: Duration,
    /// So much of a stream to find its first event, above zero; 64 KiB unless set.
    #[serde(with = "size")]
    pub max_first_event: usize,
    /// For so long a stream is held back for its first event; 10 s unless set. `None` (`"off"`) holds
    /// none back.
    #[serde(with = "maybe_time")]
    pub hold: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            attempt: Some(Duration::from_secs(600)),
            first_event: None,
            first_event_floor: None,
            idle: Some(Duration::from_secs(300)),
            comments_count: false,
        }
    }
}

impl Default for Classify {
    fn default() -> Self {
        Self {
            max_peek: 16 << 10,
            peek_time: Duration::from_secs(2),
            max_first_event: 64 << 10,
            hold: Some(Duration::from_secs(10)),
        }
    }
}

impl Timeouts {
    /// The settings of the layer.
    pub(super) fn build(&self, path: &Path, problems: &mut Problems) -> TimeoutBuilder {
        let mut builder = TimeoutBuilder::default();
        if let Some(time) = self.attempt {
            builder = builder.attempt(time);
        }
        match (self.first_event, self.first_event_floor) {
            (None, None) => {}
            (None, Some(_)) => {
                let place = path.key("first_event_floor");
                problems.add(place, "is of no use while first_event is off");
            }
            (Some(time), None) => builder = builder.first_event(time),
            (Some(time), Some(floor)) => builder = builder.first_event_between(floor, time),
        }
        if let Some(time) = self.idle {
            builder = builder.idle(time);
        }
        builder = builder.comments_count(self.comments_count);
        if let Err(error) = builder.clone().build() {
            let (field, words) = match error.culprit() {
                "first_event_between" => ("first_event_floor", "must not be above first_event"),
                "first_event" if self.first_event_floor.is_some() => {
                    ("first_event_floor", "must be above zero")
                }
                other => (other, "must be above zero"),
            };
            problems.add(path.key(field), words);
        }
        builder
    }
}

impl Classify {
    /// The settings of the layer.
    pub(super) fn build(&self, path: &Path, problems: &mut Problems) -> ClassifyBuilder {
        let builder = ClassifyLayer::builder()
            .max_peek(self.max_peek)
            .peek_time(self.peek_time)
            .max_first_event(self.max_first_event)
            .hold(self.hold);
        if let Err(error) = builder.clone().build() {
            problems.add(path.key(error.field()), "must be above zero");
        }
        builder
    }
}
