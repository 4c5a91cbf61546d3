//! A provider that counts: the three kinds of limit, and how it speaks of them.

use std::{collections::VecDeque, time::Duration};

use tollgate_core::{LimitKind, Quota};

pub(crate) const SECOND: u64 = 1_000_000_000;
pub(crate) const MS: u64 = 1_000_000;

/// How a limit gives back what was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Units a second, and the most it holds.
    Bucket { rate: f64, cap: f64 },
    /// Seconds a window, and how far into one the run starts.
    Fixed { limit: u64, period: u64, into: u64 },
    /// Seconds.
    Sliding { limit: u64, period: u64 },
}

/// One limit at the provider.
#[derive(Debug, Clone)]
pub(crate) struct Counter {
    pub(crate) kind: Kind,
    level: f64,
    at: u64,
    used: u64,
    window: u64,
    log: VecDeque<(u64, u64)>,
}

impl Counter {
    pub(crate) fn new(kind: Kind) -> Self {
        let level = match kind {
            Kind::Bucket { cap, .. } => cap,
            _ => 0.0,
        };
        let (at, used, window, log) = (0, 0, 0, VecDeque::new());
        Self {
            kind,
            level,
            at,
            used,
            window,
            log,
        }
    }

    pub(crate) fn advance(&mut self, now: u64) {
        match self.kind {
            Kind::Bucket { rate, cap } => {
                let passed = (now - self.at) as f64 / SECOND as f64;
                self.level = (self.level + passed * rate).min(cap);
            }
            Kind::Fixed { period, into, .. } => {
                let window = (now + into * SECOND) / (period * SECOND);
                if window != self.window {
                    (self.window, self.used) = (window, 0);
                }
            }
            Kind::Sliding { period, .. } => {
                while self
                    .log
                    .front()
                    .is_some_and(|e| e.0 + period * SECOND <= now)
                {
                    self.used -= self.log.pop_front().expect("looked").1;
                }
            }
        }
        self.at = now;
    }

    pub(crate) fn has(&self, n: u64) -> bool {
        match self.kind {
            Kind::Bucket { .. } => self.level >= n as f64 - 1e-9,
            Kind::Fixed { limit, .. } | Kind::Sliding { limit, .. } => self.used + n <= limit,
        }
    }

    pub(crate) fn charge(&mut self, n: u64) {
        self.level -= n as f64;
        self.used += n;
        if let Kind::Sliding { .. } = self.kind {
            self.log.push_back((self.at, n));
        }
    }

    pub(crate) fn limit(&self) -> u64 {
        match self.kind {
            Kind::Bucket { cap, .. } => cap as u64,
            Kind::Fixed { limit, .. } | Kind::Sliding { limit, .. } => limit,
        }
    }

    pub(crate) fn remaining(&self) -> u64 {
        match self.kind {
            Kind::Bucket { .. } => self.level.max(0.0) as u64,
            _ => self.limit().saturating_sub(self.used),
        }
    }

    /// Time to full, the end of the window, or the next free slot.
    pub(crate) fn reset(&self) -> u64 {
        match self.kind {
            Kind::Bucket { rate, cap } => ((cap - self.level) / rate * SECOND as f64) as u64,
            Kind::Fixed { period, into, .. } => {
                let end = (self.window + 1) * period * SECOND - into * SECOND;
                end - self.at
            }
            Kind::Sliding { period, .. } => {
                let oldest = self.log.front().map(|e| e.0 + period * SECOND - self.at);
                oldest.unwrap_or(0)
            }
        }
    }

    /// When `n` could be taken.
    pub(crate) fn wait(&self, n: u64) -> u64 {
        match self.kind {
            Kind::Bucket { rate, .. } => {
                ((n as f64 - self.level).max(0.0) / rate * SECOND as f64) as u64
            }
            Kind::Fixed { .. } => self.reset(),
            Kind::Sliding { period, .. } => {
                let mut over = (self.used + n).saturating_sub(self.limit());
                let freed = self.log.iter().find(|e| {
                    over = over.saturating_sub(e.1);
                    over == 0
                });
                freed.map_or(0, |e| e.0 + period * SECOND - self.at)
            }
        }
    }
}

/// How precisely the provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Headers {
    /// Milliseconds.
    Exact,
    /// Whole seconds, rounded up.
    Seconds,
    /// Times of day in whole seconds, rounded up, and the time of the answer cut to whole seconds. The
    /// run starts so many milliseconds into one, and answers are dated so long after they were counted.
    Moments { into: u64, late: u64 },
    /// Only Retry-After, on rejections.
    RetryAfter,
    /// Nothing at all.
    None,
}

impl Headers {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Seconds => "seconds",
            Self::Moments { .. } => "moments",
            Self::RetryAfter => "RA",
            Self::None => "none",
        }
    }
}

/// A provider: some limits it speaks of, and perhaps one it keeps to itself.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) shown: Vec<(LimitKind, Counter)>,
    pub(crate) hidden: Option<Counter>,
    /// What headers call the limit, where that is not so.
    pub(crate) claimed: Option<u64>,
    pub(crate) headers: Headers,
}

/// What a call takes, in the order arrival and completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Take {
    pub(crate) input: u64,
    pub(crate) output: u64,
}

fn part(kind: LimitKind, take: Take) -> (u64, u64) {
    match kind {
        LimitKind::Requests => (1, 0),
        _ => (take.input, take.output),
    }
}

impl Provider {
    pub(crate) fn one(kind: Kind, headers: Headers) -> Self {
        Self {
            shown: vec![(LimitKind::Requests, Counter::new(kind))],
            hidden: None,
            claimed: None,
            headers,
        }
    }

    /// A call arrives: counted, or the time until it could be.
    pub(crate) fn arrive(&mut self, take: Take, now: u64) -> Result<(), u64> {
        let mut wait = None;
        for (kind, counter) in &mut self.shown {
            counter.advance(now);
            let n = part(*kind, take).0;
            if !counter.has(n) {
                wait = wait.max(Some(counter.wait(n)));
            }
        }
        if let Some(hidden) = &mut self.hidden {
            hidden.advance(now);
            if !hidden.has(1) {
                wait = wait.max(Some(hidden.wait(1)));
            }
        }
        if let Some(wait) = wait {
            return Err(wait);
        }
        for (kind, counter) in &mut self.shown {
            counter.charge(part(*kind, take).0);
        }
        if let Some(hidden) = &mut self.hidden {
            hidden.charge(1);
        }
        Ok(())
    }

    /// The answer is complete.
    pub(crate) fn complete(&mut self, take: Take, now: u64) {
        for (kind, counter) in &mut self.shown {
            let n = part(*kind, take).1;
            if n > 0 {
                counter.advance(now);
                counter.charge(n);
            }
        }
    }

    pub(crate) fn quota(&self) -> Quota {
        let mut quota = Quota::new();
        let step = match self.headers {
            Headers::Exact => MS,
            Headers::Seconds | Headers::Moments { .. } => SECOND,
            Headers::RetryAfter | Headers::None => return quota,
        };
        for (kind, counter) in &self.shown {
            let dimension = quota.entry(*kind, None).expect("room");
            dimension.limit = self.claimed.or(Some(counter.limit()));
            dimension.remaining = Some(counter.remaining());
            let mut reset = counter.reset().div_ceil(step) * step;
            if let Headers::Moments { into, late } = self.headers {
                let now = counter.at + into * MS;
                let then = (now + counter.reset()).div_ceil(step) * step;
                reset = then.saturating_sub((now + late * MS) / step * step);
            }
            dimension.reset = Some(Duration::from_nanos(reset));
        }
        quota
    }
}
