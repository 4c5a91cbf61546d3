//! A measured pace, and what becomes of it.

use super::*;

const START: Seconds = 1_000.0;

/// When calls go that all wait, until so long after the start.
fn goes(flow: &mut Flow, time: Seconds) -> Vec<Seconds> {
    let (mut now, mut sent) = (START, Vec::new());
    while now < START + time {
        match flow.take(now) {
            Ok(()) => sent.push(now),
            Err(at) => {
                assert!(at > now, "{at} is not later than {now}");
                now = at;
            }
        }
    }
    sent
}

#[test]
fn it_goes_a_little_below_the_measured_pace() {
    for (rate, part) in [(50.0, 0.985), (10.0, 0.985), (2.0, 0.955), (0.5, 0.955)] {
        let mut flow = Flow::new(rate, 100.0, 1.0, START);
        let time = 10.0_f64.max(10.0 / rate);
        let sent = goes(&mut flow, time).len() as f64;
        let ideal = 1.0 + part * rate * time;
        assert!(
            (sent - ideal).abs() <= 2.0 + 0.04 * ideal,
            "{rate}: {sent} and not {ideal}"
        );
        assert!(sent <= rate * time + 1.0, "{rate}: {sent}");
    }
}

#[test]
fn it_grows_by_half_in_45_seconds_and_slow_ones_in_60_calls() {
    for (rate, grows) in [(10.0, 45.0), (2.0, 45.0), (0.5, 120.0)] {
        let flow = Flow::new(rate, 100.0, 1.0, START);
        let grown = (flow.pace(START + grows) - flow.pace(START)) / rate;
        assert!((grown - 1.0).abs() < 1e-9, "{rate}: {grown}");
        // Cubic: hardly at first.
        let soon = (flow.pace(START + grows / 4.0) - flow.pace(START)) / rate;
        assert!(soon < 0.02, "{rate}: {soon}");
    }
}

/// Few calls say little.
#[test]
fn a_pace_of_few_calls_grows_sooner() {
    let at = |calls| Flow::new(10.0, calls, 1.0, START).pace(START + 10.0);
    assert!(at(3.0) > 2.0 * at(30.0));
    assert!((at(30.0) - at(300.0)).abs() < 1e-9);
}

#[test]
fn it_is_over_after_90_seconds() {
    let flow = Flow::new(10.0, 100.0, 1.0, START);
    assert!(!flow.is_over(START + 90.0));
    assert!(flow.is_over(START + 90.1));
}

#[test]
fn the_room_of_a_pace_is_a_second_of_it() {
    let mut flow = Flow::new(10.0, 100.0, 500.0, START);
    let at_once = goes(&mut flow, 1e-6).len();
    assert_eq!(at_once, 10);
    // Nobody came for a while: no more than that is saved up.
    let late = (0..100)
        .take_while(|_| flow.take(START + 30.0).is_ok())
        .count();
    assert_eq!(late, 10);
    // Of a slow one a call.
    let mut slow = Flow::new(0.1, 100.0, 1.0, START);
    assert_eq!((0..100).take_while(|_| slow.take(START).is_ok()).count(), 1);
}

#[test]
fn calls_that_go_by_other_means_are_counted() {
    let mut flow = Flow::new(10.0, 100.0, 5.0, START);
    (0..4).for_each(|_| flow.spend(START));
    assert!(flow.take(START).is_ok());
    assert!(flow.take(START).is_err());
    // Their number is no debt.
    (0..1_000).for_each(|_| flow.spend(START));
    assert!(flow.take(START + 0.2).is_ok());
}

#[test]
fn the_wait_of_the_last_is_foretold() {
    let mut flow = Flow::new(10.0, 100.0, 1.0, START);
    assert_eq!(flow.wait(1.0, START), 0.0);
    let told = flow.wait(50.0, START);
    let nth = goes(&mut flow, 10.0)[49] - START;
    assert!((told - nth).abs() < 0.1, "{told} and not {nth}");
}
