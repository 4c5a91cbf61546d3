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

/// Resets that are times of day, where `late` tells how long after the count an answer is dated.
fn moments(late: Time) -> Evidence {
    let mut evidence = Evidence::default();
    for n in 1..=20 {
        let (used, sent) = (n * 25, n * 1_300 * MS);
        let full = (sent + used * SECOND / 10).next_multiple_of(SECOND);
        let dated = (sent + late) / SECOND * SECOND;
        evidence.add(&Reading {
            limit: 600,
            remaining: 600 - used,
            reset: Some(full - dated),
            sent,
            received: sent + late.max(100 * MS),
        });
    }
    evidence
}

#[test]
fn a_bucket_whose_resets_are_times_of_day_is_one() {
    for late in [0, 300, 900] {
        let evidence = moments(late * MS);
        assert!(late > 0 || evidence.rate.broken, "or it shows nothing");
        let proven = evidence.proven();
        assert_eq!(proven, Some(Kind::Bucket { rate: 10.0 }), "{late}");
    }
}

/// A window of a minute that is told so is none.
#[test]
fn a_window_whose_ends_are_times_of_day_is_no_bucket() {
    let mut evidence = Evidence::default();
    for used in 1..=600 {
        let sent = used * 17 * MS;
        let left = (60 * SECOND).saturating_sub(sent / SECOND * SECOND);
        evidence.add(&Reading {
            limit: 600,
            remaining: 600 - used,
            reset: Some(left),
            sent,
            received: sent + SECOND,
        });
        assert_eq!(evidence.agreed_rate(), None, "{used}");
    }
}
