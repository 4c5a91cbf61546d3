//! governor's token bucket as a pure function.
//!
//! governor keeps a bucket as one number, the theoretical arrival time: the moment at which the
//! bucket will be full again. Its limiters own that number and a clock; here both are passed in, so
//! that a decision depends on nothing else. Building the limiter anew for each decision costs about
//! three nanoseconds.

use std::{cell::Cell, num::NonZeroU32, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};

use super::time::Time;

/// Takes `n` units at `now`, or says how long to wait for them, or that the bucket never holds as
/// many (`Err`). Nothing is taken unless all are.
pub(crate) fn check(
    quota: Quota,
    full_at: &mut Time,
    n: NonZeroU32,
    now: Time,
) -> Result<Result<(), Duration>, u32> {
    let cell = Cell::new(*full_at);
    // The limiter counts from its clock's first reading, so that one must be 0.
    let clock = At {
        now,
        first: Cell::new(true),
    };
    let limiter: RateLimiter<NotKeyed, _, _, NoOpMiddleware<Nanos>> =
        RateLimiter::new(quota, Slot(&cell), clock);
    let verdict = limiter.check_n(n).map_err(|capacity| capacity.0)?;
    let verdict = verdict.map_err(|until| until.wait_time_from(Nanos::from(now)));
    *full_at = cell.get();
    Ok(verdict)
}

struct Slot<'a>(&'a Cell<Time>);

impl StateStore for Slot<'_> {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, update: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (outcome, next) = update(Some(Nanos::from(self.0.get())))?;
        self.0.set(next.into());
        Ok(outcome)
    }
}

#[derive(Clone)]
struct At {
    now: Time,
    first: Cell<bool>,
}

impl Clock for At {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let first = self.first.replace(false);
        Nanos::from(if first { 0 } else { self.now })
    }
}
