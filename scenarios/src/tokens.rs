//! Calls with tokens: long prompts, and answers whose length nobody knows beforehand.

use std::time::Duration;

use tollgate_core::{Cost, Random, Usage};
use tollgate_limit::Limit;
use tollgate_test::{Kind, Quota};

use super::model::MINUTE;

const A_MINUTE: u64 = 90_000;

/// The longest answer that a call allows.
pub(crate) const MOST: u64 = 1_000;

/// The limit as the provider enforces it.
pub(crate) fn quota() -> Quota {
    Quota::bucket(Kind::Tokens, A_MINUTE, MINUTE, A_MINUTE)
}

/// The limit as it is told.
pub(crate) fn limit() -> Limit {
    Limit::tokens(A_MINUTE, MINUTE).bucket(A_MINUTE)
}

/// What each of `n` calls takes: prompts of 200 to 2000 tokens, answers that are log-normal with a
/// mean of 250 and as much deviation.
pub(crate) fn usages(n: usize, seed: u64) -> Vec<Usage> {
    let random = Random::seeded(seed ^ 0x746f_6b65_6e73);
    let usage = |_| {
        let input = 200 + (random.unit() * 1_801.0) as u64;
        // Box-Muller.
        let (u, v) = (1.0 - random.unit(), random.unit());
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        let variance = 2_f64.ln();
        let output = (250_f64.ln() - variance / 2.0 + variance.sqrt() * normal).exp();
        Usage::new(input, (output as u64).clamp(1, MOST))
    };
    (0..n).map(usage).collect()
}

/// What a call reserves: its prompt, and the longest answer.
pub(crate) fn reserved(usage: &Usage) -> Cost {
    let cost = Cost::default().with_input_tokens(usage.input());
    cost.with_output_tokens(MOST)
}

/// The time before which the tokens of `n` calls can not all be taken.
pub(crate) fn optimum(n: u64, seed: u64) -> Duration {
    let all = usages(usize::try_from(n).unwrap_or(usize::MAX), seed);
    let total: u64 = all.iter().map(|it| it.input() + it.output()).sum();
    MINUTE.mul_f64(total.saturating_sub(A_MINUTE) as f64 / A_MINUTE as f64)
}
