//! What makes one row different from another.

/// What is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twist {
    None,
    /// A limit on tokens beside the one on requests.
    Tokens,
    /// Two others take a quarter each for four minutes.
    Neighbours,
    /// `Retry-After` says anything.
    LyingRetryAfter,
    /// Headers tell of a bucket of 600 where 10 go at once.
    LyingHeaders,
    /// Headers name ten times the limit, beside what is really left.
    Overstated,
    /// After a minute, the first token of a stream takes one more. 50 calls are served at once.
    Slow,
}

/// What tollgate is told beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Nothing,
    Limits,
}
