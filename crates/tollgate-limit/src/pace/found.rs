//! A window that was found by being turned away from it.

use crate::{
    history::History,
    ledger::{GUARD, ORDER},
    meter::{Bucket, Fixed, Log, Meter, Room, fixed::Length},
    time::{SECOND, Time},
};

/// Its length. Shorter ones are met as buckets, and longer ones can not be told from an outage.
const PERIOD: Time = 60 * SECOND;

/// A call beyond what the sliding log allows that is not turned away within this time has found a
/// window that starts afresh.
const QUIET: Time = crate::gate::QUIET;

/// A window that turns a call away before this part of it was used is none (scenario 1, sliding).
const USED: f64 = 0.8;

/// Seconds over which the first window is sent out that is believed to start afresh: what is in
/// flight when it turns out not to is lost (scenario 1, sliding).
const CAREFUL: f64 = 1.0;

/// And over which the next ones are: no header says that they have begun (scenario 8).
const SPREAD: f64 = 0.25;

/// How much more is tried when two periods went by without a rejection: a hundredth
/// (scenario 8 at a fifth).
const MORE: u64 = 100;

/// A limit for each minute.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    meter: Meter,
    /// When the window ends that was full last.
    end: Time,
    /// The call that tries whether everything came back at that end.
    trial: Option<(u64, Time)>,
    tried: bool,
    /// Keeps a window that starts afresh from going out all at once, if it is none.
    careful: Option<Meter>,
    /// A whole window went by that had started afresh.
    proven: bool,
    /// It does not come back at once.
    sliding: bool,
    rejected: Time,
    /// The limit was counted from all that was sent up to this time; what of it is refused later was
    /// not part of it.
    counted: Time,
}

impl Found {
    /// It was found full, until `end`. `None` if that is longer than [`PERIOD`].
    pub(super) fn new(sent: &History, now: Time, end: Time) -> Option<Self> {
        if end.saturating_sub(now) > PERIOD + SECOND {
            return None;
        }
        let limit = sent.between(now.saturating_sub(PERIOD), now).max(1);
        Some(Self {
            meter: log(limit, sent, now),
            end,
            trial: None,
            tried: false,
            careful: None,
            proven: false,
            sliding: false,
            rejected: now,
            counted: now,
        })
    }

    pub(super) fn forecast(&self, n: u64, now: Time) -> Time {
        self.meter.forecast(n, now)
    }

    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    pub(super) fn advance(&mut self, now: Time, sent: &History) {
        self.meter.advance(now);
        let fixed = matches!(self.meter, Meter::Fixed(_));
        if fixed && !self.proven && now > self.end.saturating_add(PERIOD / 2) {
            self.proven = true;
            self.go_apart(SPREAD);
        }
        if self
            .trial
            .is_some_and(|(_, at)| now >= at.saturating_add(QUIET))
        {
            self.trial = None;
            self.open(now, sent);
        }
        if now.saturating_sub(self.rejected) > 2 * PERIOD {
            self.rejected = now;
            self.grow();
        }
    }

    /// Everything came back at the end.
    fn open(&mut self, now: Time, sent: &History) {
        let next = self.end.saturating_add(PERIOD);
        let mut fixed = Fixed::new(self.meter.limit(), Length::Every(PERIOD), next, GUARD);
        fixed.restart(next, self.end);
        let mut fixed = Meter::Fixed(fixed);
        fixed.take(sent.least_after(self.end), now);
        self.meter = fixed;
        self.go_apart(if self.proven { SPREAD } else { CAREFUL });
    }

    fn go_apart(&mut self, seconds: f64) {
        let rate = self.meter.limit() as f64 / seconds;
        // Timers tick in milliseconds.
        let burst = (rate / 200.0).ceil() as u64;
        self.careful = Some(Meter::Bucket(Bucket::with_rate(burst, rate, 0)));
    }

    /// Nobody was turned away for long: there may be more than was found.
    fn grow(&mut self) {
        match &mut self.meter {
            Meter::Log(log) => log.limit += 1 + log.limit / MORE,
            Meter::Fixed(fixed) => fixed.limit += 1 + fixed.limit / MORE,
            Meter::Bucket(_) => {}
        }
    }

    pub(super) fn room(&self, n: u64, now: Time) -> Room {
        match (self.meter.room(n, now), &self.meter) {
            (Room::Never(_), _) => Room::Now,
            (Room::At(at), Meter::Log(_)) if !self.tried && !self.sliding => {
                let opens = self.end.saturating_add(GUARD);
                if now >= opens {
                    Room::Now
                } else {
                    Room::At(at.min(opens))
                }
            }
            (Room::At(at), _) => match self.trial {
                Some((_, sent)) => Room::At(at.min(sent.saturating_add(QUIET))),
                None => Room::At(at),
            },
            (Room::Now, _) => match &self.careful {
                Some(careful) => careful.room(1, now),
                None => Room::Now,
            },
        }
    }

    pub(super) fn take(&mut self, number: u64, n: u64, now: Time) {
        if self.meter.room(n, now) != Room::Now && matches!(self.meter, Meter::Log(_)) {
            self.tried = true;
            self.trial = Some((number, now));
        }
        self.meter.take(n, now);
        if let Some(careful) = &mut self.careful {
            careful.take(1, now);
        }
    }

    /// A call was not counted; `refused` if the provider turned it away.
    pub(super) fn give(&mut self, number: u64, n: u64, sent: Time, refused: bool) {
        self.meter.give(n, sent);
        let trial = self.trial.take_if(|(trial, _)| *trial == number).is_some();
        self.sliding |= trial && refused;
        self.tried &= !trial || refused;
        if refused && sent <= self.counted {
            let limit = match &mut self.meter {
                Meter::Log(log) => &mut log.limit,
                Meter::Fixed(fixed) => &mut fixed.limit,
                Meter::Bucket(_) => return,
            };
            *limit = limit.saturating_sub(n).max(1);
        }
    }

    /// A call that was sent at `at` was turned away. `end` is when the window ends, where that is known,
    /// and calls go again at `opens`.
    pub(super) fn reject(
        &mut self,
        sent: &History,
        (at, now): (Time, Time),
        end: Option<Time>,
        opens: Time,
    ) {
        self.rejected = now;
        if self.sliding && self.tried {
            self.tried = false;
            return;
        }
        match &mut self.meter {
            Meter::Fixed(fixed) => {
                let used = sent.between(fixed.start.saturating_sub(1), at);
                if used as f64 >= USED * fixed.limit as f64 {
                    self.counted = at;
                    fixed.limit = fixed.limit.min(used).max(1);
                    fixed.end = end.unwrap_or(fixed.end);
                    return;
                }
                // It does not start afresh, or, if it did before, has not yet.
                self.sliding = !self.proven;
                (self.tried, self.end) = (false, opens);
                self.careful = None;
                self.meter = log(fixed.limit, sent, now);
            }
            Meter::Log(log) => {
                let most = sent.between(now.saturating_sub(PERIOD), now);
                self.counted = if most < log.limit { now } else { 0 };
                log.limit = log.limit.min(most).max(1);
            }
            Meter::Bucket(_) => {}
        }
    }
}

/// What was sent within the last period, as a sliding log.
fn log(limit: u64, sent: &History, now: Time) -> Meter {
    let mut log = Meter::Log(Log::new(limit, PERIOD, ORDER));
    for (at, n, _) in sent.after(now.saturating_sub(PERIOD)) {
        log.take(n, at);
    }
    log
}
