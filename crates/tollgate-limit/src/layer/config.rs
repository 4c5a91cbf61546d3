//! The settings that do not belong to a key, and what is wrong with bad ones.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use tollgate_core::Target;

use crate::{KeyRef, LimitError, Outgoing};

/// The longest time any setting may name.
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// The most keys, and the most waiters of a key.
pub(crate) const MOST: usize = 1_000_000;

type KeyOf = dyn Fn(&Outgoing<'_>) -> Option<Target> + Send + Sync;

/// What calls are counted by.
#[derive(Clone, Default)]
pub(crate) enum By {
    /// Provider and account.
    Host,
    /// Provider, model and account.
    #[default]
    Model,
    /// What a function says.
    Function(Arc<KeyOf>),
}

impl By {
    /// The key of a target, where no function decides.
    pub(crate) fn of<'a>(&self, target: &'a Target) -> Option<KeyRef<'a>> {
        match self {
            Self::Host => Some(KeyRef::new(target.provider(), None, target.account())),
            Self::Model => Some(KeyRef::from(target)),
            Self::Function(_) => None,
        }
    }
}

impl fmt::Debug for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "Host",
            Self::Model => "Model",
            Self::Function(_) => "Function",
        })
    }
}

/// A setting that makes no sense.
///
/// # Examples
///
/// ```
/// use tollgate_limit::LimitLayer;
///
/// let error = LimitLayer::builder().requests_per_minute(0).build().unwrap_err();
/// assert_eq!(error.field(), "requests_per_minute");
/// assert_eq!(error.to_string(), "requests_per_minute must be above zero");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    field: &'static str,
    problem: &'static str,
    limit: Option<LimitError>,
}

impl ConfigError {
    pub(crate) const fn new(field: &'static str, problem: &'static str) -> Self {
        Self {
            field,
            problem,
            limit: None,
        }
    }

    pub(crate) const fn of_limit(field: &'static str, error: LimitError) -> Self {
        Self {
            field,
            problem: "can not be kept",
            limit: Some(error),
        }
    }

    /// The name of the setting: that of the builder's method.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.problem)
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.limit.as_ref().map(|error| error as _)
    }
}
