//! Words for people.

use std::{fmt, time::Duration};

use tollgate_core::Target;

/// A time for people: in whole seconds, rounded up, at least one.
pub(crate) const fn time(time: Duration) -> Time {
    let rest = if time.subsec_nanos() > 0 { 1 } else { 0 };
    let seconds = time.as_secs().saturating_add(rest);
    Time(if seconds == 0 { 1 } else { seconds })
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Time(u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (minutes, hours) = (self.0 / 60, self.0 / 3_600);
        let parts = [
            (hours / 24, 'd'),
            (hours % 24, 'h'),
            (minutes % 60, 'm'),
            (self.0 % 60, 's'),
        ];
        for (n, unit) in parts.iter().filter(|(n, _)| *n > 0) {
            write!(f, "{n}{unit}")?;
        }
        Ok(())
    }
}

/// A target in a line: `groq llama-3.1-8b-instant`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plain<'a>(pub(crate) &'a Target);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.provider())?;
        if let Some(model) = self.0.model() {
            write!(f, " {model}")?;
        }
        match self.0.account() {
            Some(account) => write!(f, " as {account}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up() {
        for (ms, text) in [
            (0, "1s"),
            (1, "1s"),
            (1_366_848, "22m47s"),
            (60_000, "1m"),
            (3_600_001, "1h1s"),
            (90_061_000, "1d1h1m1s"),
        ] {
            assert_eq!(time(Duration::from_millis(ms)).to_string(), text);
        }
        assert!(!time(Duration::MAX).to_string().is_empty());
    }
}
