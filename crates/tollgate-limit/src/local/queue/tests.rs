//! The queue against a list.

use std::task::Waker;

use proptest::{prelude::*, sample::Index};
use tollgate_core::{Cost, Priority};

use super::{Claim, Ended, Left, Queue, Refusal};
use crate::account::time::Time;

const CLASSES: [Priority; 3] = [Priority::High, Priority::Normal, Priority::Low];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Granted(u32),
    Refused,
    Parked,
}

#[derive(Debug, Clone)]
struct One {
    at: u32,
    priority: Priority,
    arrival: Time,
    ticket: usize,
    expires: Time,
    cost: u64,
    stage: Stage,
}

/// All places, in a plain list.
#[derive(Debug, Default)]
struct Model {
    all: Vec<One>,
    granted: Vec<(Time, u32)>,
    tickets: usize,
    grants: u32,
}

impl Model {
    fn waiting(&self) -> Vec<&One> {
        let mut waiting: Vec<_> = self
            .all
            .iter()
            .filter(|one| one.stage == Stage::Waiting)
            .collect();
        waiting.sort_by_key(|one| (one.priority, one.arrival, one.ticket));
        waiting
    }

    fn of(&mut self, at: u32) -> &mut One {
        self.all
            .iter_mut()
            .find(|one| one.at == at)
            .expect("it has a place")
    }

    fn gone(&mut self, at: u32) -> One {
        let nth = self
            .all
            .iter()
            .position(|one| one.at == at)
            .expect("it has a place");
        self.granted.retain(|(_, granted)| *granted != at);
        self.all.remove(nth)
    }
}

#[derive(Debug, Clone)]
enum Op {
    Enter(usize, Time, Time, u64),
    Grant,
    Expire(Time),
    TakeBack,
    Claim(Index),
    Leave(Index),
    RefuseAll,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        16 => (0..3_usize, 0..20_u64, 0..50_u64, 1..9_u64)
            .prop_map(|(class, arrival, expires, cost)| Op::Enter(class, arrival, expires, cost)),
        12 => Just(Op::Grant),
        4 => (0..50_u64).prop_map(Op::Expire),
        4 => Just(Op::TakeBack),
        8 => any::<Index>().prop_map(Op::Claim),
        8 => any::<Index>().prop_map(Op::Leave),
        1 => Just(Op::RefuseAll),
    ]
}

fn run(ops: Vec<Op>) {
    let (mut queue, mut model) = (Queue::new(), Model::default());
    for (now, op) in (0..).zip(ops) {
        step(&mut queue, &mut model, &op, now);
        compare(&mut queue, &model);
    }
}

fn step(queue: &mut Queue<u32>, model: &mut Model, op: &Op, now: Time) {
    let pick = |model: &Model, index: &Index| {
        (!model.all.is_empty()).then(|| model.all[index.index(model.all.len())].at)
    };
    match op {
        Op::Enter(class, arrival, expires, cost) => {
            let (priority, arrival) = (CLASSES[*class], *arrival);
            let at = queue.enter(
                priority,
                arrival,
                *expires,
                &Cost::default().with_requests(*cost),
            );
            model.tickets += 1;
            model.all.push(One {
                at,
                priority,
                arrival,
                ticket: model.tickets,
                expires: *expires,
                cost: *cost,
                stage: Stage::Waiting,
            });
        }
        Op::Grant => {
            let front = queue.front().map(|(at, _)| at);
            assert_eq!(front, model.waiting().first().map(|one| one.at));
            if let Some(at) = front {
                model.grants += 1;
                let grant = model.grants;
                queue.grant(at, grant, now);
                model.of(at).stage = Stage::Granted(grant);
                model.granted.push((now, at));
            }
        }
        Op::Expire(until) => {
            let found = queue.expired(*until);
            let waiting = model.waiting();
            let first = waiting
                .iter()
                .map(|one| one.expires)
                .filter(|end| end < until)
                .min();
            assert_eq!(found.is_some(), first.is_some());
            if let Some(at) = found {
                assert_eq!(Some(model.of(at).expires), first);
                queue.refuse(
                    at,
                    Refusal {
                        reason: None,
                        until: None,
                    },
                );
                model.of(at).stage = Stage::Refused;
            }
        }
        Op::TakeBack => {
            let oldest = model.granted.first().copied();
            assert_eq!(queue.oldest_grant(), oldest.map(|(made, _)| made));
            let back = queue.take_back();
            assert_eq!(back.is_some(), oldest.is_some());
            if let Some((_, at)) = oldest {
                assert_eq!(
                    model.of(at).stage,
                    Stage::Granted(back.expect("there is one"))
                );
                model.of(at).stage = Stage::Parked;
                model.granted.remove(0);
            }
        }
        Op::Claim(index) => {
            if let Some(at) = pick(model, index) {
                let stage = model.of(at).stage;
                match (queue.claim(at, Waker::noop()), stage) {
                    (Claim::Granted(grant), Stage::Granted(own)) if grant == own => {
                        model.gone(at);
                    }
                    (Claim::Refused(_), Stage::Refused) => {
                        model.gone(at);
                    }
                    (Claim::Waiting | Claim::Returned, Stage::Waiting) => {}
                    (Claim::Returned, Stage::Parked) => model.of(at).stage = Stage::Waiting,
                    wrong => panic!("{wrong:?}"),
                }
            }
        }
        Op::Leave(index) => {
            if let Some(at) = pick(model, index) {
                let first = model.waiting().first().is_some_and(|one| one.at == at);
                let expected = match model.gone(at).stage {
                    Stage::Granted(grant) => Left::Granted(grant),
                    Stage::Waiting => Left::Waiting { first },
                    _ => Left::Waiting { first: false },
                };
                assert_eq!(queue.leave(at), expected);
            }
        }
        Op::RefuseAll => {
            let refusal = Refusal {
                reason: None,
                until: None,
            };
            let mut back = refuse_all(queue, refusal);
            back.sort_unstable();
            let mut granted = Vec::new();
            for one in &mut model.all {
                if let Stage::Granted(grant) = one.stage {
                    granted.push(grant);
                }
                one.stage = Stage::Refused;
            }
            granted.sort_unstable();
            assert_eq!(back, granted);
            model.granted.clear();
        }
    }
}

