//! What was sent lately, against a plain list.

use proptest::prelude::*;

use super::*;

proptest! {
    /// The most is never less than what was sent, and the least never more.
    #[test]
    fn bounds_hold(
        sends in prop::collection::vec((0_u64..40, 1_u64..9, any::<bool>()), 1..300),
        from in 0_u64..4_000,
    ) {
        let mut history = History::new();
        let mut all = Vec::new();
        let mut now = 0;
        for (gap, n, kept) in sends {
            now += gap * MS / 3;
            history.send(n, now);
            if kept {
                all.push((now, n));
            } else {
                history.correct(n, 0, now);
            }
        }
        let from = from * MS;
        let sum = |after: Time| all.iter().filter(|e| e.0 > after).map(|e| e.1).sum::<u64>();
        prop_assert!(history.most_after(from) >= sum(from));
        prop_assert!(history.least_after(from) <= sum(from));
        prop_assert!(history.most_after(from) <= sum(from.saturating_sub(MS)));
        prop_assert_eq!(history.after(0).map(|e| e.1).sum::<u64>() , sum(0));
    }
}

#[test]
fn it_is_bounded_and_keeps_the_sum_of_what_is_recent() {
    let mut history = History::new();
    for i in 1..300_000_u64 {
        history.send(1, i * 10 * MS);
    }
    assert!(history.slots.len() <= SLOTS);
    let minute = 60_000 * MS;
    let last = history.most_after(299_999 * 10 * MS - minute);
    assert!((6_000..6_100).contains(&last), "{last}");
}
