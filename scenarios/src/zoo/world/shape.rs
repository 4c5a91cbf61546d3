//! How a limit counts.

use std::{
    fmt::{self, Display},
    time::Duration,
};

/// How a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::zoo) enum Shape {
    /// A bucket that holds what flows in within a second.
    SmallBucket,
    /// A bucket that holds what flows in within a minute.
    LargeBucket,
    /// A fixed window, so old when the first call comes.
    Fixed(Duration),
    /// A sliding log.
    Sliding,
}

impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SmallBucket => f.write_str("a bucket of 1 s"),
            Self::LargeBucket => f.write_str("a bucket of 1 min"),
            Self::Fixed(phase) => write!(f, "a fixed window met at {phase:.1?}"),
            Self::Sliding => f.write_str("a sliding log"),
        }
    }
}
