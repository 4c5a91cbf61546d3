//! What a pace makes of what happens.

use super::*;

#[test]
fn a_pace_that_is_not_used_does_not_grow() {
    let mut pace = Pace::new(History::new(), SECOND);
    for n in 1..60 {
        let now = n * SECOND;
        pace.advance(now);
        pace.take(n, 1, now);
    }
    assert!(pace.rate <= 2.0 * START, "{}", pace.rate);
    // And one that is used does.
    let mut pace = Pace::new(History::new(), SECOND);
    for n in 1..60_000 {
        let now = SECOND + n * 10 * MS;
        pace.advance(now);
        pace.take(n, 1, now);
    }
    assert!(pace.rate >= 100.0, "{}", pace.rate);
}

#[test]
fn one_burst_is_no_rate() {
    for (apart, measured) in [(10 * MS, false), (2 * SECOND, true)] {
        let mut pace = Pace::new(History::new(), SECOND);
        let told = Some(Duration::from_secs(1));
        let (first, second) = (2 * SECOND, 2 * SECOND + apart);
        pace.reject(first, told, false, (first, first + SECOND));
        for n in 0..20 {
            pace.take(n, 1, first + apart * (n + 1) / 20);
        }
        pace.reject(second, told, false, (second, second + SECOND));
        assert_eq!(pace.measured().is_some(), measured, "{apart} ns apart");
    }
}
