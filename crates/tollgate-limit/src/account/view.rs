//! How an account stands, for people and events to read.

use tokio::time::Instant;
use tollgate_core::{LimitKind, Window};

use super::Account;
use crate::{
    ledger::Ledger,
    meter::{Bucket, Meter},
    pace::Pace,
    time::{Epoch, Time},
};

/// How a limit gives back what was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Counts {
    /// Evenly, up to a burst.
    Bucket,
    /// All at once, at the end of each window.
    Window,
    /// Each unit one period after it was taken. Limits whose kind is not known yet count as this too:
    /// it keeps to all of them.
    Log,
    /// Nothing was told of it: it is found by trying, as so much a minute. Of a bucket only the rate
    /// is found, not what is left.
    Measured,
}

/// How one limit stands. Where a configured limit and the provider's own count differ, it is the one
/// that has less left.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// What it counts.
    pub kind: LimitKind,
    /// The span it counts over, where that was named.
    pub window: Option<Window>,
    /// The most that can be taken: the burst of a bucket, or what a window allows.
    pub limit: u64,
    /// How much of it is left, as far as one knows. Zero where more was taken than there was.
    pub remaining: u64,
    /// When a bucket is full again, a window ends, or the next unit of a log comes back. `None` for a
    /// bucket or a log from which nothing was taken.
    pub resets_at: Option<Instant>,
    /// How it gives back.
    pub counts: Counts,
    /// A person configured it.
    pub configured: bool,
}

/// A closed gate: calls are held back after a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Only calls that take some of this; all calls where it is `None`.
    pub kind: Option<LimitKind>,
    /// When the one call may go that tries, or, where it is under way, when it counts as admitted if
    /// no rejection comes.
    pub until: Instant,
    /// That call is under way.
    pub probing: bool,
}

impl Account {
    /// How each limit stands at `now`: configured ones, those that answers spoke of, and one that is
    /// being measured.
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
    /// let _ = account.admit(&Cost::default(), now);
    ///
    /// let standing = account.view(now).next().expect("one limit");
    /// assert_eq!((standing.limit, standing.remaining), (10, 9));
    /// assert_eq!(standing.counts, Counts::Bucket);
    /// assert_eq!(standing.resets_at, Some(now + Duration::from_secs(1)));
    /// # Ok::<(), tollgate_limit::LimitError>(())
    /// ```
    pub fn view(&mut self, now: Instant) -> impl Iterator<Item = Standing> {
        let now = self.advance(now);
        let epoch = self.epoch;
        let known = self.ledgers.iter();
        let known = known.filter_map(move |ledger| of_ledger(ledger, epoch, now));
        let pace = self.pace.iter();
        known.chain(pace.filter_map(move |pace| of_pace(pace, epoch, now)))
    }

    /// The gates that are closed at `now`.
    pub fn closed(&self, now: Instant) -> impl Iterator<Item = Closed> {
        let (epoch, now) = (self.epoch, self.epoch.peek(now));
        self.gates.iter().filter_map(move |gate| {
            let (until, probing) = gate.closed(now)?;
            Some(Closed {
                kind: gate.kind,
                until: epoch.instant(until),
                probing,
            })
        })
    }

    /// When the gates let a call go that takes some of `kind`, or any call where that is `None`;
    /// `None` where they do now.
    #[must_use]
    pub fn gate(&self, kind: Option<LimitKind>, now: Instant) -> Option<Instant> {
        let now = self.epoch.peek(now);
        let gates = self.gates.iter();
        let gates = gates.filter(|gate| gate.kind.is_none() || gate.kind == kind);
        let opens = gates.map(|gate| gate.opens(now)).max().unwrap_or(0);
        (opens > now).then(|| self.epoch.instant(opens))
    }
}

fn of_ledger(ledger: &Ledger, epoch: Epoch, now: Time) -> Option<Standing> {
    let (guard, meter) = ledger.counts();
    let left = |meter: &&Meter| meter.level(now);
    let both = guard.into_iter().chain(meter);
    let meter = both.min_by(|a, b| left(a).total_cmp(&left(b)))?;
    Some(Standing {
        configured: guard.is_some(),
        ..of_meter(meter, (ledger.kind, ledger.window), epoch, now)
    })
}

fn of_pace(pace: &Pace, epoch: Epoch, now: Time) -> Option<Standing> {
    let name = (LimitKind::Requests, Some(Window::Minute));
    let standing = match (pace.found(), pace.measured()) {
        (Some(meter), _) => of_meter(meter, name, epoch, now),
        // A pace keeps calls apart; beyond that nothing is used up.
        (None, Some(rate)) => {
            let limit = (rate * 60.0).max(1.0);
            let bucket = Bucket::with_rate(limit as u64, rate, 0);
            of_meter(&Meter::Bucket(bucket), name, epoch, now)
        }
        (None, None) => return None,
    };
    Some(Standing {
        counts: Counts::Measured,
        ..standing
    })
}

fn of_meter(
    meter: &Meter,
    (kind, window): (LimitKind, Option<Window>),
    epoch: Epoch,
    now: Time,
) -> Standing {
    let level = meter.level(now);
    Standing {
        kind,
        window,
        limit: meter.limit(),
        // A cast from float saturates at 0.
        remaining: (level as u64).min(meter.limit()),
        resets_at: meter.resets(now).map(|at| epoch.instant(at)),
        counts: meter.counts(),
        configured: false,
    }
}
