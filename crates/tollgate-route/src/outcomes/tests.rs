//! Counts and averages.

use tollgate_core::LimitKind;

use super::*;

const fn ended(class: Option<Class>, seconds: u64) -> Ended {
    Ended {
        class,
        took: Duration::from_secs(seconds),
        stream: false,
        cost: 0.5,
    }
}

#[test]
fn newer_answers_count_more() {
    let mut record = Record::default();
    record.add(&ended(Some(Class::Ok), 10));
    assert_eq!(record.latency(), Some(Duration::from_secs(10)));
    for _ in 0..20 {
        record.add(&ended(Some(Class::Ok), 1));
    }
    let latency = record.latency().expect("there were some");
    assert!(latency < Duration::from_millis(1_200), "{latency:?}");
    assert_eq!(record.first_token(), None);
    record.add(&Ended {
        stream: true,
        ..ended(Some(Class::Ok), 2)
    });
    assert_eq!(record.first_token(), Some(Duration::from_secs(2)));
    assert!((record.spent - 11.0).abs() < 1e-9);
}

#[test]
fn only_what_the_target_did_counts() {
    let mut record = Record::default();
    record.add(&ended(None, 1));
    record.add(&ended(Some(Class::InvalidRequest), 1));
    assert_eq!((record.success_rate, record.served), (None, 0));
    record.add(&ended(Some(Class::RateLimited), 1));
    assert_eq!(record.success_rate, Some(0.0));
    record.add(&ended(Some(Class::Ok), 1));
    assert_eq!(record.success_rate, Some(NEWEST));
}

#[test]
fn the_scarcest_limit_counts_until_its_reset() {
    let now = Instant::now();
    let mut quota = Quota::new();
    let mut say = |kind, remaining, reset| {
        let entry = quota.entry(kind, None).expect("room");
        (entry.limit, entry.remaining) = (Some(100), Some(remaining));
        entry.reset = Some(Duration::from_secs(reset));
    };
    say(LimitKind::Requests, 80, 5);
    say(LimitKind::Tokens, 10, 7);
    let mut record = Record::default();
    record.told(&quota, now);
    assert_eq!(record.left(now), Some(0.1));
    assert_eq!(record.left(now + Duration::from_secs(7)), None);
}

#[test]
fn a_share_is_half_of_the_time_and_what_answers_take() {
    let s = Duration::from_secs;
    let mut record = Record::default();
    assert_eq!(record.share(s(20)), s(10));
    assert_eq!(record.share(s(4)), s(3), "nothing is known");
    record.add(&ended(Some(Class::Ok), 8));
    assert_eq!(record.share(s(20)), s(16));
    assert_eq!(record.share(s(600)), s(300));
    // It has not answered lately: what it used to take is enough.
    record.add(&ended(Some(Class::Timeout), 300));
    assert_eq!(record.share(s(600)), s(16));
    assert_eq!(record.share(s(12)), s(9), "others have time left, too");
    record.add(&ended(Some(Class::Ok), 8));
    assert_eq!(record.share(s(600)), s(300));
}

/// A call had less time than answers take: no share was kept for others, and it was lost. Once.
#[test]
fn who_was_in_vain_leaves_time_for_others() {
    let s = Duration::from_secs;
    let mut record = Record::default();
    record.add(&ended(Some(Class::Ok), 11));
    assert!(record.share(s(20)) >= s(20));
    record.in_vain(s(20));
    assert_eq!((record.timeouts, record.share(s(20))), (0, s(15)));
    let mut unknown = Record::default();
    assert!(unknown.share(s(2)) >= s(2));
    unknown.in_vain(s(2));
    assert_eq!(unknown.share(s(2)), s(1));
}

#[test]
fn callers_who_leave_say_how_long_callers_wait() {
    let s = Duration::from_secs;
    let mut record = Record::default();
    record.abandoned(s(30));
    assert_eq!((record.timeouts, record.share(s(600))), (1, s(15)));
    assert_eq!(record.success_rate, Some(0.0));
    record.add(&ended(Some(Class::Timeout), 15));
    assert_eq!(record.share(s(600)), Duration::from_millis(15_750));
    record.add(&ended(Some(Class::Ok), 1));
    assert_eq!((record.timeouts, record.share(s(600))), (0, s(300)));
    // Who leaves sooner than any answer came says nothing.
    let mut known = Record::default();
    known.add(&ended(Some(Class::Ok), 11));
    known.abandoned(s(10));
    assert_eq!(known.share(s(600)), s(300));
    known.abandoned(s(20));
    assert_eq!(known.share(s(600)), s(15));
    // One who is in a hurry says nothing about how long answers take.
    let mut hurried = Record::default();
    hurried.abandoned(s(4));
    assert_eq!(hurried.share(s(60)), s(10));
}
