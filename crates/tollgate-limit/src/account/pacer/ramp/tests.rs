//! Some at once, a silence, then ever more.

use super::*;

const QUIET: Seconds = 0.05;
const START: Seconds = 1_000.0;

/// When each of `n` calls goes that all wait from the start, at this many a second after the first silence.
fn goes(ramp: &mut Ramp, n: usize, rate: impl Fn(&Ramp) -> f64) -> Vec<Seconds> {
    let (mut now, mut sent) = (START, Vec::new());
    while sent.len() < n {
        if now >= ramp.hold && ramp.is_at_barrier() {
            ramp.restart(now, QUIET);
        }
        let next = match ramp.first(now, QUIET) {
            Some(next) => next,
            None => {
                let rate = rate(ramp);
                ramp.step(now, rate)
            }
        };
        match next {
            Ok(()) => {
                ramp.sent += 1.0;
                sent.push(now);
            }
            Err(at) => {
                assert!(at > now, "{at} is not later than {now}");
                now = at;
            }
        }
    }
    sent
}

fn opened(n: f64, barrier: Option<f64>) -> Ramp {
    let mut ramp = Ramp::default();
    ramp.open(START, n, barrier);
    ramp
}

#[test]
fn some_go_at_once_and_then_there_is_a_silence() {
    let sent = goes(&mut opened(FIRST, None), 30, |_| 100.0);
    assert_eq!(sent[..6], [START; 6]);
    // The first after the silence comes one interval after it, and the others follow.
    for (nth, at) in sent[6..].iter().enumerate() {
        let due = START + QUIET + 0.01 * (nth + 1) as f64;
        assert!((at - due).abs() < 2e-3, "call {nth}: {at} and not {due}");
    }
}

#[test]
fn the_more_went_the_more_go() {
    let grown = |ramp: &Ramp| ramp.sent.max(1.0) / 0.04;
    let sent = goes(&mut opened(FIRST, None), 2_000, grown);
    // By a factor of e in each 40 ms: e^5 are 150.
    let by = |after: Seconds| {
        sent.iter()
            .filter(|at| **at <= START + QUIET + after)
            .count()
    };
    assert!((10..30).contains(&by(0.04)), "{}", by(0.04));
    assert!((500..1_300).contains(&by(0.2)), "{}", by(0.2));
}

/// It does not stop there: one asks after a silence, and if no rejection comes the others follow.
#[test]
fn at_a_barrier_it_starts_again_with_one() {
    let mut ramp = opened(FIRST, Some(10.0));
    let sent = goes(&mut ramp, 40, |_| 100.0);
    let before = sent[9];
    assert!(sent[10] >= before + QUIET, "a silence");
    assert!(sent[11] >= sent[10] + QUIET, "and another one");
    assert!(
        sent[39] <= before + 2.0 * QUIET + 0.32,
        "then on: {}",
        sent[39] - before
    );
    assert!(ramp.is_beyond && ramp.barrier.is_none());
    assert_eq!(ramp.opened, START, "what went counts from the opening");
    let silence = before + QUIET;
    assert_eq!(
        ramp.growing, silence,
        "it grows from the end of the silence"
    );
}

#[test]
fn a_barrier_of_one_or_none_is_one_too() {
    for barrier in [0.0, 1.0] {
        let sent = goes(&mut opened(1.0, Some(barrier)), 3, |_| 100.0);
        assert!(sent[1] >= sent[0] + QUIET || barrier == 0.0, "{sent:?}");
        assert!(sent[2] >= START + 2.0 * QUIET, "{sent:?}");
    }
}

/// Timers have milliseconds: at a high rate several go at once, and never many after a pause.
#[test]
fn what_was_not_used_is_not_saved_up() {
    let mut ramp = opened(FIRST, None);
    goes(&mut ramp, 7, |_| 1_000.0);
    let mut go = |now: Seconds, rate: f64| {
        (0..1_000)
            .take_while(|_| ramp.step(now, rate).is_ok())
            .count()
    };
    assert_eq!(go(START + 100.0, 1_000.0), 6);
    assert_eq!(go(START + 200.0, 10_000.0), 20);
    assert_eq!(go(START + 200.001, 10_000.0), 10);
    // Time that runs backwards stands still.
    assert_eq!(go(START, 10_000.0), 0);
}
