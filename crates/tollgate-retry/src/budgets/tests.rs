//! Entries come, vanish when full again, and are never forgotten while depleted.

use super::*;

const S: Duration = Duration::from_secs(1);

fn host(name: impl std::fmt::Display) -> Arc<str> {
    format!("{name}").into()
}

#[test]
fn a_success_on_a_host_without_an_entry_leaves_no_trace() {
    let (budgets, now) = (Budgets::new(Budget::new()), Instant::now());
    budgets.deposit("a", now);
    assert!(budgets.all_full() && budgets.lock().hosts.is_empty());
}

#[test]
fn a_free_retry_leaves_no_trace() {
    let (budgets, now) = (Budgets::new(Budget::new()), Instant::now());
    assert!(budgets.withdraw(&host("a"), 0.0, now));
    assert!(budgets.all_full());
}

#[test]
fn hosts_do_not_share_their_buckets() {
    let (budgets, now) = (Budgets::new(Budget::new().with_size(2.0)), Instant::now());
    let paid = (0..9).filter(|_| budgets.withdraw(&host("a"), 1.0, now));
    assert_eq!(paid.count(), 2);
    assert!(budgets.withdraw(&host("b"), 1.0, now));
    assert!(budgets.left("a", now) < 0.01 && budgets.left("c", now) > 1.99);
    assert_eq!(budgets.snapshot(now).len(), 2);
}

#[test]
fn an_entry_vanishes_when_successes_have_filled_it() {
    let (budgets, now) = (Budgets::new(Budget::new()), Instant::now());
    assert!(budgets.withdraw(&host("a"), 1.0, now));
    for _ in 0..10 {
        assert!(!budgets.all_full());
        budgets.deposit("a", now);
    }
    assert!(budgets.all_full());
}

#[test]
fn entries_vanish_when_time_has_filled_them() {
    let (budgets, start) = (Budgets::new(Budget::new()), Instant::now());
    for i in 0..100 {
        assert!(budgets.withdraw(&host(i), 1.0, start));
    }
    assert!(budgets.withdraw(&host("new"), 1.0, start + 10 * S));
    assert_eq!(budgets.lock().hosts.len(), 1);
}

#[test]
fn a_depleted_bucket_is_never_evicted() {
    let rules = Budget::new().with_size(1.0).with_hosts(3);
    let (budgets, now) = (Budgets::new(rules), Instant::now());
    for i in 0..3 {
        assert!(budgets.withdraw(&host(i), 1.0, now));
    }
    // The fourth and fifth share what is left for all others.
    assert!(budgets.withdraw(&host("fourth"), 1.0, now));
    assert!(!budgets.withdraw(&host("fifth"), 1.0, now));
    assert!(budgets.left("sixth", now) < 0.01);
    for i in 0..3 {
        assert!(!budgets.withdraw(&host(i), 1.0, now), "{i} was forgotten");
    }
    assert_eq!(budgets.lock().hosts.len(), 3);
    // Time makes room.
    assert!(budgets.withdraw(&host("fifth"), 1.0, now + 10 * S));
    assert_eq!(budgets.lock().hosts.len(), 1);
}
