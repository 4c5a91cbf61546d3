//! What an answer means, in detail.

use std::{borrow::Cow, fmt, time::Duration};

use http::{Response, StatusCode, response::Parts};
use serde::{Deserialize, Serialize};

use crate::{Class, Note, SystemClock, WallClock, retry_after};

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LimitKind {
    /// Calls.
    Requests,
    /// Tokens of prompt and answer together.
    Tokens,
    /// Tokens of the prompt.
    InputTokens,
    /// Tokens of the answer.
    OutputTokens,
    /// Calls at the same time.
    Concurrency,
    /// Images.
    Images,
}

impl LimitKind {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::InputTokens => "input_tokens",
            Self::OutputTokens => "output_tokens",
            Self::Concurrency => "concurrency",
            Self::Images => "images",
        }
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The span of time a limit counts over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Window {
    /// One second.
    Second,
    /// One minute.
    Minute,
    /// One hour.
    Hour,
    /// One day.
    Day,
    /// One month, of 30 days where a length is needed.
    Month,
}

impl Window {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// How long it is; a month counts as 30 days.
    #[must_use]
    pub const fn length(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Month => 30 * 86_400,
        })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far an answer reaches: what else is hit by it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Everything of this provider, whichever key is used.
    Provider,
    /// Every model behind this key or account.
    Account,
    /// This model with this key: the cautious guess.
    #[default]
    Target,
    /// Only calls that need this kind of limit, on this model with this key.
    Limit,
}

impl Scope {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Account => "account",
            Self::Target => "target",
            Self::Limit => "limit",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an answer means and what can be done about it.
///
/// Made by the classify layer (or a classifier of one's own) and read by every layer above through
/// [`Classification::of`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::{Class, Classification, LimitKind, Window};
///
/// let seen = Classification::new(Class::RateLimited)
///     .with_limit(LimitKind::Tokens)
///     .with_window(Window::Minute)
///     .with_wait(Duration::from_millis(644))
///     .with_evidence("error.code = rate_limit_exceeded");
/// assert!(seen.retry_same() && seen.try_elsewhere());
/// assert_eq!(
///     seen.to_string(),
///     "rate_limited (tokens per minute), wait 644ms [error.code = rate_limit_exceeded]"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    class: Class,
    limit: Option<LimitKind>,
    window: Option<Window>,
    scope: Scope,
    wait: Option<Duration>,
    retry_same: bool,
    try_elsewhere: bool,
    model: Option<Box<str>>,
    evidence: Cow<'static, str>,
}

impl Classification {
    /// A classification with what usually follows from its class.
    ///
    /// Throttles and transient faults may be retried; everything but `Ok` and `InvalidRequest` may
    /// be served elsewhere.
    #[must_use]
    pub const fn new(class: Class) -> Self {
        Self {
            class,
            limit: None,
            window: None,
            scope: Scope::Target,
            wait: None,
            retry_same: class.is_throttle() || class.is_transient(),
            try_elsewhere: !matches!(class, Class::Ok | Class::InvalidRequest),
            model: None,
            evidence: Cow::Borrowed(""),
        }
    }

