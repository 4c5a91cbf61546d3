//! The scenarios, and what is reached in each.

use std::time::Duration;

use tollgate_limit::Limit;

use crate::{
    provider::{Headers, Kind, Provider, SECOND},
    world::{Call, Outcome, Setup, run},
};

const SEEDS: u64 = 5;
const MINUTE: Duration = Duration::from_secs(60);

/// 600 a minute, in all its forms.
pub(crate) const KINDS: [(&str, Kind); 5] = [
    ("bucket-10", Kind::Bucket { rate: 10.0, cap: 10.0 }),
    ("bucket-600", Kind::Bucket { rate: 10.0, cap: 600.0 }),
    ("fixed", Kind::Fixed { limit: 600, period: 60, into: 0 }),
    ("fixed-37", Kind::Fixed { limit: 600, period: 60, into: 37 }),
    ("sliding", Kind::Sliding { limit: 600, period: 60 }),
];

/// The shortest time in which `n` calls can be served, in seconds, the answer of the last counted in.
pub(crate) fn optimum(kind: Kind, n: u64, head: f64) -> f64 {
    match kind {
        Kind::Bucket { rate, cap } => (n as f64 - cap) / rate + head,
        Kind::Fixed { limit, period, into } => {
            ((n.div_ceil(limit) - 1) * period - if n > limit { into } else { 0 }) as f64 + head
        }
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

/// The worst of the seeds.
pub(crate) struct Worst {
    pub(crate) ratio: f64,
    pub(crate) wasted: f64,
    pub(crate) lost: usize,
    pub(crate) peak: usize,
    pub(crate) others: f64,
}

pub(crate) fn worst(optimum: f64, setup: impl Fn(u64) -> Setup) -> Worst {
    let all: Vec<Outcome> = (1..=SEEDS).map(|seed| run(setup(seed), seed)).collect();
    let most = |of: &dyn Fn(&Outcome) -> f64| all.iter().map(of).fold(0.0, f64::max);
    Worst {
        ratio: most(&|o| o.makespan / optimum),
        wasted: most(&Outcome::wasted),
        lost: all.iter().map(Outcome::lost).max().unwrap_or(0),
        peak: all.iter().map(|o| o.peak_100ms).max().unwrap_or(0),
        others: 1.0 - most(&|o| 1.0 - o.others_served as f64 / o.others_sent.max(1) as f64),
    }
}

pub(crate) fn row(label: &str, kind: &str, headers: Headers, worst: &Worst) {
    println!(
        "{label:4} {kind:12} {:8} R {:6.3}  W {:.4}  lost {:4}  peak {:4}  others {:.3}",
        headers.name(),
        worst.ratio,
        worst.wasted,
        worst.lost,
        worst.peak,
        worst.others
    );
}

const CLASSES: [Headers; 3] = [Headers::Exact, Headers::Seconds, Headers::RetryAfter];

#[test]
fn configured() {
    for (name, kind) in KINDS {
        for headers in CLASSES {
            let worst = worst(optimum(kind, 1_750, 1.0), |_| Setup {
                limits: vec![told(kind)],
                ..burst(1_750, kind, headers)
            });
            row("1k", name, headers, &worst);
        }
    }
}

#[test]
fn unknown() {
    for (name, kind) in KINDS {
        for headers in CLASSES {
            let worst = worst(optimum(kind, 1_750, 1.0), |_| burst(1_750, kind, headers));
            row("1", name, headers, &worst);
        }
    }
}
