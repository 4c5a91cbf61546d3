//! Settings that make no sense do not build, and say which one it is.

use std::time::Duration;

use tollgate_breaker::{BreakerLayer, Builder};
use tollgate_core::Class;

use crate::support::{ms, s};

fn refused(change: impl FnOnce(Builder) -> Builder) -> &'static str {
    let built = change(BreakerLayer::builder()).build();
    built.expect_err("it makes no sense").field()
}

#[test]
fn a_setting_out_of_range_is_named() {
    assert_eq!(
        refused(|it| it.consecutive_failures(0)),
        "consecutive_failures"
    );
    for rate in [0.0, -0.5, 1.000_001, f64::NAN, f64::INFINITY] {
        assert_eq!(refused(|it| it.failure_rate(rate, 10)), "failure_rate.rate");
        let slow = refused(|it| it.slow_calls(s(1), rate, 10));
        assert_eq!(slow, "slow_calls.rate");
    }
    assert_eq!(refused(|it| it.failure_rate(0.5, 0)), "failure_rate.calls");
    assert_eq!(
        refused(|it| it.slow_calls(s(1), 0.5, 0)),
        "slow_calls.calls"
    );
    let day = s(86_400);
    for time in [Duration::ZERO, day + ms(1), Duration::MAX] {
        assert_eq!(refused(|it| it.slow_calls(time, 0.5, 1)), "slow_calls.over");
        assert_eq!(refused(|it| it.window(time, 10)), "window.length");
        assert_eq!(refused(|it| it.open_time(time, day)), "open_time.first");
        assert_eq!(refused(|it| it.open_time(s(1), time)), "open_time.most");
        assert_eq!(refused(|it| it.probe_timeout(time)), "probe_timeout");
    }
    assert_eq!(refused(|it| it.open_time(s(2), s(1))), "open_time.first");
    assert_eq!(refused(|it| it.window(s(30), 0)), "window.buckets");
    assert_eq!(refused(|it| it.window(s(30), 1_001)), "window.buckets");
    assert_eq!(refused(|it| it.window(ms(9), 10)), "window.length");
    assert_eq!(refused(|it| it.successes(0)), "successes");
    assert_eq!(refused(|it| it.successes(1_001)), "successes");
    assert_eq!(refused(|it| it.keys(0)), "keys");
    assert_eq!(refused(|it| it.on_classes([])), "trip_on");
    assert_eq!(refused(|it| it.trip_on(Class::Ok)), "trip_on");
    let nothing = refused(|it| it.no_consecutive_failures().no_failure_rate());
    assert_eq!(nothing, "conditions");
}

#[test]
fn what_is_just_in_range_builds() {
    let builder = BreakerLayer::builder()
        .consecutive_failures(1)
        .failure_rate(1.0, 1)
        .slow_calls(ms(1), 0.000_001, 1)
        .window(ms(10), 10)
        .open_time(s(1), s(1))
        .successes(1_000)
        .probe_timeout(s(86_400))
        .keys(1)
        .on_classes([])
        .judge(|_| None);
    builder.build().expect("it makes sense");
    let one = BreakerLayer::builder().no_failure_rate().build();
    one.expect("one condition is enough");
}
