//! The limits of a key.

use std::time::Duration;

use tollgate_core::{LimitKind, Window};

use crate::{ConfigError, Limit, layer::config::DAY};

/// All limits of one key. None is required.
///
/// Limits per second, minute and day are plain; [`limit`](Self::limit) takes exact ones. See
/// [`Builder`](crate::Builder) for the difference.
///
/// # Examples
///
/// ```
/// use tollgate_limit::{LimitLayer, Limits};
/// use tollgate_core::Target;
///
/// let small = Limits::new().requests_per_minute(10).tokens_per_minute(20_000).concurrency(2);
/// let layer = LimitLayer::builder()
///     .requests_per_minute(600)
///     .limits_for(Target::new("api.openai.com", "o1"), small)
///     .build()?;
/// # let _ = layer;
/// # Ok::<_, tollgate_limit::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "limits do nothing until a layer keeps them"]
pub struct Limits {
    pub(crate) limits: Vec<Limit>,
    pub(crate) concurrency: Option<u32>,
    pub(crate) spacing: Duration,
}

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident: $kind:ident, $window:ident;)*) => { $(
        $(#[$doc])*
        pub fn $name(self, amount: u64) -> Self {
            self.limit(Limit::new(LimitKind::$kind, amount, Window::$window.length()))
        }
    )* };
}

impl Limits {
    /// No limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds any limit; at most one of each kind and period.
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit);
        self
    }

    limits! {
        /// The provider allows so many calls a second, above zero; a plain limit.
        requests_per_second: Requests, Second;
        /// The provider allows so many calls a minute, above zero; a plain limit.
        requests_per_minute: Requests, Minute;
        /// The provider allows so many calls a day, above zero; a plain limit.
        requests_per_day: Requests, Day;
        /// The provider allows so many tokens a minute, of prompts and answers together, above zero; a
        /// plain limit.
        tokens_per_minute: Tokens, Minute;
        /// The provider allows so many tokens a day, of prompts and answers together, above zero; a
        /// plain limit.
        tokens_per_day: Tokens, Day;
        /// The provider allows so many tokens of prompts a minute, above zero; a plain limit.
        input_tokens_per_minute: InputTokens, Minute;
        /// The provider allows so many tokens of answers a minute, above zero; a plain limit.
        output_tokens_per_minute: OutputTokens, Minute;
    }

    /// At most so many calls in flight, from sending to the last byte of the answer; above zero. Never
    /// exceeded.
    pub fn concurrency(mut self, most: u32) -> Self {
        self.concurrency = Some(most);
        self
    }

    /// At least so much time between the starts of two calls; at most a day. Never less.
    pub fn spacing(mut self, least: Duration) -> Self {
        self.spacing = least;
        self
    }

    /// Only this part of every limit over time, above 0 and up to 1. Concurrency and spacing stay.
    pub(crate) fn share(mut self, part: Option<f64>) -> Self {
        if let Some(part) = part {
            let limits = self.limits.into_iter();
            self.limits = limits.map(|limit| limit.share(part)).collect();
        }
        self
    }

    /// # Errors
    ///
    /// When a limit makes no sense, or two contradict each other.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        for (nth, limit) in self.limits.iter().enumerate() {
            let field = name(limit);
            if limit.amount() == 0 {
                return Err(ConfigError::new(field, "must be above zero"));
            }
            limit
                .check()
                .map_err(|error| ConfigError::of_limit(field, error))?;
            let same =
                |other: &Limit| other.kind() == limit.kind() && other.period() == limit.period();
            if self.limits[..nth].iter().any(same) {
                return Err(ConfigError::new(field, "is stated twice"));
            }
        }
        if self.concurrency == Some(0) {
            return Err(ConfigError::new("concurrency", "must be above zero"));
        }
        if self.spacing > DAY {
            return Err(ConfigError::new("spacing", "must be at most a day"));
        }
        Ok(())
    }
}

/// The setting that states such a limit.
fn name(limit: &Limit) -> &'static str {
    match (limit.kind(), limit.window()) {
        (LimitKind::Requests, Some(Window::Second)) => "requests_per_second",
        (LimitKind::Requests, Some(Window::Minute)) => "requests_per_minute",
        (LimitKind::Requests, Some(Window::Day)) => "requests_per_day",
        (LimitKind::Tokens, Some(Window::Minute)) => "tokens_per_minute",
        (LimitKind::Tokens, Some(Window::Day)) => "tokens_per_day",
        (LimitKind::InputTokens, Some(Window::Minute)) => "input_tokens_per_minute",
        (LimitKind::OutputTokens, Some(Window::Minute)) => "output_tokens_per_minute",
        _ => "limit",
    }
}