    /// What is known about a response: the [`Note`] a classifier left on it, else
    /// [`from_status`](Self::from_status).
    #[must_use]
    pub fn of<B>(response: &Response<B>) -> Cow<'_, Self> {
        match Note::of(response).and_then(Note::classification) {
            Some(seen) => Cow::Borrowed(seen),
            None => Cow::Owned(Self::from_status(response.status(), response.headers())),
        }
    }

    /// [`of`](Self::of), for the head of a response.
    #[must_use]
    pub fn from_parts(parts: &Parts) -> Cow<'_, Self> {
        let note = parts.extensions.get::<Note>();
        match note.and_then(Note::classification) {
            Some(seen) => Cow::Borrowed(seen),
            None => Cow::Owned(Self::from_status(parts.status, &parts.headers)),
        }
    }

    /// Judges by the status code, and by `Retry-After` where the status is an error.
    ///
    /// This is what a layer falls back to when nothing below it classified the response. A date in
    /// `Retry-After` is held against the response's `Date`, else against the machine's clock.
    #[must_use]
    pub fn from_status(status: StatusCode, headers: &http::HeaderMap) -> Self {
        let class = Class::of_status(status);
        let mut seen = Self::new(class);
        if class != Class::Ok {
            seen.evidence = format!("status {}", status.as_u16()).into();
            // The clock is asked only where a header may hold a date.
            seen.wait = retry_after::wait(headers, None).or_else(|| {
                let dated = headers.contains_key(http::header::RETRY_AFTER);
                retry_after::wait(headers, dated.then(|| SystemClock::default().now()))
            });
        }
        // What is not found here is most often a model, which may be found elsewhere.
        if status == StatusCode::NOT_FOUND {
            seen.try_elsewhere = true;
        }
        // A conflict, most often a lock: the SDKs of OpenAI and Anthropic retry it.
        if status == StatusCode::CONFLICT {
            seen.retry_same = true;
        }
        seen
    }

    /// The kind of answer.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Which limit was met, where the answer names one.
    #[must_use]
    pub const fn limit(&self) -> Option<LimitKind> {
        self.limit
    }

    /// The span the limit counts over, where the answer names one.
    #[must_use]
    pub const fn window(&self) -> Option<Window> {
        self.window
    }

    /// What else is hit.
    #[must_use]
    pub const fn scope(&self) -> Scope {
        self.scope
    }

    /// How long the provider asks to wait: as told, uncapped. Zero means "at once"; `None` means
    /// that nothing usable was said.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        self.wait
    }

    /// The unchanged call can succeed here after the wait, without a human.
    #[must_use]
    pub const fn retry_same(&self) -> bool {
        self.retry_same
    }

    /// Another model, provider or key may serve the call.
    #[must_use]
    pub const fn try_elsewhere(&self) -> bool {
        self.try_elsewhere
    }

    /// The model the answer names.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The header or body field that decided, for logs and for people who ask why. Empty when
    /// nobody said.
    #[must_use]
    pub fn evidence(&self) -> &str {
        &self.evidence
    }

    /// Names the limit that was met.
    #[must_use]
    pub fn with_limit(mut self, limit: impl Into<Option<LimitKind>>) -> Self {
        self.limit = limit.into();
        self
    }

    /// Names the span the limit counts over.
    #[must_use]
    pub fn with_window(mut self, window: impl Into<Option<Window>>) -> Self {
        self.window = window.into();
        self
    }

    /// Says what else is hit.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// States the wait, as told by the provider.
    #[must_use]
    pub fn with_wait(mut self, wait: impl Into<Option<Duration>>) -> Self {
        self.wait = wait.into();
        self
    }

    /// Overrides whether the unchanged call can succeed here later.
    #[must_use]
    pub fn with_retry_same(mut self, yes: bool) -> Self {
        self.retry_same = yes;
        self
    }

    /// Overrides whether another target may serve the call.
    #[must_use]
    pub fn with_try_elsewhere(mut self, yes: bool) -> Self {
        self.try_elsewhere = yes;
        self
    }

    /// Names the model the answer speaks of.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<Option<Box<str>>>) -> Self {
        self.model = model.into();
        self
    }

    /// Says what decided.
    #[must_use]
    pub fn with_evidence(mut self, evidence: impl Into<Cow<'static, str>>) -> Self {
        self.evidence = evidence.into();
        self
    }
}

impl fmt::Display for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.class.fmt(f)?;
        match (self.limit, self.window) {
            (Some(limit), Some(window)) => write!(f, " ({limit} per {window})")?,
            (Some(limit), None) => write!(f, " ({limit})")?,
            (None, Some(window)) => write!(f, " (per {window})")?,
            (None, None) => {}
        }
        if let Some(wait) = self.wait {
            write!(f, ", wait {wait:?}")?;
        }
        if !self.evidence.is_empty() {
            write!(f, " [{}]", self.evidence)?;
        }
        Ok(())
    }
}
