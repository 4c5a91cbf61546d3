//! Configured buckets, on the account itself.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, Quota, Random};
use tollgate_limit::{Account, Admission, Limit};

const MINUTE: Duration = Duration::from_secs(60);

fn account(limit: Limit, now: Instant) -> Account {
    let account = Account::new(&[limit], Random::seeded(7), now, SystemTime::UNIX_EPOCH);
    account.expect("a good limit")
}

fn goes(account: &mut Account, tokens: u64, now: Instant) -> bool {
    let cost = Cost::default().with_input_tokens(tokens);
    matches!(account.admit(&cost, 0, now), Admission::Admitted(_))
}

/// Limits of which a call of 1,000 tokens takes the whole.
fn small() -> [Limit; 3] {
    [
        Limit::requests(60, MINUTE).bucket(1),
        Limit::requests(1, MINUTE / 100).bucket(1),
        Limit::tokens(6_000, MINUTE).bucket(1_000),
    ]
}

/// Nothing was taken, so nothing can overtake anything.
#[test]
fn a_new_bucket_is_whole_at_once() {
    let now = Instant::now();
    for limit in small() {
        let mut account = account(limit.clone(), now);
        assert!(goes(&mut account, 1_000, now), "{limit:?}");
        assert!(!goes(&mut account, 1_000, now), "{limit:?}");
    }
}

#[test]
fn so_is_one_that_is_set_later() {
    let start = Instant::now();
    for limit in small() {
        let mut account = account(Limit::requests(3, 2 * MINUTE), start);
        let now = start + MINUTE;
        let set = account.reconfigure(std::slice::from_ref(&limit), now, SystemTime::UNIX_EPOCH);
        set.expect("a good limit");
        assert!(goes(&mut account, 1_000, now), "{limit:?}");
    }
}

/// A call that is out has taken its part of a limit that is set meanwhile.
#[test]
fn what_is_out_is_taken_from_one_that_is_set_later() {
    let now = Instant::now();
    for limit in small() {
        let mut account = account(Limit::requests(3, 2 * MINUTE), now);
        assert!(goes(&mut account, 1_000, now));
        let set = account.reconfigure(std::slice::from_ref(&limit), now, SystemTime::UNIX_EPOCH);
        set.expect("a good limit");
        assert!(!goes(&mut account, 1_000, now), "{limit:?}");
    }
}

/// A rejection speaks against an exact limit: when its wait is over, one call asks whether that is so.
#[test]
fn after_a_rejection_one_call_asks() {
    let start = Instant::now();
    for limit in [
        Limit::requests(1_000, MINUTE).bucket(1_000),
        Limit::requests(1_000, MINUTE).sliding(),
        Limit::requests(1_000, MINUTE).fixed(),
    ] {
        let mut account = account(limit.clone(), start);
        let Admission::Admitted(ticket) = account.admit(&Cost::default(), 0, start) else {
            panic!("the first call goes");
        };
        let back = start + Duration::from_millis(50);
        let rejected = Classification::new(Class::RateLimited).with_wait(Duration::from_secs(7));
        account.reject(ticket, &rejected, &Quota::new(), back);
        assert!(!goes(&mut account, 1, back + Duration::from_millis(1)));
        let then = start + Duration::from_millis(7_200);
        let sent = (0..20).filter(|_| goes(&mut account, 1, then)).count();
        assert_eq!(sent, 1, "{limit:?}");
    }
}
