//! Settings that make no sense do not build, and the error names them.

use std::time::Duration;

use tollgate_core::Class;
use tollgate_retry::{Backoff, Budget, Builder, ConfigError, RetryLayer};

use crate::support::{ms, s};

const ZERO: Duration = Duration::ZERO;

fn field(builder: Builder) -> &'static str {
    builder
        .build()
        .as_ref()
        .map_err(ConfigError::field)
        .expect_err("must not build")
}

fn with_throttle(base: Duration, cap: Duration, attempts: u32) -> &'static str {
    field(RetryLayer::builder().throttle(Backoff::new(base, cap, attempts)))
}

fn with_jitter(fraction: f64, min: Duration, max: Duration) -> &'static str {
    field(RetryLayer::builder().hint_jitter(fraction, min, max))
}

fn with_budget(budget: Budget) -> &'static str {
    field(RetryLayer::builder().budget(budget))
}

#[test]
fn the_defaults_build() {
    assert!(RetryLayer::builder().build().is_ok());
    let edge = Backoff::new(ms(1), s(86_400), u32::MAX);
    assert!(
        RetryLayer::builder()
            .throttle(edge)
            .max_wait(s(86_400))
            .build()
            .is_ok()
    );
}

#[test]
fn bad_backoffs() {
    assert_eq!(with_throttle(ZERO, s(1), 2), "throttle.base");
    assert_eq!(with_throttle(s(1), ZERO, 2), "throttle.cap");
    assert_eq!(with_throttle(s(2), s(1), 2), "throttle.base");
    assert_eq!(with_throttle(s(1), Duration::MAX, 2), "throttle.cap");
    assert_eq!(with_throttle(s(1), s(2), 0), "throttle.attempts");
    let transient = Backoff::new(s(1), s(2), 0);
    assert_eq!(
        field(RetryLayer::builder().transient(transient)),
        "transient.attempts"
    );
}

#[test]
fn bad_waits() {
    assert_eq!(field(RetryLayer::builder().max_wait(ZERO)), "max_wait");
    assert_eq!(field(RetryLayer::builder().max_wait(s(86_401))), "max_wait");
    for fraction in [-0.1, f64::NAN, f64::INFINITY, 11.0] {
        assert_eq!(with_jitter(fraction, ms(1), s(1)), "hint_jitter.fraction");
    }
    assert_eq!(with_jitter(0.1, s(2), s(1)), "hint_jitter.min");
    assert_eq!(with_jitter(0.1, ZERO, ZERO), "hint_jitter.max");
}

#[test]
fn bad_budgets() {
    for size in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
        assert_eq!(with_budget(Budget::new().with_size(size)), "budget.size");
    }
    for tokens in [-0.1, f64::NAN, 101.0] {
        let budget = Budget::new();
        assert_eq!(with_budget(budget.with_deposit(tokens)), "budget.deposit");
        assert_eq!(
            with_budget(budget.with_transient_cost(tokens)),
            "budget.transient_cost"
        );
        assert_eq!(
            with_budget(budget.with_throttle_cost(tokens)),
            "budget.throttle_cost"
        );
        assert_eq!(
            with_budget(budget.with_hinted_cost(tokens)),
            "budget.hinted_cost"
        );
    }
    assert_eq!(
        with_budget(Budget::new().with_trickle(ZERO)),
        "budget.trickle"
    );
    assert_eq!(
        with_budget(Budget::new().with_trickle(Duration::MAX)),
        "budget.trickle"
    );
    assert_eq!(with_budget(Budget::new().with_hosts(0)), "budget.hosts");
}

#[test]
fn classes_that_waiting_does_not_help() {
    for class in [
        Class::Ok,
        Class::Auth,
        Class::InvalidRequest,
        Class::QuotaExhausted,
    ] {
        assert_eq!(
            field(RetryLayer::builder().on_classes([class])),
            "on_classes"
        );
    }
    assert!(RetryLayer::builder().on_classes([]).build().is_ok());
}

#[test]
fn an_error_reads_as_a_sentence() {
    let builder = RetryLayer::builder().throttle(Backoff::new(s(1), s(1), 0));
    let error = builder.build().expect_err("must not build");
    assert_eq!(error.to_string(), "throttle.attempts must be at least 1");
}
