//! What one code or phrase says about an answer.

use tollgate_core::{Class, LimitKind, Scope, Window};

/// What a code or a phrase means, wherever it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) class: Class,
    pub(crate) limit: Option<LimitKind>,
    pub(crate) window: Option<Window>,
    pub(crate) retry_same: Option<bool>,
    pub(crate) try_elsewhere: Option<bool>,
    pub(crate) scope: Option<Scope>,
    /// Says too little to stand against a phrase that says more.
    pub(crate) weak: bool,
    /// Nothing else in the answer names the limit.
    pub(crate) bare: bool,
    /// "Quota" may be a rate limit by another name: it is where a window of up to a day is named.
    pub(crate) yields_to_window: bool,
    /// ... or where a wait is stated.
    pub(crate) yields_to_wait: bool,
}

/// A table of codes or phrases.
pub(crate) type Table = &'static [(&'static str, Verdict)];

impl Verdict {
    pub(crate) const fn of(class: Class) -> Self {
        Self {
            class,
            limit: None,
            window: None,
            retry_same: None,
            try_elsewhere: None,
            scope: None,
            weak: false,
            bare: false,
            yields_to_window: false,
            yields_to_wait: false,
        }
    }

    pub(crate) const fn limit(mut self, limit: LimitKind) -> Self {
        self.limit = Some(limit);
        self
    }

    pub(crate) const fn per(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    pub(crate) const fn elsewhere(mut self) -> Self {
        self.try_elsewhere = Some(true);
        self
    }

    pub(crate) const fn nowhere(mut self) -> Self {
        self.try_elsewhere = Some(false);
        self
    }

    pub(crate) const fn hits(mut self, scope: Scope) -> Self {
        self.scope = Some(scope);
        self
    }

    pub(crate) const fn weak(mut self) -> Self {
        self.weak = true;
        self
    }

    pub(crate) const fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    pub(crate) const fn unless_windowed(mut self) -> Self {
        self.yields_to_window = true;
        self
    }

    pub(crate) const fn unless_timed(mut self) -> Self {
        self.yields_to_window = true;
        self.yields_to_wait = true;
        self
    }
}

pub(crate) const RATE: Verdict = Verdict::of(Class::RateLimited);
pub(crate) const QUOTA: Verdict = Verdict::of(Class::QuotaExhausted);
pub(crate) const BUSY: Verdict = Verdict::of(Class::Overloaded);
pub(crate) const AUTH: Verdict = Verdict::of(Class::Auth);
/// A wrong call; the text may tell that it is wrong for this model only.
pub(crate) const WRONG: Verdict = Verdict::of(Class::InvalidRequest);
/// A call that no target will serve.
pub(crate) const NEVER: Verdict = WRONG.nowhere();
/// A call that is wrong for this model only.
pub(crate) const MISFIT: Verdict = WRONG.elsewhere();
pub(crate) const BROKEN: Verdict = Verdict::of(Class::ServerError);
pub(crate) const LATE: Verdict = Verdict::of(Class::Timeout);
