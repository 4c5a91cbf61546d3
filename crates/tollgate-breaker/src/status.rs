//! How a breaker stands, for people to see.

use std::{fmt, time::Duration};

use tokio::time::Instant;
use tollgate_core::Target;

use crate::{
    Why,
    cell::Cell,
    state::{Machine, View},
    time::Clock,
    window::Counts,
};

/// The three states of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// Calls pass.
    Closed,
    /// Calls are refused at once.
    #[non_exhaustive]
    Open {
        /// When the next call will be let through as a probe; `None` if not before it is reset.
        until: Option<Instant>,
    },
    /// A few calls pass, as probes.
    HalfOpen,
}

impl State {
    /// The name: `closed`, `open` or `half-open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open { .. } => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `groq (m): open for 4.2s more, opened 800.0ms ago: 5 failures in a row`
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.target, self.state)?;
        if let (State::Open { .. }, Some(left)) = (self.state, self.left()) {
            write!(f, " for {left:.1?} more")?;
        }
        if self.held {
            f.write_str(" until it is reset")?;
        }
        match (self.state, &self.opened) {
            (State::Closed, _) => {
                write!(f, ", {} of {} calls failed", self.failures(), self.calls())
            }
            (_, Some((why, at))) => {
                let ago = Instant::now().saturating_duration_since(*at);
                write!(f, ", opened {ago:.1?} ago: {why}")
            }
            (_, None) => f.write_str(", by hand"),
        }
    }
}

/// How the breaker of one key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    target: Target,
    state: State,
    held: bool,
    changes: u64,
    counts: Counts,
    consecutive: u32,
    probes: usize,
    ill: Option<Duration>,
    opened: Option<(Why, Instant)>,
    refused: u64,
}

impl Status {
    pub(crate) fn of(cell: &Cell, clock: Clock) -> Self {
        Self::new(cell.target().clone(), &mut cell.lock(), clock)
    }

    pub(crate) fn new(target: Target, machine: &mut Machine, clock: Clock) -> Self {
        let (state, probes) = match machine.view() {
            View::Closed => (State::Closed, 0),
            View::Open { until } => {
                let until = until.map(|until| clock.instant(until));
                (State::Open { until }, 0)
            }
            View::HalfOpen { in_flight } => (State::HalfOpen, in_flight),
        };
        let now = clock.now();
        let opened = machine.opened();
        Self {
            target,
            state,
            held: machine.is_held(),
            changes: machine.epoch(),
            counts: machine.counts(now),
            consecutive: machine.streak(),
            probes,
            ill: machine.ill(now).map(Duration::from_nanos),
            opened: opened.map(|(why, at)| (why, clock.instant(at))),
            refused: machine.refused(),
        }
    }

    /// Whose breaker it is.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Its state. A breaker whose open time is over stays open until the next call comes.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// It is open or closed by hand, until it is reset.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.held
    }

    /// How often its state has changed.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Calls in the window that were counted: successes and failures.
    #[must_use]
    pub const fn calls(&self) -> u32 {
        self.counts.calls
    }

    /// Failures among them.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.counts.failures
    }

    /// Slow calls among them; 0 unless slow calls are looked for.
    #[must_use]
    pub const fn slow(&self) -> u32 {
        self.counts.slow
    }

    /// Failures since the last success.
    #[must_use]
    pub const fn consecutive(&self) -> u32 {
        self.consecutive
    }

    /// Probes that are out and keep others from going out.
    #[must_use]
    pub const fn probes(&self) -> usize {
        self.probes
    }

    /// For how long it has not been closed, probes included; `None` while it is closed.
    #[must_use]
    pub const fn ill(&self) -> Option<Duration> {
        self.ill
    }

    /// What opened it last; `None` while it is closed, and where it was opened by hand.
    #[must_use]
    pub fn why(&self) -> Option<Why> {
        Some(self.opened?.0)
    }

    /// When it opened last; `None` as in [`why`](Self::why).
    #[must_use]
    pub fn opened_at(&self) -> Option<Instant> {
        Some(self.opened?.1)
    }

    /// How many calls it has refused.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// How long it stays open from now: zero where it is not open, `None` where it has no end.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        match self.state {
            State::Open { until } => {
                until.map(|until| until.saturating_duration_since(Instant::now()))
            }
            _ => Some(Duration::ZERO),
        }
    }
}
