//! The scenarios, and what is reached in each.

use std::time::Duration;

use tollgate_limit::Limit;

use crate::{
    provider::{Headers, Kind, Provider, SECOND},
    world::{Call, Outcome, Setup, run},
};

/// The classes of headers that are measured.
const CLASSES: [Headers; 3] = [Headers::Exact, Headers::Seconds, Headers::RetryAfter];

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
    println!();
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

/// R of 1 and the two extra round trips that learning takes, and 2 %.
#[test]
fn slow() {
    for (name, kind) in KINDS {
        for headers in CLASSES {
            let best = optimum(kind, 1_750, 10.0);
            let worst = worst(best, |_| Setup {
                head: 10 * SECOND,
                ..burst(1_750, kind, headers)
            });
            let best = optimum(kind, 1_750, 0.0);
            println!("target {:.3}", 1.02 + 20.0 / best);
            row("1s", name, headers, &worst);
        }
    }
}

#[test]
fn neighbours() {
    for (name, kind) in KINDS {
        if name == "fixed-37" { continue; }
        let worst = worst(others_optimum(kind), |_| Setup {
            others: vec![(2.5, 60 * SECOND, 300 * SECOND); 2],
            ..burst(3_000, kind, Headers::Exact)
        });
        row("4", name, Headers::Exact, &worst);
    }
}

/// What is left to us: 10/s alone, 5/s among neighbours from 60 s to 300 s.
fn others_optimum(kind: Kind) -> f64 {
    match kind {
        Kind::Bucket { cap, .. } => (3_000.0 - cap + 1_200.0) / 10.0 + 1.0,
        _ => 360.0 + 1.0,
    }
}

#[test]
fn fleet() {
    for told_share in [true, false] {
    for (name, kind) in KINDS {
        for headers in CLASSES {
            let worst = worst(optimum(kind, 1_800, 1.0), |_| Setup {
                limits: if told_share { vec![told(kind).share(0.25)] } else { vec![] },
                clients: vec![vec![Call::at(0); 450]; 4],
                ..burst(0, kind, headers)
            });
            row(if told_share { "4k" } else {"4u"}, name, headers, &worst);
        }
    }
    }
}

/// Requests and tokens together: prompts counted on arrival, answers when they are complete.
fn joint(seed: u64, headers: Headers, limits: Vec<Limit>) -> (Setup, f64) {
    use crate::provider::{Counter, Take};
    use tollgate_core::{LimitKind, Random};
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
    setup.provider.shown.push((LimitKind::Tokens, Counter::new(tokens)));
    setup.clients = vec![calls];
    setup.token = SECOND / 100;
    setup.limits = limits;
    (setup, (total as f64 - 90_000.0) / 1_500.0)
}

#[test]
fn tokens() {
    let told = || vec![
        Limit::requests(600, MINUTE).bucket(600),
        Limit::tokens(90_000, MINUTE).bucket(90_000),
    ];
    for known in [true, false] {
        for headers in CLASSES {
            let mut worst = Worst { ratio: 0.0, wasted: 0.0, lost: 0, peak: 0, others: 1.0 };
            for seed in 1..=SEEDS {
                let (setup, best) = joint(seed, headers, if known { told() } else { vec![] });
                let outcome = run(setup, seed);
                worst.ratio = worst.ratio.max(outcome.makespan / best);
                worst.wasted = worst.wasted.max(outcome.wasted());
                worst.lost = worst.lost.max(outcome.lost());
                worst.peak = worst.peak.max(outcome.peak_100ms);
            }
            row(if known { "2" } else { "2u" }, "two buckets", headers, &worst);
        }
    }
}

/// Retry-After lies.
#[test]
fn liars() {
    for (name, kind) in KINDS {
        let worst = worst(optimum(kind, 1_750, 1.0), |_| Setup {
            lies: true,
            ..burst(1_750, kind, Headers::RetryAfter)
        });
        row("7", name, Headers::RetryAfter, &worst);
    }
}

/// Headers say 600 a minute; in truth no more than 10 go at once.
#[test]
fn lying_headers() {
    for headers in CLASSES {
        let kind = KINDS[1].1;
        let worst = worst(optimum(KINDS[0].1, 1_750, 1.0), |_| {
            let mut setup = burst(1_750, kind, headers);
            setup.provider.hidden = Some(crate::provider::Counter::new(KINDS[0].1));
            setup
        });
        row("7h", "bucket-600", headers, &worst);
    }
}

/// 5,000 wait for a window that is used up.
#[test]
fn herd() {
    let kind = KINDS[2].1;
    for headers in CLASSES {
        let worst = worst(optimum(kind, 5_000, 1.0), |_| burst(5_000, kind, headers));
        row("8", "fixed", headers, &worst);
    }
}

#[test]
fn debug() {
    let which = std::env::var("WHICH").unwrap_or_default();
    let mut setup = match which.as_str() {
        "slide" => burst(1_750, KINDS[4].1, Headers::RetryAfter),
        "n600" => Setup {
            others: vec![(2.5, 60 * SECOND, 300 * SECOND); 2],
            ..burst(3_000, KINDS[1].1, Headers::Exact)
        },
        "nfix" => Setup {
            others: vec![(2.5, 60 * SECOND, 300 * SECOND); 2],
            ..burst(3_000, KINDS[2].1, Headers::Exact)
        },
        "nslide" => Setup {
            others: vec![(2.5, 60 * SECOND, 300 * SECOND); 2],
            ..burst(3_000, KINDS[4].1, Headers::Exact)
        },
        "fleet" => Setup {
            clients: vec![vec![Call::at(0); 450]; 4],
            ..burst(0, KINDS[2].1, Headers::Exact)
        },
        "fleet10" => Setup {
            clients: vec![vec![Call::at(0); 450]; 4],
            ..burst(0, KINDS[0].1, Headers::Exact)
        },
        "lie10" => Setup { lies: true, ..burst(1_750, KINDS[0].1, Headers::RetryAfter) },
        "lief" => Setup { lies: true, ..burst(1_750, KINDS[2].1, Headers::RetryAfter) },
        _ => return,
    };
    setup.token = 0;
    let seed = std::env::var("SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let outcome = run(setup, seed);
    let mut counts = std::collections::BTreeMap::<u64, (usize, usize)>::new();
    let step = std::env::var("STEP").ok().and_then(|s| s.parse().ok()).unwrap_or(1_000) * 1_000_000;
    for s in &outcome.sends { counts.entry(s / step).or_default().0 += 1; }
    for s in &outcome.rejections { counts.entry(s / step).or_default().1 += 1; }
    for (t, n) in counts { println!("D {:6.1} {n:?}", (t * step) as f64 / 1e9); }
}
