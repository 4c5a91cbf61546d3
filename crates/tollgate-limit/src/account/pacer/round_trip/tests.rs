//! What is taken for a round trip.

use super::*;

fn after(measured: &[Seconds]) -> RoundTrip {
    let mut trip = RoundTrip::default();
    measured.iter().for_each(|took| trip.measure(*took));
    trip
}

#[test]
fn until_one_is_measured_it_is_the_usual_one() {
    let trip = after(&[]);
    assert_eq!(
        (trip.quiet(), trip.slow(), trip.disorder()),
        (0.05, 0.06, 0.06)
    );
}

/// A silence must be as long as a rejection is under way.
#[test]
fn a_silence_is_a_little_longer_than_a_rejection_takes() {
    for took in [0.03, 0.06, 0.15, 0.25] {
        let trip = after(&[took]);
        assert!((trip.quiet() - took - 0.01).abs() < 1e-9, "{took}");
        assert!((trip.usual() - 0.8 * took).abs() < 1e-9, "{took}");
    }
}

#[test]
fn no_silence_is_longer_than_300_milliseconds() {
    for took in [0.3, 1.0, 100.0, f64::MAX] {
        let trip = after(&[took]);
        assert_eq!(trip.quiet(), 0.3, "{took}");
        assert!(trip.usual() <= 0.3 && trip.disorder() <= 2.0, "{took}");
    }
    // Nor shorter than one may be under way.
    assert!((after(&[0.0]).quiet() - 0.03).abs() < 1e-9);
}

#[test]
fn the_slowest_of_late_counts() {
    assert!((after(&[0.05, 0.2, 0.05]).slow() - 0.185).abs() < 1e-9);
    assert_eq!(after(&[0.2, 0.05, 0.25]).slow(), 0.25);
    let quicker: Vec<_> = [0.25].into_iter().chain([0.05; 50]).collect();
    assert!((after(&quicker).slow() - 0.05).abs() < 2e-3);
    // Calls overtake each other by no less than is usual.
    assert_eq!(after(&quicker).disorder(), 0.06);
}