/// Refuses all who have a place, one at a time; gives back their grants.
fn refuse_all<G>(queue: &mut Queue<G>, refusal: Refusal) -> Vec<G> {
    let mut grants = Vec::new();
    queue.end_all(refusal);
    loop {
        match queue.next_ended(1) {
            Ended::At(at) => grants.extend(queue.refuse_if_ended(at, &mut Vec::new())),
            Ended::More => {}
            Ended::Done => return grants,
        }
    }
}

fn compare(queue: &mut Queue<u32>, model: &Model) {
    let waiting = model.waiting();
    let order = queue.order.values().map(|at| {
        let waiter = &queue.waiters[*at as usize];
        (*at, waiter.cost.requests(), waiter.expires)
    });
    let order: Vec<_> = order.collect();
    let expected: Vec<_> = waiting
        .iter()
        .map(|one| (one.at, one.cost, one.expires))
        .collect();
    assert_eq!(order, expected);
    assert_eq!(
        (queue.len(), queue.places()),
        (waiting.len(), model.all.len())
    );
    assert_eq!(
        queue.next_expiry(),
        waiting.iter().map(|one| one.expires).min()
    );
    for priority in CLASSES {
        for arrival in [0, 7, 30] {
            let before = |one: &&&One| (one.priority, one.arrival) <= (priority, arrival);
            let sum: u64 = waiting.iter().filter(before).map(|one| one.cost).sum();
            assert_eq!(queue.before(priority, arrival).requests(), sum);
            assert_eq!(queue.is_first(priority, arrival), sum == 0);
        }
    }
}

proptest! {
    #[test]
    fn the_queue_is_a_list_sorted_by_class_arrival_and_number(ops in prop::collection::vec(op(), 0..120)) {
        run(ops);
    }
}

#[test]
fn a_waiter_that_comes_back_has_its_old_place() {
    let mut queue = Queue::new();
    let cost = Cost::default();
    let first = queue.enter(Priority::Normal, 1, 100, &cost);
    let second = queue.enter(Priority::Normal, 2, 100, &cost);
    queue.grant(first, 'a', 5);
    assert_eq!(queue.take_back(), Some('a'));
    assert_eq!(queue.front().map(|(at, _)| at), Some(second));
    assert!(matches!(queue.claim(first, Waker::noop()), Claim::Returned));
    assert_eq!(queue.front().map(|(at, _)| at), Some(first));
}

/// What somebody heard first stays so.
#[test]
fn whoever_was_refused_before_all_were_keeps_its_reason() {
    let mut queue = Queue::<char>::new();
    let late = queue.enter(Priority::Normal, 1, 100, &Cost::default());
    let waits = queue.enter(Priority::Normal, 2, 100, &Cost::default());
    let refusal = |reason| Refusal {
        reason,
        until: None,
    };
    queue.refuse(late, refusal(None));
    let open = Some(tollgate_core::Reason::CircuitOpen);
    assert!(refuse_all(&mut queue, refusal(open)).is_empty());
    for (at, reason) in [(late, None), (waits, open)] {
        match queue.claim(at, Waker::noop()) {
            Claim::Refused(refusal) => assert_eq!(refusal.reason, reason),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((queue.len(), queue.places()), (0, 0));
}

/// Whoever comes while they are told waits on, also at a place that one of them had.
#[test]
fn whoever_comes_after_the_end_of_all_waits_on() {
    let mut queue = Queue::<char>::new();
    let enter = |queue: &mut Queue<char>| queue.enter(Priority::Normal, 1, 100, &Cost::default());
    let crowd: Vec<_> = (0..10).map(|_| enter(&mut queue)).collect();
    queue.grant(crowd[9], 'a', 1);
    queue.end_all(Refusal {
        reason: None,
        until: None,
    });
    for at in &crowd[..3] {
        assert_eq!(queue.next_ended(10), Ended::At(*at));
        assert_eq!(queue.refuse_if_ended(*at, &mut Vec::new()), None);
    }
    // One that was told leaves, and two that were not; their places are taken again.
    queue.leave(crowd[1]);
    queue.leave(crowd[5]);
    assert_eq!(queue.leave(crowd[9]), Left::Granted('a'));
    let new = [(); 4].map(|()| enter(&mut queue));
    let mut told = 3;
    loop {
        match queue.next_ended(1) {
            Ended::At(at) => {
                assert!(!new.contains(&at), "it came later");
                assert_eq!(queue.refuse_if_ended(at, &mut Vec::new()), None);
                told += 1;
            }
            Ended::More => {}
            Ended::Done => break,
        }
    }
    assert_eq!((told, queue.len()), (8, 4));
    for at in new {
        assert!(matches!(queue.claim(at, Waker::noop()), Claim::Returned));
    }
}
