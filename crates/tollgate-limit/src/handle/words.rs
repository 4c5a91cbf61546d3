//! How a key stands, in words.

use std::fmt;

use tokio::time::Instant;

use super::KeyState;
use crate::{Below, Closed, Counts, Standing};

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
        if let Some(below) = &self.below {
            write!(f, ", {below}")?;
        }
        if let (Some(held), true) = (self.held, self.queued > 0) {
            write!(f, ", held because {held}")?;
        }
        if self.shared {
            f.write_str(", shared by keys without a place")?;
        }
        f.write_str(if self.paused { ", paused" } else { "" })
    }
}

/// `3 of 30 requests per minute left (next in 2.0s)`, or, where a bucket holds less than a minute's
/// worth, `13 of 200 requests left, 12000 per minute come back (full in 0.9s)`
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.remaining, self.limit, self.kind)?;
        let length = self.window.map(|window| window.length().as_secs_f64());
        let whole = self.per_minute.zip(length);
        let whole = whole.map(|(rate, length)| rate * length / 60.0);
        let is_burst = whole.is_some_and(|whole| (whole - self.limit as f64).abs() >= 1.0);
        match (self.window, self.per_minute) {
            (_, Some(rate)) if is_burst => write!(f, " left, {rate:.0} per minute come back")?,
            (Some(window), _) => write!(f, " per {window} left")?,
            (None, _) => f.write_str(" left")?,
        }
        let Some(at) = self.resets_at else {
            return Ok(());
        };
        let what = match self.counts {
            Counts::Bucket | Counts::Measured => "full",
            Counts::Window => "all back",
            Counts::Log => "next",
            Counts::Reported => "known for",
        };
        let left = at.saturating_duration_since(Instant::now());
        match self.counts {
            Counts::Reported => write!(f, " ({what} {left:.1?})"),
            _ => write!(f, " ({what} in {left:.1?})"),
        }
    }
}

/// `closed for tokens for 7.2s, as the provider stated`
impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed")?;
        if let Some(kind) = self.kind {
            write!(f, " for {kind}")?;
        }
        let left = self.until.saturating_duration_since(Instant::now());
        write!(f, " for {left:.1?}")?;
        f.write_str(match self.stated {
            true => ", as the provider stated",
            false => " after a rejection that stated no wait",
        })
    }
}

/// `below the configured 12000 requests per minute: about 600 (measured_pace)`
impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            configured,
            actual,
            reason,
        } = self;
        let reason = reason.as_str();
        write!(
            f,
            "below the configured {configured:.0} {kind} per minute: about {actual:.0} ({reason})"
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tollgate_core::{Cost, LimitKind, Target, Window};

    use super::*;
    use crate::Held;

    #[tokio::test(start_paused = true)]
    async fn a_key_is_a_line() {
        let now = Instant::now();
        let limit = |counts, resets_at| Standing {
            kind: LimitKind::Requests,
            window: Some(Window::Minute),
            limit: 30,
            remaining: 3,
            per_minute: Some(30.0),
            resets_at,
            counts,
            configured: true,
        };
        let soon = Some(now + Duration::from_secs(2));
        let gate = |kind, stated| Closed {
            kind,
            until: now + Duration::from_millis(7_200),
            stated,
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
            held: Some(Held::Stated),
            below: None,
            paused: true,
            shared: false,
        };
        assert_eq!(
            key.to_string(),
            "groq (m): 3 of 5 calls on their way, 2 wait, 3 of 30 requests per minute left (next in \
             2.0s), 3 of 30 requests per minute left, closed for tokens for 7.2s after a rejection \
             that stated no wait, closed for 7.2s, as the provider stated, held because the provider \
             stated a wait, paused"
        );
        key.limits.clear();
        key.closed.clear();
        (key.concurrency, key.held, key.paused) = (None, None, false);
        key.below = Some(Below {
            kind: LimitKind::Requests,
            configured: 12_000.0,
            actual: 600.0,
            reason: crate::Reason::Pace,
        });
        assert_eq!(
            key.to_string(),
            "groq (m): 3 calls on their way, 2 wait, below the configured 12000 requests per \
             minute: about 600 (measured_pace)"
        );
        key.below = None;
        key.limits = vec![Standing {
            limit: 200,
            per_minute: Some(12_000.0),
            ..limit(Counts::Bucket, soon)
        }];
        assert_eq!(
            key.to_string(),
            "groq (m): 3 calls on their way, 2 wait, 3 of 200 requests left, 12000 per minute come \
             back (full in 2.0s)"
        );
        key.limits.clear();
        assert_eq!(key.to_string(), "groq (m): 3 calls on their way, 2 wait");
    }
}
