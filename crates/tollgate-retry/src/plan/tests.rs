//! The decision, case by case; `tests/policy.jsonl` has the same from outside.

use super::*;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const START: Standing = Standing {
    made: 1,
    timeouts: 0,
    in_vain: false,
    kept: Ok(()),
    wait_budget: None,
    deadline: None,
};

const fn failure(class: Class, hint: Option<Duration>) -> Failure {
    Failure {
        class: Some(class),
        hint,
        gated: None,
        stop: None,
        stale: false,
    }
}

fn decide(failure: Failure, standing: Standing) -> Result<Duration, Why> {
    plan(&Policy::default(), &failure, &standing, &Random::seeded(1))
}

#[test]
fn each_kind_has_its_own_number_of_attempts() {
    let made = |made| Standing { made, ..START };
    for (class, most) in [(Class::Overloaded, 7), (Class::ServerError, 4)] {
        assert!(decide(failure(class, None), made(most - 1)).is_ok());
        assert_eq!(decide(failure(class, None), made(most)), Err(Why::Attempts));
        assert_eq!(
            decide(failure(class, None), made(u32::MAX)),
            Err(Why::Attempts)
        );
    }
}

/// Fault D2: four POSTs to a provider that hangs, and each of them may be billed.
#[test]
fn what_timed_out_is_sent_again_once() {
    let after = |timeouts| Standing {
        made: 2,
        timeouts,
        ..START
    };
    let timeout = failure(Class::Timeout, None);
    assert!(decide(timeout, after(1)).is_ok());
    assert_eq!(decide(timeout, after(2)), Err(Why::Attempts));
    // Other faults of the same call are not bound by it.
    assert!(decide(failure(Class::Transport, None), after(2)).is_ok());
    let never = Policy {
        timeouts: 0,
        ..Policy::default()
    };
    let decided = plan(&never, &timeout, &after(1), &Random::seeded(1));
    assert_eq!(decided, Err(Why::Attempts));
}

#[test]
fn without_jitter_each_wait_is_as_long_as_it_may_be() {
    let still = Policy {
        jitter: false,
        ..Policy::default()
    };
    let random = Random::new();
    let waits = (1..=4).map(|made| {
        let limited = failure(Class::RateLimited, None);
        plan(&still, &limited, &Standing { made, ..START }, &random)
    });
    let waits: Vec<_> = waits.collect();
    assert_eq!(waits, [Ok(s(1)), Ok(s(2)), Ok(s(4)), Ok(s(8))]);
    let told = failure(Class::RateLimited, Some(s(7)));
    assert_eq!(plan(&still, &told, &START, &random), Ok(s(7)));
}

#[test]
fn a_told_wait_that_just_fits_is_slept_without_jitter() {
    let standing = Standing {
        wait_budget: Some(s(7)),
        ..START
    };
    assert_eq!(
        decide(failure(Class::RateLimited, Some(s(7))), standing),
        Ok(s(7))
    );
    let longer = failure(Class::RateLimited, Some(s(7) + Duration::from_nanos(1)));
    assert_eq!(decide(longer, standing), Err(Why::WaitBudget));
}

#[test]
fn a_deadline_leaves_time_for_the_attempt() {
    let standing = Standing {
        deadline: Some(s(7)),
        ..START
    };
    assert_eq!(
        decide(failure(Class::RateLimited, Some(s(7))), standing),
        Err(Why::Deadline)
    );
    let wait = decide(failure(Class::RateLimited, Some(s(6))), standing).expect("fits");
    assert!(wait >= s(6) && wait <= s(7));
}

/// With no time to wait there is no retry, rather than one at once.
#[test]
fn a_wait_budget_of_zero_stops_retries() {
    let standing = Standing {
        wait_budget: Some(Duration::ZERO),
        ..START
    };
    for hint in [None, Some(Duration::ZERO)] {
        for class in [Class::RateLimited, Class::Transport] {
            assert_eq!(decide(failure(class, hint), standing), Err(Why::WaitBudget));
        }
    }
}

#[test]
fn the_longest_hint_neither_waits_nor_overflows() {
    for hint in [s(121), Duration::MAX] {
        let answer = decide(failure(Class::RateLimited, Some(hint)), START);
        assert_eq!(answer, Err(Why::WaitTooLong));
    }
    let wait = decide(failure(Class::RateLimited, Some(s(120))), START).expect("the limit itself");
    assert!(wait >= s(120) && wait <= s(125));
}

#[test]
fn a_stop_wins_over_everything() {
    let stopped = Failure {
        stop: Some(Why::Final),
        ..failure(Class::RateLimited, Some(Duration::MAX))
    };
    assert_eq!(decide(stopped, START), Err(Why::Final));
}

#[test]
fn what_a_retry_costs() {
    let rules = Budget::new();
    let costs = [
        (Class::RateLimited, None, 0.36),
        (Class::RateLimited, Some(s(0)), 0.36),
        (Class::Overloaded, Some(s(1)), 0.0),
        (Class::ServerError, None, 1.0),
        (Class::ServerError, Some(s(1)), 1.0),
    ];
    for (class, hint, tokens) in costs {
        assert!((cost(&rules, &failure(class, hint)) - tokens).abs() < 1e-9);
    }
}

/// A reused connection that broke says nothing about the provider.
#[test]
fn a_stale_connection_is_replaced_at_once() {
    let stale = Failure {
        stale: true,
        ..failure(Class::Transport, None)
    };
    assert_eq!(decide(stale, START), Ok(Duration::ZERO));
    let without_budget = Standing {
        wait_budget: Some(Duration::ZERO),
        ..START
    };
    assert_eq!(decide(stale, without_budget), Ok(Duration::ZERO));
    let unsafe_to_repeat = Standing {
        kept: Err(Why::NotSafe),
        ..START
    };
    assert_eq!(decide(stale, unsafe_to_repeat), Err(Why::NotSafe));
    let late = Standing {
        deadline: Some(Duration::ZERO),
        ..START
    };
    assert_eq!(decide(stale, late), Err(Why::Deadline));
    assert_eq!(cost(&Budget::new(), &stale), 0.0);
}
