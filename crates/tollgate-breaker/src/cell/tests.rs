//! Every order in which threads can meet at one breaker.

use loom::thread;

use super::*;
use crate::{State, config::Stated, state::View, time::SECOND};

const OK: Outcome = Outcome {
    failed: false,
    slow: false,
    told: 0,
    out: 0,
    broke: false,
    silent: false,
    took: 0,
};

const FAILED: Outcome = Outcome { failed: true, ..OK };

fn rules() -> Rules {
    Rules {
        consecutive: Some(2),
        failures: None,
        ..Stated::DEFAULT.rules()
    }
}

fn cell() -> Arc<Cell> {
    let target = Target::provider_only("host");
    Arc::new(Cell::new(target, &rules(), 0))
}

/// Comes to the gate; gives the place, if it was let in.
fn enter(cell: &Arc<Cell>, now: Nanos) -> Option<Slot> {
    let pass = match cell.pass() {
        Some(pass) => pass,
        None => cell.admit(&rules(), now).0.ok()?,
    };
    Some(Slot::new(cell.clone(), pass))
}

fn half_open() -> Arc<Cell> {
    let cell = cell();
    cell.change(|machine| machine.force_open(Some(SECOND), 0));
    cell
}

/// Runs these at the same time, and gives what came of each.
fn together<T: 'static>(cell: &Arc<Cell>, acts: [fn(&Arc<Cell>) -> T; 2]) -> Vec<T> {
    let threads = acts.map(|act| {
        let cell = cell.clone();
        thread::spawn(move || act(&cell))
    });
    let joined = threads.map(|thread| thread.join().expect("no panic"));
    joined.into()
}

#[test]
fn two_probes_never_go_out_where_one_may() {
    loom::model(|| {
        let cell = half_open();
        let slots = together(&cell, [|cell| enter(cell, SECOND); 2]);
        let in_flight = slots.iter().flatten().count();
        assert_eq!(in_flight, 1);
        drop(slots);
        assert_eq!(cell.lock().view(), View::HalfOpen { in_flight: 0 });
    });
}

#[test]
fn a_probe_that_is_dropped_while_another_comes_leaves_no_place_taken() {
    loom::model(|| {
        let cell = half_open();
        let come_and_go = |cell: &Arc<Cell>| drop(enter(cell, SECOND));
        together(&cell, [come_and_go; 2]);
        assert!(enter(&cell, SECOND).is_some());
    });
}

#[test]
fn it_opens_once_however_failures_meet() {
    loom::model(|| {
        let cell = cell();
        let fail = |cell: &Arc<Cell>| {
            let mut slot = enter(cell, 0)?;
            slot.settle(&rules(), FAILED, 0, || 0.0).1
        };
        let steps = together(&cell, [fail; 2]);
        assert_eq!(steps.iter().flatten().count(), 1, "{steps:?}");
        assert!(matches!(cell.lock().view(), View::Open { .. }));
    });
}

#[test]
fn a_result_that_meets_a_change_by_hand_does_not_undo_it() {
    loom::model(|| {
        let cell = half_open();
        let succeed = |cell: &Arc<Cell>| {
            if let Some(mut slot) = enter(cell, SECOND) {
                slot.settle(&rules(), OK, SECOND, || 0.0);
            }
        };
        let force = |cell: &Arc<Cell>| cell.change(|machine| machine.force_open(None, 0));
        together(&cell, [succeed, force]);
        assert_eq!(cell.lock().view(), View::Open { until: None });
    });
}

#[test]
fn of_two_changes_the_later_one_is_the_last_that_is_heard() {
    loom::model(|| {
        let cell = cell();
        let clock = Clock::new();
        let receiver = cell.subscribe(clock);
        let open = |cell: &Arc<Cell>| {
            cell.change(|machine| machine.force_open(None, 0));
            let status = Status::of(cell, Clock::new());
            // Here the other thread may be faster.
            drop(cell.lock());
            cell.publish(status);
        };
        let close = |cell: &Arc<Cell>| {
            cell.change(|machine| machine.force_closed(0));
            let status = Status::of(cell, Clock::new());
            // Here the other thread may be faster.
            drop(cell.lock());
            cell.publish(status);
        };
        together(&cell, [open, close]);
        let heard = receiver.borrow().clone();
        assert_eq!(heard.changes(), 2);
        let is_open = matches!(cell.lock().view(), View::Open { .. });
        assert_eq!(heard.state() != State::Closed, is_open);
    });
}
