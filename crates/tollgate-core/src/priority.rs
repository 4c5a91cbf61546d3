//! Who goes first.

use std::fmt;

/// Who goes first where calls wait for a limit.
///
/// A call waits behind every call of a higher class, whenever that one came: as long as there are
/// enough of those, it does not go at all. The order is that of service: `High` is less than
/// `Normal`.
///
/// # Examples
///
/// ```
/// use tollgate_core::{Call, Priority};
///
/// assert!(Priority::High < Priority::Low);
/// assert_eq!(Call::new().priority(), Priority::Normal);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[non_exhaustive]
pub enum Priority {
    /// Before all others: a person waits.
    High,
    /// Between the two.
    #[default]
    Normal,
    /// After all others: a batch that has time.
    Low,
}

impl Priority {
    /// The name in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
