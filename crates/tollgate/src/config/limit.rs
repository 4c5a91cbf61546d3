//! What the section `limit` says, and the limits of single targets.

use std::{collections::BTreeMap, error::Error, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    check::{Path, Problems},
    units::{maybe_time, time},
};
use crate::{
    core::{LimitKind, Target},
    limit::{self as layer, LimitLayer},
};

/// How much may go at a time, and how long the rest waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limit {
    /// The limits of every target that has none of its own.
    pub each: Limits,
    /// The limits of single hosts, for a stack without routes.
    pub hosts: BTreeMap<String, Limits>,
    /// Takes only this part of every limit that is set here, above 0 and at most 1; 1 unless set.
    pub share: f64,
    /// Keeps to the limits that are set here and to nothing else: answers teach nothing and rejections
    /// hold no call; off unless set.
    pub configured_only: bool,
    /// The longest time a call may wait in the queue, above zero and at most 24 h; `None` (`"off"`)
    /// unless set: a call waits until its deadline.
    #[serde(with = "maybe_time")]
    pub max_wait: Option<Duration>,
    /// How many calls may wait for one target, 1 to 1,000,000; 10,000 unless set.
    pub queue: usize,
    /// Rejects calls at once instead of letting them wait; off unless set. `queue` has no effect then.
    pub shed: bool,
    /// Whose calls are counted together; by model unless set.
    pub by: By,
    /// How many targets are kept, 1 to 1,000,000; 10,000 unless set.
    pub keys: usize,
    /// After this time without use a target may be forgotten, above zero and at most 24 h; 10 min
    /// unless set.
    #[serde(with = "time")]
    pub idle: Duration,
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum By {
    /// Those of one model of a provider and account.
    #[default]
    Model,
    /// Those of a provider and account, whatever the model.
    Host,
}

/// The limits of one target; none is required. Except `windows` with a shape, `concurrency` and
/// `spacing` they are plain: what you know about the provider, whose headers may report more.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// At most so many calls a second, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u64>,
    /// At most so many calls a minute, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
    /// At most so many calls a day, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_day: Option<u64>,
    /// At most so many tokens a minute, prompts and answers together, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_minute: Option<u64>,
    /// At most so many tokens a day, prompts and answers together, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens_per_day: Option<u64>,
    /// At most so many tokens of prompts a minute, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens_per_minute: Option<u64>,
    /// At most so many tokens of answers a minute, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens_per_minute: Option<u64>,
    /// At most so many calls at the same time, above zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// At least so much time between the starts of two calls, at most 24 h; none unless set.
    #[serde(with = "time")]
    pub spacing: Duration,
    /// Limits over other times, or exact ones, with a shape.
    pub windows: Vec<Window>,
}

/// A limit over any time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Window {
    /// What is counted: `requests`, `tokens`, `input_tokens`, `output_tokens` or `images`.
    pub of: LimitKind,
    /// How much of it, above zero.
    pub amount: u64,
    /// In which time, above zero and at most 400 days.
    #[serde(with = "time")]
    pub per: Duration,
    /// How it comes back. A limit with a shape is exact; plain unless set.
    #[serde(default)]
    pub counts: Counts,
    /// How much a bucket holds; for `counts = "bucket"`, which needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// Whose midnight begins a day; for `counts = "day"`, which needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// How what was taken out of a limit comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Counts {
    /// No shape: a plain limit.
    #[default]
    Learned,
    /// Evenly, up to `burst`.
    Bucket,
    /// All at once, at the end of each window.
    Fixed,
    /// Each unit one period after it was taken.
    Sliding,
    /// All at once, at midnight in `zone`.
    Day,
}

impl Default for Limit {
    fn default() -> Self {
        Self {
            each: Limits::default(),
            hosts: BTreeMap::new(),
            share: 1.0,
            configured_only: false,
            max_wait: None,
            queue: QUEUE,
            shed: false,
            by: By::Model,
            keys: 10_000,
            idle: Duration::from_secs(600),
        }
    }
}

const QUEUE: usize = 10_000;

/// Limits of its own for a target, and where they are written.
pub(super) struct Special<'a> {
    pub(super) target: Target,
    pub(super) limits: &'a Limits,
    pub(super) path: Path,
}

