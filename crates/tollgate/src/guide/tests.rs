//! The table of defaults says what the builders say.

use tollgate_route::{Route, provider::preset};

use crate::{Client, Stack};

const TUNING: &str = include_str!("tuning.md");

/// A row of the guide, and what of the builders' `Debug` it stands for.
const ROWS: [(&str, &[&str]); 15] = [
    (
        "| deadline | `deadline` | 10 min for calls that bring none, to the head of the response |",
        &["time: Some(600s), unless_set: true, whole_body: false"],
    ),
    ("| body | `keep_bodies` | 1 MiB |", &["cap: 1048576"]),
    (
        "| off: the deadline of the call; 8 attempts (at most 16) |",
        &["max_wait: None, attempts: 8"],
    ),
    (
        "| 1 s doubling to 60 s, 7 attempts |",
        &["base: 1s, cap: 60s, attempts: 7"],
    ),
    (
        "| 250 ms doubling to 20 s, 4 attempts |",
        &["base: 250ms, cap: 20s, attempts: 4"],
    ),
    (
        "| up to 10 % of it, at least up to 250 ms, at most up to 5 s |",
        &["fraction: 0.1, min: 250ms, max: 5s"],
    ),
    (
        "| the deadline or wait budget of the call; 120 s for a call with neither |",
        &["max: 5s }, max_wait: None"],
    ),
    (
        "| 100 tokens; +0.1 a success, +1 every 10 s; a fault 1, a throttle 0.36, a told wait 0 |",
        &["size: 100.0, deposit: 0.1, transient: 1.0, throttle: 0.36, hinted: 0.0, trickle: 10s"],
    ),
    (
        "| breaker | `consecutive_failures` | 5 |",
        &["consecutive: Some(5)"],
    ),
    (
        "| half of at least 10 calls, in 30 s of 10 steps |",
        &["failure_rate: Some((0.5, 10)), slow: None, window: 30s, buckets: 10"],
    ),
    (
        "| a sixtieth of the outage so far, 5 s to 60 s",
        &["open: 5s, open_max: 60s"],
    ),
    ("| 1: how often a call is sent again", &["timeouts: 1"]),
    ("| 2, 60 s |", &["successes: 2, probe_timeout: 60s"]),
    (
        "| 10 min, 5 min, none (",
        &["attempt: Some(600s), first: None, idle: Some(300s)"],
    ),
    (
        "| 16 KiB, 2 s |",
        &["max_peek: 16384, peek_time: 2s, max_first_event: 65536, hold: Some(10s)"],
    ),
];

#[test]
fn the_defaults_are_those_of_the_builders() {
    let groq = preset::groq().key("gsk_not_a_real_key");
    let route = Route::new("chat").ordered([groq.model("m")]);
    let stack = format!("{:?}", Stack::new().route(route));
    for (row, settings) in ROWS {
        assert!(TUNING.contains(row), "the guide does not say: {row}");
        for setting in settings {
            assert!(
                stack.contains(setting),
                "{row}: {setting} is not in {stack}"
            );
        }
    }
    let client = format!("{:?}", Client::builder());
    assert!(
        client.contains("connect: 10s, idle: 90s, ping: 30s"),
        "{client}"
    );
    assert!(
        TUNING.contains("`connect_timeout`, `idle_timeout`, `ping_interval` | 10 s, 90 s, 30 s |")
    );
}
