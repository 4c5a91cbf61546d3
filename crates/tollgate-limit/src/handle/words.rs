//! How a key stands, in words.

use std::fmt;

use tokio::time::Instant;

use super::KeyState;
use crate::{Closed, Counts, Standing};

/// `groq (m): 3 calls on their way, 2 wait, 0 of 30 requests per minute left (next in 2.0s)`
impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.target, self.in_flight)?;
        if let Some(most) = self.concurrency {
            write!(f, " of {most}")?;
        }
        write!(f, " calls on their way, {} wait", self.queued)?;
        for limit in &self.limits {
            write!(f, ", {limit}")?;
        }
        for gate in &self.closed {
            write!(f, ", {gate}")?;
        }
        f.write_str(if self.paused { ", paused" } else { "" })
    }
}

/// `3 of 30 requests per minute left (next in 2.0s)`
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.remaining, self.limit, self.kind)?;
        if let Some(window) = self.window {
            write!(f, " per {window}")?;
        }
        f.write_str(" left")?;
        let Some(at) = self.resets_at else {
            return Ok(());
        };
        let what = match self.counts {
            Counts::Bucket | Counts::Measured => "full",
            Counts::Window => "all back",
            Counts::Log => "next",
        };
        let left = at.saturating_duration_since(Instant::now());
        write!(f, " ({what} in {left:.1?})")
    }
}

/// `closed for tokens, one call tries in 7.2s`
impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed")?;
        if let Some(kind) = self.kind {
            write!(f, " for {kind}")?;
        }
        if self.probing {
            return f.write_str(", one call is trying");
        }
        let left = self.until.saturating_duration_since(Instant::now());
        write!(f, ", one call tries in {left:.1?}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tollgate_core::{Cost, LimitKind, Target, Window};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_a_line() {
        let now = Instant::now();
        let limit = |counts, resets_at| Standing {
            kind: LimitKind::Requests,
            window: Some(Window::Minute),
            limit: 30,
            remaining: 3,
            resets_at,
            counts,
            configured: true,
        };
        let soon = Some(now + Duration::from_secs(2));
        let gate = |kind, probing| Closed {
            kind,
            until: now + Duration::from_millis(7_200),
            probing,
        };
        let mut key = KeyState {
            target: Target::new("groq", "m"),
            limits: vec![limit(Counts::Log, soon), limit(Counts::Bucket, None)],
            closed: vec![gate(Some(LimitKind::Tokens), false), gate(None, true)],
            reserved: Cost::default(),
            in_flight: 3,
            concurrency: Some(5),
            queued: 2,
            wait: None,
            paused: true,
        };
        assert_eq!(
            key.to_string(),
            "groq (m): 3 of 5 calls on their way, 2 wait, 3 of 30 requests per minute left (next in \
             2.0s), 3 of 30 requests per minute left, closed for tokens, one call tries in 7.2s, \
             closed, one call is trying, paused"
        );
        key.limits.clear();
        key.closed.clear();
        (key.concurrency, key.paused) = (None, false);
        assert_eq!(key.to_string(), "groq (m): 3 calls on their way, 2 wait");
    }
}
