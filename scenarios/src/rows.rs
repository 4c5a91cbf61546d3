//! All rows of the table.

use std::time::Duration;

use tollgate_test::Headers;

use super::{
    case::Case,
    grid::{CLASSES, all, some, told_something},
    model::Model,
    twist::{Told, Twist},
};

/// The rows, in the order in which they are shown.
pub(crate) fn rows() -> Vec<Case> {
    use Model::{Bucket10, Bucket600, Fast100, Fixed, Sliding};
    let told = Told::Limits;
    let (ten, tokens) = (Duration::from_secs(10), Twist::Tokens);
    let fleet = |told| {
        move |case| Case {
            calls: 1_800,
            processes: 4,
            told,
            ..case
        }
    };
    let joint = |told| {
        move |case| Case {
            calls: 600,
            twist: tokens,
            told,
            ..case
        }
    };
    let neighbours = |case| Case {
        calls: 3_000,
        twist: Twist::Neighbours,
        ..case
    };
    let overload = |case| Case {
        calls: 9_000,
        every: Duration::from_secs(1) / 15,
        max_wait: Duration::from_secs(30),
        ..case
    };
    let slow = |case| Case {
        calls: 600,
        every: Duration::from_millis(500),
        max_wait: Duration::from_secs(30),
        twist: Twist::Slow,
        ..case
    };
    let twist = |twist| move |case| Case { twist, ..case };
    let herd = |case| Case {
        calls: 5_000,
        ..case
    };
    [
        all("1", |case| case),
        all("1k", |case| Case { told, ..case }),
        told_something("1s", |case| Case {
            latency: ten,
            ..case
        }),
        some("2", &[Bucket600], &CLASSES, joint(Told::Limits)),
        some("2u", &[Bucket600], &CLASSES, joint(Told::Nothing)),
        some("3", &Model::ALL, &[Headers::Exact], overload),
        some(
            "4",
            &[Bucket10, Bucket600, Fixed, Sliding],
            &[Headers::Exact],
            neighbours,
        ),
        told_something("4k", fleet(Told::Limits)),
        told_something("4u", fleet(Told::Nothing)),
        some(
            "7",
            &Model::ALL,
            &[Headers::RetryAfter],
            twist(Twist::LyingRetryAfter),
        ),
        some(
            "7h",
            &[Bucket10],
            &[Headers::Exact, Headers::Seconds],
            twist(Twist::LyingHeaders),
        ),
        vec![Case {
            twist: Twist::Overstated,
            ..Case::burst("7h", Fast100, Headers::Exact)
        }],
        some("8", &[Fixed], &CLASSES, herd),
        some("9", &[Bucket600], &[Headers::Exact], slow),
    ]
    .concat()
}
