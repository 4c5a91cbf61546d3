//! How an account stands, for people and events to read.

use tokio::time::Instant;
use tollgate_core::{LimitKind, Window};

use super::{
    Account, Below,
    guard::Guard,
    level::Level,
    levels,
    time::{Epoch, Time, seconds},
};

/// How a limit gives back what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Counts {
    /// Evenly, up to a burst.
    Bucket,
    /// All at once, at the end of each window.
    Window,
    /// Each unit one period after it was taken.
    Log,
    /// The provider's headers state what is left; how it comes back is not known.
    Reported,
    /// No header reports it: the pace was measured between two rejections, as calls a minute.
    Measured,
}

/// How one limit stands.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// What it counts.
    pub kind: LimitKind,
    /// The span it counts over, where that was named.
    pub window: Option<Window>,
    /// The most that can be taken at once: the burst of a bucket, or what a window allows.
    pub limit: u64,
    /// How much of it is left, as far as one knows. Zero where more was taken than there was.
    pub remaining: u64,
    /// Units a minute that come back in the long run, where that is known.
    pub per_minute: Option<f64>,
    /// When a bucket is full again, a window ends, or the next unit of a log comes back. `None` for a
    /// bucket or a log from which nothing was taken.
    pub resets_at: Option<Instant>,
    /// How it gives back.
    pub counts: Counts,
    /// A person configured it.
    pub configured: bool,
}

/// The gate is closed: calls are held back after a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Only calls that take some of this; all calls where it is `None`.
    pub kind: Option<LimitKind>,
    /// When the next call may go.
    pub until: Instant,
    /// The provider stated the wait. Else it is a pause of at most 20 s.
    pub stated: bool,
}

impl Account {
    /// How each limit stands at `now`: configured ones, those that headers report, and a pace that
    /// was measured.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use tokio::time::Instant;
    /// use tollgate_core::{Cost, Random};
    /// use tollgate_limit::{Account, Counts, Limit};
    ///
    /// let now = Instant::now();
    /// let limits = [Limit::requests(60, Duration::from_secs(60)).bucket(10)];
    /// let mut account = Account::new(&limits, Random::seeded(7), now, SystemTime::UNIX_EPOCH)?;
    /// let _ = account.admit(&Cost::default(), 0, now);
    ///
    /// let standing = account.view(now).next().expect("one limit");
    /// assert_eq!((standing.limit, standing.remaining), (10, 9));
    /// assert_eq!(standing.counts, Counts::Bucket);
    /// assert_eq!(standing.per_minute, Some(60.0));
    /// assert_eq!(standing.resets_at, Some(now + Duration::from_secs(1)));
    /// # Ok::<(), tollgate_limit::LimitError>(())
    /// ```
    pub fn view(&mut self, now: Instant) -> impl Iterator<Item = Standing> {
        let now = self.advance(now);
        let epoch = self.epoch;
        let guards = self.guards.iter();
        let guards = guards.map(move |guard| of_guard(guard, epoch, now));
        let learned = self.learned.iter();
        let learned = learned.flat_map(move |learned| {
            let levels = learned.levels.iter();
            let levels = levels.filter_map(move |level| of_level(level, epoch, now));
            levels.chain(learned.pacer.measured().map(of_pace))
        });
        guards.chain(learned)
    }

    /// The gate, where it is closed at `now`.
    pub fn closed(&self, now: Instant) -> impl Iterator<Item = Closed> {
        let now = self.epoch.peek(now);
        let gate = self.learned.as_ref().map(|learned| learned.pacer.gate);
        let gate = gate.filter(|gate| gate.until > seconds(now));
        gate.into_iter().map(move |gate| Closed {
            kind: gate.kind,
            until: self.epoch.instant_of(gate.until, now),
            stated: gate.is_stated,
        })
    }

    /// The configured limit that calls do not reach, and why.
    #[must_use]
    pub fn below(&self) -> Option<Below> {
        self.learned.as_ref()?.below
    }
}

fn of_guard(guard: &Guard, epoch: Epoch, now: Time) -> Standing {
    Standing {
        kind: guard.kind(),
        window: guard.limit.window().filter(|_| !guard.limit.is_stretched()),
        limit: guard.amount(),
        // A cast from float saturates at 0.
        remaining: (guard.level(now) as u64).min(guard.amount()),
        per_minute: Some(guard.per_minute()),
        resets_at: guard.resets(now).map(|at| epoch.instant(at)),
        counts: guard.counts(),
        configured: true,
    }
}

fn of_level(level: &Level, epoch: Epoch, now: Time) -> Option<Standing> {
    let left = level.left()?;
    let limit = level.limit.max(left);
    let resets_at = match level.rate() {
        Some(rate) => {
            let full = seconds(now) + (limit - left).max(0.0) / rate;
            (left < limit).then(|| epoch.instant_of(full, now))
        }
        None => Some(epoch.instant_of(level.end(), now)),
    };
    Some(Standing {
        kind: level.kind,
        window: level.window,
        limit: limit as u64,
        remaining: left as u64,
        per_minute: level.rate().map(|rate| rate * 60.0),
        resets_at,
        counts: levels::counts(level),
        configured: false,
    })
}

fn of_pace(rate: f64) -> Standing {
    let limit = (rate * 60.0).max(1.0);
    Standing {
        kind: LimitKind::Requests,
        window: Some(Window::Minute),
        limit: limit as u64,
        remaining: limit as u64,
        per_minute: Some(limit),
        resets_at: None,
        counts: Counts::Measured,
        configured: false,
    }
}
