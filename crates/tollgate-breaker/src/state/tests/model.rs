//! A breaker that forgets nothing and computes everything from its whole history.

use super::*;

/// A time in one phase, with all that happened in it.
#[derive(Debug, Default)]
struct Period {
    since: Nanos,
    kind: Kind,
    results: Vec<Entry>,
    probes: Vec<Probe>,
    successes: u32,
}

#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
enum Kind {
    #[default]
    Closed,
    HeldClosed,
    Opened(Nanos),
    ForcedOpen(Option<Nanos>),
    HalfOpen,
}

#[derive(Debug)]
struct Entry {
    at: Nanos,
    outcome: Outcome,
    number: usize,
    // Its body broke later: another entry stands for it in the window.
    moved: bool,
}

#[derive(Debug)]
struct Probe {
    sent: Nanos,
    back: bool,
}

/// A call that was let in.
#[derive(Debug)]
pub(super) struct Call {
    period: usize,
    probe: Option<usize>,
    number: Option<usize>,
}

impl Call {
    pub(super) const fn is_probe(&self) -> bool {
        self.probe.is_some()
    }
}

#[derive(Debug)]
pub(super) struct Model<'a> {
    rules: &'a Rules,
    periods: Vec<Period>,
    numbers: usize,
    // When connections broke that were counted.
    breaks: Vec<Nanos>,
}

