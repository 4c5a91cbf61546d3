//! The counts of all limits of a provider, taken together or not at all.

use std::time::Duration;

use tokio::time::Instant;
use tollgate_core::{Cost, LimitKind, Window};

use super::{
    Count, Quota, Shape, Wait, bucket::Bucket, concurrency::Concurrency, fixed::Fixed,
    sliding::Sliding,
};

/// The counts behind the quotas of one provider.
///
/// Pure: the time comes in with each question, must not go back, and nothing waits here.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tokio::time::Instant;
/// use tollgate_core::Cost;
/// use tollgate_test::{Kind, Quota, quota::{Admission, Meters, Wait}};
///
/// let start = Instant::now();
/// let second = Duration::from_secs(1);
/// let mut meters = Meters::new([Quota::bucket(Kind::Requests, 10, second, 1)], start);
/// assert!(matches!(meters.admit("m", &Cost::default(), start), Admission::Admitted(_)));
///
/// let Admission::Refused(refusal) = meters.admit("m", &Cost::default(), start) else {
///     panic!("the bucket held one");
/// };
/// assert_eq!(refusal.wait, Wait::For(Duration::from_millis(100)));
/// ```
#[derive(Debug)]
pub struct Meters {
    cells: Vec<(Quota, Box<dyn Count>)>,
    tickets: u64,
}

/// What the meters say to a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Admission {
    /// It fits every limit, and every limit has counted it.
    Admitted(Ticket),
    /// It does not fit, and nothing has counted it.
    Refused(Refusal),
}

/// A call that was admitted. Hand it back to [`Meters::release`] when the call is over.
#[derive(Debug)]
#[must_use = "a call that is never released holds its place for ever"]
pub struct Ticket {
    number: u64,
    model: Box<str>,
    charged: Cost,
    at: Instant,
}

/// Why a call does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The limit that holds it back the longest.
    pub level: Level,
    /// How much of that limit the call asked for.
    pub requested: u64,
    /// When it would fit.
    pub wait: Wait,
}

/// Where one limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Level {
    /// What it counts.
    pub kind: LimitKind,
    /// The name of its window, where it has one.
    pub window: Option<Window>,
    /// How much it allows.
    pub limit: u64,
    /// How much of that is used. Above the limit after calls that were dearer than announced.
    pub used: u64,
    /// How much is left.
    pub remaining: u64,
    /// The time until the reset: until a bucket is full, a window ends, the next slot of a log.
    pub reset: Duration,
}

impl Level {
    /// A limit of which `used` is used, with nothing known about its reset.
    #[must_use]
    pub const fn new(kind: LimitKind, window: Option<Window>, limit: u64, used: u64) -> Self {
        Self {
            kind,
            window,
            limit,
            used,
            remaining: limit.saturating_sub(used),
            reset: Duration::ZERO,
        }
    }

    /// Says when the reset comes.
    #[must_use]
    pub const fn with_reset(mut self, reset: Duration) -> Self {
        self.reset = reset;
        self
    }
}

impl Meters {
    /// Meters at rest. `start` is the beginning of the first fixed window.
    #[must_use]
    pub fn new(quotas: impl IntoIterator<Item = Quota>, start: Instant) -> Self {
        let cell = |quota: Quota| {
            let (limit, window) = (quota.limit, quota.window);
            let mut count: Box<dyn Count> = match quota.shape {
                Shape::Bucket { per_window } => {
                    Box::new(Bucket::new(per_window, window, limit, start))
                }
                Shape::Fixed { phase } => Box::new(Fixed::new(limit, window, phase, start)),
                Shape::Sliding => Box::new(Sliding::new(limit, window)),
                Shape::Concurrency => Box::new(Concurrency::new(limit)),
            };
            if quota.used > 0 {
                count.begin(quota.used, start);
            }
            (quota, count)
        };
        Self {
            cells: quotas.into_iter().map(cell).collect(),
            tickets: 0,
        }
    }

    /// Counts a call if it fits every limit that counts its model; else counts nothing and names
    /// the limit that holds it back the longest.
    pub fn admit(&mut self, model: &str, cost: &Cost, now: Instant) -> Admission {
        let mut refusal: Option<Refusal> = None;
        for (quota, count) in counting(&mut self.cells, model) {
            let requested = quota.share(cost);
            let wait = count.wait(requested, now);
            if wait > refusal.map_or(Wait::Now, |worst| worst.wait) {
                let level = level(quota, count.as_mut(), now);
                refusal = Some(Refusal {
                    level,
                    requested,
                    wait,
                });
            }
        }
        if let Some(refusal) = refusal {
            return Admission::Refused(refusal);
        }
        self.tickets += 1;
        for (quota, count) in counting(&mut self.cells, model) {
            count.take(quota.share(cost), self.tickets, now);
        }
        Admission::Admitted(Ticket {
            number: self.tickets,
            model: model.into(),
            charged: *cost,
            at: now,
        })
    }

    /// Replaces what a call was charged by what it really took: the rest is given back, or what is
    /// missing is taken, at `now`, even beyond a limit.
    pub fn settle(&mut self, ticket: &mut Ticket, actual: &Cost, now: Instant) {
        for (quota, count) in counting(&mut self.cells, &ticket.model) {
            let (charged, actual) = (quota.share(&ticket.charged), quota.share(actual));
            if actual > charged {
                count.take(actual - charged, ticket.number, now);
            } else if actual < charged {
                count.refund(charged - actual, ticket.number, ticket.at, now);
            }
        }
        ticket.charged = *actual;
    }

    /// Ends a call: its place among the calls at the same time is free.
    pub fn release(&mut self, ticket: Ticket) {
        let Ticket { model, .. } = ticket;
        for (_, count) in counting(&mut self.cells, &model) {
            count.release();
        }
    }

    /// Where the limits that count this model stand, those that headers do not show left out.
    pub fn levels(&mut self, model: &str, now: Instant) -> Vec<Level> {
        counting(&mut self.cells, model)
            .filter(|(quota, _)| !quota.hidden)
            .map(|(quota, count)| level(quota, count.as_mut(), now))
            .collect()
    }
}

fn counting<'a>(
    cells: &'a mut [(Quota, Box<dyn Count>)],
    model: &'a str,
) -> impl Iterator<Item = (&'a Quota, &'a mut Box<dyn Count>)> {
    cells
        .iter_mut()
        .filter(move |(quota, _)| quota.counts(model))
        .map(|(quota, count)| (&*quota, count))
}

fn level(quota: &Quota, count: &mut dyn Count, now: Instant) -> Level {
    let (used, reset) = count.level(now);
    let limit = quota.claim.unwrap_or(quota.limit);
    let mut level = Level::new(quota.kind, quota.name, limit, used).with_reset(reset);
    level.limit = quota.overstated.unwrap_or(level.limit);
    level
}
