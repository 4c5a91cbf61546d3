//! Counts that are written down and read back.

use super::{Bucket, Fixed, Log, Meter, fixed::Length};
use crate::{
    account::saved::{Daytime, SavedMeter},
    time::{SECOND, Time},
};

/// The longest period of a limit that a person can state.
const LONGEST: Time = 400 * 86_400 * SECOND;

/// The period, where one can come from a limit that was kept. A limit of nothing would stop a key for
/// ever, whatever the provider says.
fn believable(limit: u64, period: Time) -> Option<Time> {
    (limit > 0 && (1..=LONGEST).contains(&period)).then_some(period)
}

impl Meter {
    pub(crate) fn save(&self, day: &Daytime) -> SavedMeter {
        match self {
            Self::Bucket(bucket) => bucket.save(day),
            Self::Fixed(fixed) => SavedMeter::Fixed {
                limit: fixed.limit,
                used: fixed.used(),
                period_ns: fixed.length.about(),
                ends_at: day.stamp(fixed.end),
            },
            Self::Log(log) => SavedMeter::Log {
                limit: log.limit,
                period_ns: log.period,
                back: log.comes_back().map(|(at, n)| (day.stamp(at), n)).collect(),
            },
        }
    }

    /// `None` where the figures can not have been written by [`save`](Self::save).
    pub(crate) fn restore(saved: &SavedMeter, day: &Daytime, now: Time) -> Option<Self> {
        let mut meter = match saved {
            SavedMeter::Bucket {
                burst,
                every_ns,
                full_at,
            } => {
                let order = crate::ledger::ORDER;
                let bucket = Bucket::new(*burst, *every_ns, order)?;
                let mut bucket = bucket.for_disorder(order, 1);
                believable(*burst, every_ns.saturating_mul(*burst))?;
                let latest = now.saturating_add(every_ns.saturating_mul(burst.saturating_mul(2)));
                bucket.fill_at(day.time(*full_at).min(latest));
                Self::Bucket(bucket)
            }
            SavedMeter::Fixed {
                limit,
                used,
                period_ns,
                ends_at,
            } => {
                let period = believable(*limit, *period_ns)?;
                let end = day.time(*ends_at).min(now.saturating_add(period));
                let length = Length::Every(period);
                let mut fixed = Fixed::new(*limit, length, end, crate::ledger::GUARD);
                fixed.take(*used, now);
                Self::Fixed(fixed)
            }
            SavedMeter::Log {
                limit,
                period_ns,
                back,
            } => {
                let period = believable(*limit, *period_ns)?;
                let mut log = Log::new(*limit, period, crate::ledger::ORDER);
                let mut newest = 0;
                for (at, n) in back {
                    newest = log.left_at(day.time(*at)).clamp(newest, now.max(newest));
                    log.take(*n, newest);
                }
                Self::Log(log)
            }
        };
        meter.advance(now);
        Some(meter)
    }
}
