//! One row of the table: what the provider is like, and what it is asked.

use std::time::Duration;

use tollgate_limit::Limit;
use tollgate_test::Headers;

use super::{
    model::Model,
    neighbours, tokens,
    twist::{Told, Twist},
};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) label: &'static str,
    pub(crate) model: Model,
    pub(crate) headers: Headers,
    pub(crate) calls: usize,
    /// The time between two arrivals; zero where all calls are there at the start.
    pub(crate) every: Duration,
    /// How long a call of tollgate's may wait.
    pub(crate) max_wait: Duration,
    /// Processes of ours that share the calls, and know nothing of each other.
    pub(crate) processes: usize,
    /// How long the head of a success takes.
    pub(crate) latency: Duration,
    pub(crate) told: Told,
    pub(crate) twist: Twist,
}

impl Case {
    /// 1750 calls at once, nothing told.
    pub(crate) const fn burst(label: &'static str, model: Model, headers: Headers) -> Self {
        Self {
            label,
            model,
            headers,
            calls: 1_750,
            every: Duration::ZERO,
            max_wait: Duration::from_secs(86_400),
            processes: 1,
            latency: Duration::from_secs(1),
            told: Told::Nothing,
            twist: Twist::None,
        }
    }

    pub(crate) const fn headers_name(&self) -> &'static str {
        match self.headers {
            Headers::Exact => "exact",
            Headers::Seconds => "seconds",
            Headers::RetryAfter => "RA",
            _ => "none",
        }
    }

    /// When a call arrives.
    pub(crate) fn arrival(&self, call: usize) -> Duration {
        self.every * u32::try_from(call).expect("few")
    }

    /// The limits that each process of tollgate is told.
    pub(crate) fn limits(&self) -> Vec<Limit> {
        if self.told == Told::Nothing {
            return Vec::new();
        }
        let share = 1.0 / self.processes as f64;
        let tokens = (self.twist == Twist::Tokens).then(tokens::limit);
        let limits = [self.model.limit()].into_iter().chain(tokens);
        let part = |limit: Limit| {
            if share < 1.0 {
                limit.share(share)
            } else {
                limit
            }
        };
        limits.map(part).collect()
    }

    /// How many calls can be sent in time at best, where they keep coming.
    pub(crate) fn most(&self) -> usize {
        let arrivals = (0..self.calls).map(|call| self.arrival(call));
        self.model.most(arrivals, self.max_wait)
    }

    /// The time in which `n` of its calls can be answered at best: until the last is admitted, and
    /// its answer.
    pub(crate) fn optimum(&self, n: usize, seed: u64) -> Duration {
        let n = n as u64;
        let alone = self.model.optimum(n);
        let admitted = match self.twist {
            Twist::Tokens => alone.max(tokens::optimum(n, seed)),
            Twist::Neighbours => neighbours::optimum(self.model, n),
            _ => alone,
        };
        admitted + self.latency
    }
}