impl<'a> Model<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        let periods = vec![Period::default()];
        let numbers = 0;
        Self {
            rules,
            periods,
            numbers,
            breaks: Vec::new(),
        }
    }

    fn last(&mut self) -> &mut Period {
        self.periods.last_mut().expect("there is always one")
    }

    fn latest(&self) -> &Period {
        self.periods.last().expect("there is always one")
    }

    fn enter(&mut self, kind: Kind, since: Nanos) {
        let period = Period {
            kind,
            since,
            ..Period::default()
        };
        self.periods.push(period);
    }

    pub(super) fn admit(&mut self, now: Nanos) -> Result<Call, Option<Nanos>> {
        if let Kind::Opened(until) | Kind::ForcedOpen(Some(until)) = self.latest().kind {
            if now >= until {
                self.enter(Kind::HalfOpen, now);
            }
        }
        let period = self.periods.len() - 1;
        let timeout = self.rules.probe_timeout;
        let last = self.last();
        let mut call = Call {
            period,
            probe: None,
            number: None,
        };
        match last.kind {
            Kind::Closed | Kind::HeldClosed => Ok(call),
            Kind::ForcedOpen(None) => Err(None),
            Kind::Opened(until) | Kind::ForcedOpen(Some(until)) => Err(Some(until - now)),
            Kind::HalfOpen => {
                let out = |probe: &&Probe| !probe.back && now < probe.sent + timeout;
                let out: Vec<&Probe> = last.probes.iter().filter(out).collect();
                if out.len() < 2usize.pow(last.successes) {
                    call.probe = Some(last.probes.len());
                    let back = false;
                    last.probes.push(Probe { sent: now, back });
                    return Ok(call);
                }
                let oldest = out.iter().map(|probe| probe.sent).min();
                let lost_in = oldest.map(|sent| sent + timeout - now);
                Err(lost_in.map(|time| time.min(COME_AGAIN)))
            }
        }
    }

    pub(super) fn give_back(&mut self, call: &mut Call) {
        if let (true, Some(probe)) = (call.period + 1 == self.periods.len(), call.probe) {
            self.last().probes[probe].back = true;
        }
    }

    pub(super) fn settle(&mut self, call: &mut Call, outcome: Outcome, jitter: f64, now: Nanos) {
        self.give_back(call);
        if call.period + 1 != self.periods.len() {
            return;
        }
        if self.latest().kind == Kind::HalfOpen {
            if outcome.failed || outcome.slow {
                return self.open(outcome.told, jitter, now);
            }
            self.last().successes += 1;
            if self.latest().successes == self.rules.successes {
                self.enter(Kind::Closed, now);
            }
            return;
        }
        if outcome.broke {
            if self.breaks.iter().any(|at| now - at < TOGETHER) {
                return;
            }
            self.breaks.push(now);
        }
        call.number = Some(self.push(outcome, now));
        if outcome.failed || outcome.slow {
            self.look(0, outcome.out / 4, jitter, now);
        }
    }

    pub(super) fn broke(&mut self, call: &Call, slow: bool, breaks: u32, jitter: f64, now: Nanos) {
        if call.period + 1 != self.periods.len() {
            return;
        }
        if self.latest().kind == Kind::HalfOpen {
            return self.open(0, jitter, now);
        }
        let results = &mut self.last().results;
        if let Some(number) = call.number {
            // Nothing came since: as if the success had never been.
            if results.last().is_some_and(|last| last.number == number) {
                results.pop();
            } else if let Some(it) = results.iter_mut().find(|it| it.number == number) {
                it.moved = true;
            }
        }
        let failed = true;
        let outcome = Outcome {
            failed,
            slow,
            ..SUCCESS
        };
        self.push(outcome, now);
        self.look(breaks, 0, jitter, now);
    }

    fn push(&mut self, outcome: Outcome, at: Nanos) -> usize {
        self.numbers += 1;
        let number = self.numbers;
        let moved = false;
        self.last().results.push(Entry {
            at,
            outcome,
            number,
            moved,
        });
        number
    }

    fn look(&mut self, breaks: u32, out: u32, jitter: f64, now: Nanos) {
        let counts = self.counts(now);
        let part = |share: Option<Share>, part: u32, out: u32| {
            share.is_some_and(|share| {
                let most = f64::from(share.millionths) / 1e6;
                counts.calls >= share.calls
                    && f64::from(part) >= most * f64::from(counts.calls + out) - 1e-9
            })
        };
        let streak = self.streak().max(breaks);
        let in_a_row = |n| streak >= n && streak >= out;
        let trips = self.rules.consecutive.is_some_and(in_a_row)
            || part(self.rules.failures, counts.failures, out)
            || part(self.rules.slow.map(|(_, share)| share), counts.slow, 0);
        if trips && self.latest().kind == Kind::Closed {
            self.open(0, jitter, now);
        }
    }

    fn open(&mut self, told: Nanos, jitter: f64, now: Nanos) {
        let newest_first = self.latest().results.iter().rev();
        // What was told before a success was disproved by it.
        let failures = newest_first.take_while(|it| it.outcome.failed);
        let floor = failures.map(|it| it.at + it.outcome.told).max();
        self.enter(Kind::Opened(Nanos::MAX), now);
        let ill = self.ill(now).expect("it was just opened");
        let time = (ill / 60).max(self.rules.open).min(self.rules.open_max);
        let jittered = now + time + ((time / 10) as f64 * jitter) as u64;
        let until = jittered.max(now + told).max(floor.unwrap_or_default());
        self.last().kind = Kind::Opened(until);
    }

    pub(super) fn force_open(&mut self, until: Option<Nanos>, now: Nanos) {
        self.enter(Kind::ForcedOpen(until), now);
    }

    pub(super) fn force_closed(&mut self, now: Nanos) {
        self.enter(Kind::HeldClosed, now);
    }

    pub(super) fn reset(&mut self, now: Nanos) {
        self.enter(Kind::Closed, now);
    }

    pub(super) fn view(&self) -> View {
        match self.latest().kind {
            Kind::Closed | Kind::HeldClosed => View::Closed,
            Kind::Opened(until) => View::Open { until: Some(until) },
            Kind::ForcedOpen(until) => View::Open { until },
            Kind::HalfOpen => View::HalfOpen { in_flight: 0 },
        }
    }

    /// Failures at the end of the history.
    pub(super) fn streak(&self) -> u32 {
        let results = self.latest().results.iter().rev();
        results.take_while(|it| it.outcome.failed).count() as u32
    }

    /// All that the last buckets hold.
    pub(super) fn counts(&self, now: Nanos) -> Counts {
        let newest = now / self.rules.bucket;
        let results = self.latest().results.iter();
        let inside = |at: Nanos| newest - at / self.rules.bucket < self.rules.buckets as u64;
        let seen: Vec<_> = results.filter(|it| !it.moved && inside(it.at)).collect();
        let count = |which: fn(&Outcome) -> bool| {
            let all = seen.iter().filter(|it| which(&it.outcome));
            all.count() as u32
        };
        Counts {
            calls: count(|_| true),
            failures: count(|it| it.failed),
            slow: count(|it| it.slow),
        }
    }

    /// How long it has been anything but closed.
    pub(super) fn ill(&self, now: Nanos) -> Option<Nanos> {
        let closed = |it: &&Period| matches!(it.kind, Kind::Closed | Kind::HeldClosed);
        let last = self
            .periods
            .iter()
            .rev()
            .take_while(|it| !closed(it))
            .last();
        Some(now - last?.since)
    }
}
