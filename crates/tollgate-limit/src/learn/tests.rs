//! What answers prove.

use super::*;

/// Answers of a bucket of 600 that refills 10 a second; its resets are off by this part, up and down.
fn bucket(off: f64) -> Evidence {
    let mut evidence = Evidence::default();
    for n in 1..=20 {
        let used = n * 25;
        let sign = if n % 2 == 0 { 1.0 } else { -1.0 };
        let reset = used as f64 / 10.0 * (1.0 + sign * off);
        let sent = n * SECOND;
        evidence.add(&Reading {
            limit: 600,
            remaining: 600 - used,
            reset: Some((reset * SECOND as f64) as Time / MS * MS + MS),
            sent,
            received: sent + SECOND,
        });
    }
    evidence
}

#[test]
fn a_bucket_whose_clock_trembles_is_one() {
    for off in [0.0, 0.01] {
        let proven = bucket(off).proven();
        assert_eq!(proven, Some(Kind::Bucket { rate: 10.0 }), "{off}");
    }
    // Five per cent are no trembling.
    assert_eq!(bucket(0.05).agreed_rate(), None);
}
