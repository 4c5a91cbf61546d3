//! A line of a story.

use std::{
    fmt::{self, Display},
    time::Duration,
};

/// Events that look alike, one shortly after the other.
#[derive(Debug, Clone)]
pub(in crate::zoo) struct Line {
    /// When the first came, and the last.
    pub(in crate::zoo) from: Duration,
    pub(in crate::zoo) to: Duration,
    pub(in crate::zoo) times: usize,
    /// The first, in its own words.
    pub(in crate::zoo) text: String,
}

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.as_secs_f64(), self.to.as_secs_f64());
        write!(f, "{from:>9.3} s  {}", self.text)?;
        match self.times {
            1 => Ok(()),
            times => write!(f, "  (x {times}, until {to:.3} s)"),
        }
    }
}
