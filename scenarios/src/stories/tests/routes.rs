//! Targets that hang, are healthy, or say when to come back.

use super::*;

#[test]
fn a_first_provider_that_hangs_is_left_and_a_healthy_one_is_not() {
    for (story, least, sent) in [
        (Story::Hung, 1.0, 12),
        (Story::Impatient, 39.0 / 40.0, 12),
        // All are out before anything is known.
        (Story::HungCrowd, 1.0, 100),
    ] {
        let outcome = play(story, Client::Tollgate, 1);
        assert!(outcome.success >= least, "{story:?}: {}", outcome.success);
        let to_first = number(&outcome.extra, "sent_to_first");
        assert!(to_first <= sent, "{story:?}: {to_first}");
    }
    let outcome = play(Story::Order, Client::Tollgate, 1);
    let first = number(&outcome.extra, "served_by_first_permille");
    assert!(first >= 950 && outcome.success >= 1.0, "{first}");
}

#[test]
fn the_soonest_is_waited_for() {
    for seed in 1..=4 {
        let outcome = play(Story::Soonest, Client::Tollgate, seed);
        let after = number(&outcome.extra, "after_the_soonest_ms");
        assert!(outcome.success >= 1.0 && after <= 3_000, "{after}");
    }
}

#[test]
fn an_outage_below_a_queue_is_heard_of_at_once() {
    let outcome = play(Story::Dead, Client::Tollgate, 1);
    assert!(number(&outcome.extra, "reached") < 50);
    assert!(number(&outcome.extra, "told_after_opening_ms") <= 1_000);
}
