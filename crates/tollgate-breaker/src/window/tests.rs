//! The window against a list of everything that was ever counted.

use proptest::prelude::*;

use super::*;

/// Keeps the whole history, and looks through all of it.
#[derive(Debug, Default)]
struct Model {
    all: Vec<(u64, Counts)>,
    latest: u64,
}

impl Model {
    fn sum(&self, buckets: u64) -> Counts {
        let mut sum = Counts::default();
        let inside = self
            .all
            .iter()
            .filter(|(tick, _)| self.latest - tick < buckets);
        inside.for_each(|(_, counts)| sum.add(*counts));
        sum
    }
}

#[derive(Debug, Clone)]
enum Step {
    Record { failed: bool, slow: bool },
    TakeBack { which: prop::sample::Index },
    Look,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), any::<bool>()).prop_map(|(failed, slow)| Step::Record { failed, slow }),
        1 => any::<prop::sample::Index>().prop_map(|which| Step::TakeBack { which }),
        1 => Just(Step::Look),
    ]
}

fn pause() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0..5u64, 3 => 5..40u64, 1 => 40..1_000u64]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn it_is_the_history_of_the_last_buckets(
        buckets in 1..12usize,
        length in 1..20u64,
        steps in prop::collection::vec((pause(), step()), 1..200),
    ) {
        let mut window = Window::new(buckets, length);
        let mut model = Model::default();
        let mut now = 0;
        for (pause, step) in steps {
            now += pause;
            model.latest = now / length;
            match step {
                Step::Record { failed, slow } => {
                    let counts = Counts::one(failed, slow);
                    let tick = window.record(counts, now);
                    prop_assert_eq!(tick, model.latest);
                    model.all.push((tick, counts));
                }
                Step::TakeBack { which } if !model.all.is_empty() => {
                    let (tick, counts) = model.all.swap_remove(which.index(model.all.len()));
                    window.take_back(counts, tick, now);
                }
                Step::TakeBack { .. } | Step::Look => {}
            }
            prop_assert_eq!(window.sum(now), model.sum(buckets as u64));
        }
    }
}

#[test]
fn a_clock_that_was_read_earlier_counts_in_the_newest_bucket() {
    let mut window = Window::new(3, 10);
    window.record(Counts::one(true, false), 100);
    assert_eq!(window.record(Counts::one(true, false), 5), 10);
    assert_eq!(window.sum(129).failures, 2);
    assert_eq!(window.sum(130).failures, 0);
}
