//! What is forgotten, and what is not.

use loom::thread;
use tollgate_core::Target;

use super::*;
use crate::{cell::Slot, config::Stated, state::Outcome};

const FAILED: Outcome = Outcome {
    failed: true,
    slow: false,
    told: 0,
    out: 0,
    broke: false,
    silent: false,
    took: 0,
};

fn rules() -> Rules {
    Stated::DEFAULT.rules()
}

fn add(cells: &Cells, host: &str, now: Nanos) -> Option<Arc<Cell>> {
    cells.find_or_add(&Key::from(&Target::provider_only(host)), &rules(), now)
}

fn known(cells: &Cells, host: &str) -> bool {
    let target = Target::provider_only(host);
    cells.find(&Key::from(&target)).is_some()
}

fn settle(cell: Arc<Cell>, outcome: Outcome, now: Nanos) {
    let pass = cell.pass().expect("closed");
    Slot::new(cell, pass).settle(&rules(), outcome, now, || 0.0);
}

fn fill(cells: &Cells, hosts: usize, now: Nanos) {
    for host in 0..hosts {
        add(cells, &host.to_string(), now);
    }
}

/// Loom's locks work only inside of it.
fn alone(test: fn()) {
    loom::model(test);
}

#[test]
fn there_are_never_more_than_so_many() {
    alone(|| {
        let cells = Cells::new(3);
        for host in 0..20 {
            let now = host * SECOND;
            assert!(add(&cells, &host.to_string(), now).is_some());
            assert!(cells.all().len() <= 3);
        }
    });
}

#[test]
fn an_open_one_is_never_forgotten_while_it_is_open() {
    alone(|| {
        let cells = Cells::new(2);
        let open = add(&cells, "open", 0).expect("room");
        open.change(|machine| machine.force_open(Some(86_400 * SECOND), 0));
        let held = add(&cells, "held", 0).expect("room");
        held.change(|machine| machine.force_open(None, 0));
        drop((open, held));
        for now in [1, 3_600, 86_399] {
            assert!(add(&cells, "other", now * SECOND).is_none(), "no room");
            assert!(known(&cells, "open") && known(&cells, "held"));
        }
        // An hour after its end it has nothing left to protect.
        assert!(add(&cells, "other", (86_400 + 3_600) * SECOND).is_some());
        assert!(!known(&cells, "open") && known(&cells, "held"));
    });
}

#[test]
fn one_that_knows_of_failures_goes_later_than_one_that_knows_none() {
    alone(|| {
        let cells = Cells::new(3);
        settle(add(&cells, "ill", 0).expect("room"), FAILED, 0);
        fill(&cells, 2, 0);
        assert!(add(&cells, "new", SECOND).is_some());
        assert!(known(&cells, "ill") && !known(&cells, "0"));
        settle(add(&cells, "new", SECOND).expect("known"), FAILED, SECOND);
        settle(add(&cells, "more", SECOND).expect("room"), FAILED, SECOND);
        // All of them know of failures. The idle time is 30 s.
        assert!(add(&cells, "late", 29 * SECOND).is_none());
        assert!(add(&cells, "late", 30 * SECOND).is_some());
        assert!(!known(&cells, "ill") && known(&cells, "new"));
    });
}

#[test]
fn what_is_in_use_or_listened_to_stays() {
    alone(|| {
        let cells = Cells::new(2);
        let used = add(&cells, "used", 0);
        let heard = add(&cells, "heard", 0).expect("room");
        let receiver = heard.subscribe(crate::time::Clock::new());
        drop(heard);
        assert!(add(&cells, "other", SECOND).is_none());
        drop(used);
        assert!(add(&cells, "other", 2 * SECOND).is_some());
        assert!(known(&cells, "heard"));
        drop(receiver);
        assert!(add(&cells, "more", 3 * SECOND).is_some());
        assert!(!known(&cells, "heard"));
    });
}

#[test]
fn where_there_is_no_room_it_is_not_looked_for_at_every_call() {
    alone(|| {
        let cells = Cells::new(1);
        let used = add(&cells, "used", 0);
        assert!(add(&cells, "other", 0).is_none());
        drop(used);
        assert!(add(&cells, "other", SECOND - 1).is_none());
        assert!(add(&cells, "other", SECOND).is_some());
    });
}

#[test]
fn two_that_come_first_at_the_same_time_share_one() {
    loom::model(|| {
        let cells = Arc::new(Cells::new(1));
        let threads = [(); 2].map(|()| {
            let cells = cells.clone();
            thread::spawn(move || add(&cells, "host", 0).expect("room for one"))
        });
        let [a, b] = threads.map(|thread| thread.join().expect("no panic"));
        assert!(Arc::ptr_eq(&a, &b));
    });
}

/// A failure is counted while room is made for another: it is never counted by nobody.
#[test]
fn no_result_goes_to_a_breaker_that_was_just_forgotten() {
    loom::model(|| {
        let cells = Arc::new(Cells::new(1));
        drop(add(&cells, "ill", 0));
        let failing = {
            let cells = cells.clone();
            thread::spawn(move || {
                let cell = add(&cells, "ill", SECOND);
                cell.map(|cell| settle(cell, FAILED, SECOND)).is_some()
            })
        };
        let evicting = {
            let cells = cells.clone();
            thread::spawn(move || drop(add(&cells, "other", SECOND)))
        };
        evicting.join().expect("no panic");
        let counted = failing.join().expect("no panic");
        let failures: u32 = cells
            .all()
            .iter()
            .map(|cell| cell.lock().counts(SECOND).failures)
            .sum();
        assert_eq!(failures, u32::from(counted));
    });
}
