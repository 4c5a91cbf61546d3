//! The machine against a model that keeps the whole history, and the stories it must not tell.

mod model;
mod stories;

use proptest::{prelude::*, sample::Index};

use super::*;
use crate::rules::Share;
use model::{Call, Model};

/// One thing that happens.
#[derive(Debug, Clone)]
enum Input {
    Pause(Nanos),
    Admit,
    Settle {
        which: Index,
        outcome: Outcome,
    },
    Break {
        which: Index,
        slow: bool,
        breaks: u32,
    },
    Drop {
        which: Index,
    },
    ForceOpen(Option<Nanos>),
    ForceClosed,
    Reset,
}

fn outcome(ill: f64) -> impl Strategy<Value = Outcome> {
    let told = prop_oneof![4 => Just(0), 1 => 0..400u64];
    let (failed, slow) = (prop::bool::weighted(ill), prop::bool::weighted(0.1));
    let out = prop_oneof![4 => Just(0), 1 => 0..40u32];
    let (broke, took) = (prop::bool::weighted(0.3), 0..50u64);
    (failed, slow, told, out, broke, took).prop_map(|(failed, slow, told, out, broke, took)| {
        Outcome {
            failed,
            slow,
            told,
            out,
            broke: broke && failed,
            silent: false,
            took,
        }
    })
}

/// Busy: many calls in a short time, now and then a long pause. By hand: rarely.
fn input(ill: f64) -> impl Strategy<Value = Input> {
    let index = any::<Index>;
    prop_oneof![
        200 => Just(Input::Admit),
        160 => (index(), outcome(ill)).prop_map(|(which, outcome)| Input::Settle { which, outcome }),
        20 => (index(), any::<bool>(), 1..9u32)
            .prop_map(|(which, slow, breaks)| Input::Break { which, slow, breaks }),
        20 => index().prop_map(|which| Input::Drop { which }),
        100 => (0..12u64).prop_map(Input::Pause),
        20 => (12..200u64).prop_map(Input::Pause),
        3 => (200..3_000u64).prop_map(Input::Pause),
        1 => prop::option::of(0..300u64).prop_map(Input::ForceOpen),
        1 => Just(Input::ForceClosed),
        2 => Just(Input::Reset),
    ]
}

fn inputs() -> impl Strategy<Value = Vec<Input>> {
    // A provider that is well, half ill, or ill.
    let ill = prop_oneof![Just(0.05), Just(0.4), Just(0.9)];
    ill.prop_flat_map(|ill| prop::collection::vec(input(ill), 1..600))
}

prop_compose! {
    fn rules()(
        consecutive in prop::option::of(1..8u32),
        failures in prop::option::of((1..=1_000_000u32, 1..20u32)),
        slow in prop::option::of((1..=1_000_000u32, 1..20u32)),
        buckets in 1..12usize,
        bucket in 1..20u64,
        open in 1..60u64,
        times in 1..40u64,
        successes in 1..6u32,
        probe_timeout in 1..100u64,
    ) -> Rules {
        let share = |(millionths, calls)| Share { millionths, calls };
        Rules {
            consecutive,
            failures: failures.map(share),
            slow: slow.map(|it| (1, share(it))),
            buckets,
            bucket,
            open,
            open_max: open * times,
            successes,
            probe_timeout,
        }
    }
}

/// What became of a call that was let in, on both sides.
struct Both {
    pass: Pass,
    counted: Option<Counted>,
    call: Call,
}

/// The short way first, as the layer does it.
fn settle(
    machine: &mut Machine,
    rules: &Rules,
    both: &Both,
    outcome: Outcome,
    jitter: f64,
    now: Nanos,
) -> Option<Counted> {
    let plain = !outcome.failed && !outcome.slow;
    let counted = plain
        .then(|| machine.succeed(both.pass, outcome.took, now))
        .flatten();
    counted.or_else(|| machine.settle(rules, both.pass, outcome, now, || jitter).0)
}

fn broken(counted: Option<Counted>, slow: bool, breaks: u32) -> Broken {
    Broken {
        counted,
        slow,
        breaks,
    }
}

fn take<T>(from: &mut Vec<T>, which: &Index) -> Option<T> {
    (!from.is_empty()).then(|| from.swap_remove(which.index(from.len())))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_does_what_a_model_with_the_whole_history_does(
        rules in rules(),
        jitter in 0.0..1.0f64,
        inputs in inputs(),
    ) {
        let (mut machine, mut model) = (Machine::new(&rules, 0), Model::new(&rules));
        let (mut out, mut judged) = (Vec::new(), Vec::new());
        let mut now = 0;
        for input in inputs {
            match input {
                Input::Pause(time) => now += time,
                Input::Admit => {
                    let (answer, _) = machine.admit(&rules, now);
                    let expected = model.admit(now);
                    match (answer, expected) {
                        (Ok(pass), Ok(call)) => {
                            prop_assert_eq!(pass.is_probe(), call.is_probe());
                            out.push(Both { pass, counted: None, call });
                        }
                        (answer, expected) => {
                            prop_assert_eq!(answer.err(), expected.map(|_| ()).err());
                        }
                    }
                }
                Input::Settle { which, outcome } => {
                    if let Some(mut both) = take(&mut out, &which) {
                        both.counted = settle(&mut machine, &rules, &both, outcome, jitter, now);
                        model.settle(&mut both.call, outcome, jitter, now);
                        if !outcome.failed {
                            judged.push((both, outcome.slow));
                        }
                    }
                }
                Input::Break { which, slow, breaks } => {
                    // Of a success, or of an answer that did not count.
                    if let Some((both, slow)) = take(&mut judged, &which) {
                        machine.broke(&rules, both.pass, broken(both.counted, slow, breaks), now, || jitter);
                        model.broke(&both.call, slow, breaks, jitter, now);
                    } else if let Some(mut both) = take(&mut out, &which) {
                        machine.give_back(both.pass);
                        model.give_back(&mut both.call);
                        machine.broke(&rules, both.pass, broken(None, slow, breaks), now, || jitter);
                        model.broke(&both.call, slow, breaks, jitter, now);
                    }
                }
                Input::Drop { which } => {
                    if let Some(mut both) = take(&mut out, &which) {
                        machine.give_back(both.pass);
                        model.give_back(&mut both.call);
                    }
                }
                Input::ForceOpen(time) => {
                    let until = time.map(|time| now + time);
                    machine.force_open(until, now);
                    model.force_open(until, now);
                }
                Input::ForceClosed => {
                    machine.force_closed(now);
                    model.force_closed(now);
                }
                Input::Reset => {
                    machine.reset(now);
                    model.reset(now);
                }
            }
            prop_assert_eq!(model.view(), machine.view_of_phase(), "at {}", now);
            prop_assert_eq!(model.streak(), machine.streak());
            prop_assert_eq!(model.counts(now), machine.counts(now));
            prop_assert_eq!(model.ill(now), machine.ill(now));
        }
    }
}

impl Machine {
    /// The phase, without how many probes are out: the model finds that out another way.
    fn view_of_phase(&self) -> View {
        match self.view() {
            View::HalfOpen { .. } => View::HalfOpen { in_flight: 0 },
            view => view,
        }
    }
}