impl Limit {
    /// The settings of the layer, with the limits of single targets.
    pub(super) fn build(
        &self,
        specials: &[Special<'_>],
        path: &Path,
        problems: &mut Problems,
    ) -> layer::Builder {
        let mut builder = LimitLayer::builder().keys(self.keys).idle(self.idle);
        if let Some(wait) = self.max_wait {
            builder = builder.max_wait(wait);
        }
        if self.queue != QUEUE {
            builder = builder.queue(self.queue);
        }
        if self.shed {
            builder = builder.shed();
        }
        if self.configured_only {
            builder = builder.configured_only();
        }
        builder = match self.by {
            By::Model => builder.per_model(),
            By::Host => builder.per_host(),
        };
        if let Err(error) = builder.clone().build() {
            problems.layer(path, error.field(), &error);
        }
        let share = |builder: layer::Builder| match self.share {
            whole if whole.total_cmp(&1.0).is_eq() => builder,
            part => builder.share(part),
        };
        // By itself: it needs a limit to take a part of.
        if let Err(error) = share(LimitLayer::builder().requests_per_minute(1_000_000)).build() {
            problems.layer(path, "share", &error);
        }
        builder = builder.limits(self.each.build(&path.key("each"), problems));
        for special in specials {
            let limits = special.limits.build(&special.path, problems);
            builder = builder.limits_for(special.target.clone(), limits);
        }
        let mut all = specials.iter().map(|special| special.limits);
        match self.each.has_rates() || all.any(Limits::has_rates) {
            true => share(builder),
            // A part of what is learned cannot be known.
            false if self.share < 1.0 => {
                problems.add(path.key("share"), "needs a limit to take a part of");
                builder
            }
            false => builder,
        }
    }
}

impl Limits {
    fn has_rates(&self) -> bool {
        let rates = [
            self.requests_per_second,
            self.requests_per_minute,
            self.requests_per_day,
            self.tokens_per_minute,
            self.tokens_per_day,
            self.input_tokens_per_minute,
            self.output_tokens_per_minute,
        ];
        !self.windows.is_empty() || rates.iter().any(Option::is_some)
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The limits of one target.
    fn build(&self, path: &Path, problems: &mut Problems) -> layer::Limits {
        let mut limits = layer::Limits::new();
        macro_rules! set {
            ($($name:ident),*) => { $(
                if let Some(amount) = self.$name {
                    limits = limits.$name(amount);
                }
            )* };
        }
        set!(
            requests_per_second,
            requests_per_minute,
            requests_per_day,
            tokens_per_minute,
            tokens_per_day,
            input_tokens_per_minute,
            output_tokens_per_minute,
            concurrency
        );
        for (nth, window) in self.windows.iter().enumerate() {
            let place = path.key("windows").at(nth);
            match window.build() {
                Ok(limit) => {
                    let alone = layer::Limits::new().limit(limit.clone());
                    if let Err(error) = checked(alone) {
                        problems.add(place, said(&error));
                    }
                    limits = limits.limit(limit);
                }
                Err((key, words)) => problems.add(place.key(key), words),
            }
        }
        limits = limits.spacing(self.spacing);
        if let Err(error) = checked(limits.clone()) {
            match error.field() {
                // Told above, or the same as another one.
                "limit" => {
                    let alone = |window: &Window| {
                        let limit = window.build().ok()?;
                        checked(layer::Limits::new().limit(limit)).ok()
                    };
                    if self.windows.iter().all(|window| alone(window).is_some()) {
                        problems.add(path.key("windows"), said(&error));
                    }
                }
                field => problems.layer(path, field, &error),
            }
        }
        limits
    }
}

fn checked(limits: layer::Limits) -> Result<(), layer::ConfigError> {
    let target = Target::provider_only("any");
    let builder = LimitLayer::builder().limits_for(target, limits);
    builder.build().map(drop)
}

/// With the reason, which a limit keeps as its source.
fn said(error: &layer::ConfigError) -> String {
    match error.source() {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

impl Window {
    fn build(&self) -> Result<layer::Limit, (&'static str, String)> {
        let limit = layer::Limit::new(self.of, self.amount, self.per);
        let none = |key, given: bool| match given {
            true => Err((
                key,
                format!("says nothing for counts = \"{}\"", self.name()),
            )),
            false => Ok(()),
        };
        if self.counts != Counts::Bucket {
            none("burst", self.burst.is_some())?;
        }
        if self.counts != Counts::Day {
            none("zone", self.zone.is_some())?;
        }
        let needs = |what: &str| format!("counts = \"{}\" needs {what}", self.name());
        match self.counts {
            Counts::Learned => Ok(limit),
            Counts::Fixed => Ok(limit.fixed()),
            Counts::Sliding => Ok(limit.sliding()),
            Counts::Bucket => match self.burst {
                None => Err(("counts", needs("a burst"))),
                Some(0) => Err(("burst", "must be above zero".to_owned())),
                Some(burst) => Ok(limit.bucket(burst)),
            },
            Counts::Day => {
                let zone = self.zone.as_deref();
                let zone = zone.ok_or_else(|| ("counts", needs("a zone")))?;
                Self::day(limit, zone)
            }
        }
    }

    #[cfg(feature = "calendar")]
    fn day(limit: layer::Limit, zone: &str) -> Result<layer::Limit, (&'static str, String)> {
        let day = limit.day_in(zone);
        day.map_err(|error| ("zone", format!("{zone:?}: {error}")))
    }

    #[cfg(not(feature = "calendar"))]
    fn day(_: layer::Limit, _: &str) -> Result<layer::Limit, (&'static str, String)> {
        let needs = "counts = \"day\" needs the feature `calendar` of the crate tollgate";
        Err(("counts", needs.to_owned()))
    }

    const fn name(&self) -> &'static str {
        match self.counts {
            Counts::Learned => "learned",
            Counts::Bucket => "bucket",
            Counts::Fixed => "fixed",
            Counts::Sliding => "sliding",
            Counts::Day => "day",
        }
    }
}
