//! Parts of a limit that are less than one unit.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tollgate_core::{Cost, Random};
use tollgate_limit::{Account, Admission, Limit};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

fn account(limit: Limit, now: Instant) -> Account {
    let account = Account::new(&[limit], Random::seeded(7), now, SystemTime::UNIX_EPOCH);
    account.expect("a good limit")
}

/// The calls that one of several processes sends in `time`, always as soon as it may.
fn sent(limit: &Limit, time: Duration) -> u32 {
    let start = Instant::now();
    let mut account = account(limit.clone(), start).configured_only();
    let (mut now, mut sent) = (start, 0);
    while now < start + time {
        match account.admit(&Cost::default(), 0, now) {
            Admission::Admitted(ticket) => {
                account.finish(ticket);
                sent += 1;
            }
            Admission::NotBefore(at, _) => now = at,
            _ => unreachable!("there are two answers"),
        }
    }
    sent
}

/// Three units a period, for several processes: together they send what the limit allows, whatever
/// the part of each comes to.
#[test]
fn parts_below_one_unit_add_up_to_the_limit() {
    for period in [HOUR, DAY] {
        let limit = Limit::requests(3, period);
        let shapes = [
            limit.clone(),
            limit.clone().sliding(),
            limit.clone().fixed(),
            limit.clone().bucket(1),
            limit.clone().bucket(3),
            limit.day_in("America/Los_Angeles").expect("a zone"),
        ];
        // A limit of a calendar day counts days, whatever its period.
        let shapes = shapes.iter().take(if period == DAY { 6 } else { 5 });
        for (limit, processes) in shapes.flat_map(|limit| [4, 7, 100].map(|n| (limit, n))) {
            let mine = limit.clone().share(1.0 / f64::from(processes));
            let periods = 10 * processes;
            let all = sent(&mine, period * periods) * processes;
            let allowed = 3 * periods;
            // Each may send one at the start.
            let most = allowed + processes;
            assert!(all <= most, "{all} of {allowed} by {processes}: {limit:?}");
            assert!(
                all >= allowed - processes,
                "{all} of {allowed} by {processes}: {limit:?}"
            );
        }
    }
}

/// A part of one unit or more keeps the period.
#[test]
fn whole_units_come_in_each_period() {
    let limit = Limit::requests(8, HOUR).sliding();
    for (part, most) in [(1.0, 8), (0.5, 4), (0.125, 1)] {
        let sent = sent(&limit.clone().share(part), HOUR);
        assert_eq!(sent, most, "{part}");
    }
}

/// The state names no window that is not the limit's.
#[test]
fn the_state_says_how_much_comes_back() {
    let now = Instant::now();
    let whole = Limit::requests(60, HOUR).sliding();
    for (part, limit, window, per_minute) in [(0.5, 30, true, 0.5), (0.005, 1, false, 0.005)] {
        let mut account = account(whole.clone().share(part), now);
        let standing = account.view(now).next().expect("one limit");
        assert_eq!(standing.limit, limit);
        assert_eq!(standing.window.is_some(), window, "{part}");
        let rate = standing.per_minute.expect("it is configured");
        assert!((rate - per_minute).abs() < 1e-9, "{rate}");
    }
}

/// 49 times a 49th is less than 1 to a computer.
#[test]
fn a_part_that_comes_to_whole_units_is_whole() {
    for processes in 1..=1_000_u64 {
        for units in [1, 2, 3, 1_000_000] {
            let limit = Limit::requests(units * processes, HOUR);
            let mine = limit.share(1.0 / processes as f64);
            assert_eq!(mine.amount(), units, "one of {processes}");
            let standing = account(mine, Instant::now()).view(Instant::now()).next();
            let window = standing.expect("one limit").window;
            assert!(window.is_some(), "one of {processes}");
        }
    }
}
