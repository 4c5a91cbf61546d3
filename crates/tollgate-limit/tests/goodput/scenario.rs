//! Worlds to put clients into, and the worst of what comes of it.

use std::time::Duration;

use tollgate_core::{LimitKind, Random};
use tollgate_limit::Limit;

use crate::{
    provider::{Counter, Headers, Kind, Provider, SECOND, Take},
    world::{Call, Outcome, Setup, run},
};

/// The classes of headers that are measured.
pub(crate) const CLASSES: [Headers; 3] = [Headers::Exact, Headers::Seconds, Headers::RetryAfter];

/// The same, and no word at all.
pub(crate) const ALL: [Headers; 4] = [
    Headers::Exact,
    Headers::Seconds,
    Headers::RetryAfter,
    Headers::None,
];

pub(crate) const SEEDS: u64 = 5;
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// 600 a minute, in all its forms.
pub(crate) const KINDS: [(&str, Kind); 5] = [
    (
        "bucket-10",
        Kind::Bucket {
            rate: 10.0,
            cap: 10.0,
        },
    ),
    (
        "bucket-600",
        Kind::Bucket {
            rate: 10.0,
            cap: 600.0,
        },
    ),
    (
        "fixed",
        Kind::Fixed {
            limit: 600,
            period: 60,
            into: 0,
        },
    ),
    (
        "fixed-37",
        Kind::Fixed {
            limit: 600,
            period: 60,
            into: 37,
        },
    ),
    (
        "sliding",
        Kind::Sliding {
            limit: 600,
            period: 60,
        },
    ),
];

/// The shortest time in which `n` calls can be served, in seconds, the answer of the last counted in.
pub(crate) fn optimum(kind: Kind, n: u64, head: f64) -> f64 {
    match kind {
        Kind::Bucket { rate, cap } => (n as f64 - cap) / rate + head,
        Kind::Fixed {
            limit,
            period,
            into,
        } => ((n.div_ceil(limit) - 1) * period - if n > limit { into } else { 0 }) as f64 + head,
        Kind::Sliding { limit, period } => ((n.div_ceil(limit) - 1) * period) as f64 + head,
    }
}

pub(crate) fn burst(n: usize, kind: Kind, headers: Headers) -> Setup {
    Setup {
        provider: Provider::one(kind, headers),
        limits: Vec::new(),
        clients: vec![vec![Call::at(0); n]],
        head: SECOND,
        token: 0,
        others: Vec::new(),
        lies: false,
    }
}

/// The limit as somebody who knows everything about it would state it.
pub(crate) fn told(kind: Kind) -> Limit {
    let limit = Limit::requests(600, MINUTE);
    match kind {
        Kind::Bucket { cap, .. } => limit.bucket(cap as u64),
        Kind::Fixed { .. } => limit.fixed(),
        Kind::Sliding { .. } => limit.sliding(),
    }
}

/// As many rejections as `n` calls may meet, where a limit is looked for.
pub(crate) const fn few(n: usize) -> usize {
    24 + n / 50
}

/// The worst of the seeds.
pub(crate) struct Worst {
    pub(crate) ratio: f64,
    pub(crate) rejected: usize,
    pub(crate) lost: usize,
    pub(crate) peak: usize,
    pub(crate) others: f64,
}

pub(crate) fn worst(optimum: f64, setup: impl Fn(u64) -> Setup) -> Worst {
    let mut worst = Worst::default();
    for seed in 1..=SEEDS {
        worst.add(&run(setup(seed), seed), optimum);
    }
    worst
}

impl Default for Worst {
    fn default() -> Self {
        Self {
            ratio: 0.0,
            rejected: 0,
            lost: 0,
            peak: 0,
            others: 1.0,
        }
    }
}

impl Worst {
    pub(crate) fn add(&mut self, outcome: &Outcome, optimum: f64) {
        self.ratio = self.ratio.max(outcome.makespan / optimum);
        self.rejected = self.rejected.max(outcome.rejected);
        self.lost = self.lost.max(outcome.lost());
        self.peak = self.peak.max(outcome.peak_100ms);
        if outcome.others_sent > 0 {
            let served = outcome.others_served as f64 / outcome.others_sent as f64;
            self.others = self.others.min(served);
        }
    }

    /// Prints a row of the table and holds it against what is to be reached.
    pub(crate) fn expect(
        &self,
        label: &str,
        kind: &str,
        headers: Headers,
        ratio: f64,
        rejected: usize,
    ) {
        let name = headers.name();
        let Self {
            ratio: r,
            rejected: n,
            lost,
            peak,
            others,
        } = *self;
        println!(
            "\n{label:4} {kind:11} {name:8} R {r:6.3} <= {ratio:5.3}  429s {n:4} <= {rejected:4}  \
             peak {peak:4}  others {others:.3}"
        );
        if std::env::var_os("TABLE").is_some() {
            // The whole table, whatever it says.
            return;
        }
        assert_eq!(lost, 0, "{label} {kind} {name}");
        assert!(r <= ratio, "{label} {kind} {name}: R {r:.4}");
        assert!(n <= rejected, "{label} {kind} {name}: {n} 429s");
    }
}

/// Requests and tokens together: prompts counted on arrival, answers when they are complete.
pub(crate) fn joint(seed: u64, headers: Headers, limits: Vec<Limit>) -> (Setup, f64) {
    let random = Random::seeded(1_000 + seed);
    let mut total = 0;
    let calls = (0..600).map(|_| {
        let input = 200 + (random.unit() * 1_800.0) as u64;
        // Log-normal with a mean of 250 and a standard deviation as large: Box-Muller.
        let (u, v) = (1.0 - random.unit(), random.unit());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        let sigma = 2_f64.ln().sqrt();
        let output = ((250_f64.ln() - sigma * sigma / 2.0) + sigma * normal).exp();
        let output = (output as u64).clamp(1, 1_000);
        total += input + output;
        Call {
            arrival: 0,
            take: Take { input, output },
            most: 1_000,
        }
    });
    let calls: Vec<Call> = calls.collect();
    let mut setup = burst(0, KINDS[1].1, headers);
    let tokens = Kind::Bucket {
        rate: 1_500.0,
        cap: 90_000.0,
    };
    setup
        .provider
        .shown
        .push((LimitKind::Tokens, Counter::new(tokens)));
    setup.clients = vec![calls];
    setup.token = SECOND / 100;
    setup.limits = limits;
    (setup, (total as f64 - 90_000.0) / 1_500.0)
}
