//! A limit that was met.

use std::time::{Duration, SystemTime};

use tollgate_core::{LimitKind, Window};

use crate::quota::Level;

/// A limit that a call met, to be said in the words of a provider.
///
/// Starts as "30 of 30 per minute used, 1 requested, try again in 2 s", with no quota headers.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_core::Window;
/// use tollgate_test::{Dialect, Kind, Limited};
///
/// let daily = Limited::new(Kind::Requests)
///     .window(Window::Day)
///     .of(200, 200, 1)
///     .retry_after(Duration::from_secs(432));
/// let answer = Dialect::OpenAi.rate_limited(&daily);
/// assert!(answer.value().unwrap()["error"]["message"]
///     .as_str()
///     .unwrap()
///     .contains("requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s."));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limited {
    pub(crate) kind: LimitKind,
    pub(crate) window: Window,
    pub(crate) limit: u64,
    pub(crate) used: u64,
    pub(crate) requested: u64,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) hopeless: bool,
    pub(crate) model: Box<str>,
    pub(crate) levels: Vec<Level>,
    pub(crate) now: SystemTime,
}

impl Limited {
    /// A limit of this kind.
    #[must_use]
    pub fn new(kind: LimitKind) -> Self {
        Self {
            kind,
            window: Window::Minute,
            limit: 30,
            used: 30,
            requested: 1,
            retry_after: Some(Duration::from_secs(2)),
            hopeless: false,
            model: "kit-model".into(),
            levels: Vec::new(),
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        }
    }

    /// Says which span it counts over; a minute unless set.
    #[must_use]
    pub fn window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Says how much is allowed, how much is used, and how much the call asked for.
    #[must_use]
    pub fn of(mut self, limit: u64, used: u64, requested: u64) -> Self {
        (self.limit, self.used, self.requested) = (limit, used, requested);
        self
    }

    /// States the wait; `None` for an answer without one. Headers in whole seconds round it up.
    #[must_use]
    pub fn retry_after(mut self, wait: impl Into<Option<Duration>>) -> Self {
        self.retry_after = wait.into();
        self
    }

    /// The call asks for more than the limit: it can never succeed, and no wait is stated.
    #[must_use]
    pub fn too_large(mut self) -> Self {
        self.hopeless = true;
        self.retry_after = None;
        self
    }

    /// Names the model.
    #[must_use]
    pub fn model(mut self, model: impl Into<Box<str>>) -> Self {
        self.model = model.into();
        self
    }

    /// Adds quota headers for these levels.
    #[must_use]
    pub fn levels(mut self, levels: impl Into<Vec<Level>>) -> Self {
        self.levels = levels.into();
        self
    }

    /// Says when it is, for resets that are stated as a time of day.
    #[must_use]
    pub fn at(mut self, now: SystemTime) -> Self {
        self.now = now;
        self
    }

    /// It counts tokens, of whatever sort.
    pub(super) const fn counts_tokens(&self) -> bool {
        matches!(
            self.kind,
            LimitKind::Tokens | LimitKind::InputTokens | LimitKind::OutputTokens
        )
    }

    /// `requests` or `tokens`, as providers sort them.
    pub(super) const fn noun(&self) -> &'static str {
        if self.counts_tokens() {
            "tokens"
        } else {
            "requests"
        }
    }

    /// `RPM`, `TPD`.
    pub(super) fn short(&self) -> String {
        let window = match self.window {
            Window::Second => 'S',
            Window::Minute => 'M',
            Window::Hour => 'H',
            Window::Day => 'D',
            _ => 'O',
        };
        let noun = if self.counts_tokens() { 'T' } else { 'R' };
        format!("{noun}P{window}")
    }
}
