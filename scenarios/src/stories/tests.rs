//! Stories can be repeated, and end as they should.

mod routes;

use super::{
    Extra, Story, Tale,
    line::line,
    play::{begin, play},
};
use crate::clients::Client;

fn number(extra: &Extra, name: &str) -> u64 {
    extra[name].expect("a figure")
}

/// As many as it takes until the first provider fails.
#[test]
fn one_seed_gives_one_trace() {
    let calls = [200, 550, 1_500, 8, 3, 40, 380, 1, 300, 20, 20];
    for (story, calls) in Story::ALL.into_iter().zip(calls) {
        for client in Story::CLIENTS {
            let trace = |seed| begin(story, client, seed, calls);
            let (once, again) = (trace(1), trace(1));
            assert_eq!(once, again, "{story:?} {client:?}");
            // There the limit alone says when something is sent, until nothing is.
            if story != Story::Dead {
                assert_ne!(once.hash, trace(2).hash, "{story:?} {client:?}");
            }
        }
    }
}

#[test]
fn who_was_turned_away_is_answered_elsewhere() {
    let outcome = play(Story::Standard, Client::Tollgate, 1);
    assert_eq!((outcome.lost, outcome.rejected), (0, 0));
    let met = number(&outcome.extra, "met_429");
    assert!(met > 0, "it would prove nothing");
    assert_eq!(number(&outcome.extra, "saved"), met);
    assert!(number(&outcome.extra, "p95_ms") < 5_000);
    let alone = play(Story::Standard, Client::Sdk, 1);
    assert!(alone.lost > 20, "{} of 200", alone.lost);
}

#[test]
fn a_used_up_day_is_asked_for_now_and_then() {
    let outcome = play(Story::Quota, Client::Tollgate, 1);
    assert_eq!((outcome.lost, outcome.rejected), (0, 0));
    let wasted = number(&outcome.extra, "wasted_a");
    assert!((2..=31).contains(&wasted), "{wasted}");
    assert_eq!(number(&outcome.extra, "extra_trips_most"), 1);
}

#[test]
fn an_outage_is_found_and_its_end_too() {
    let outcome = play(Story::Outage, Client::Tollgate, 1);
    assert!(outcome.success >= 0.999, "{}", outcome.success);
    let of = |name| number(&outcome.extra, name);
    // The aim is 5: some of the calls that are out count as served until they time out.
    assert!(of("failures_to_open") <= 8, "{}", of("failures_to_open"));
    assert!((3..=25).contains(&of("probes")), "{}", of("probes"));
    assert_eq!(of("sent_while_open"), of("probes"));
    assert!(of("back_after_ms") <= 5_000 + of("last_open_ms"));
    assert!(of("back_after_open_ms") <= 5_000);
}

#[test]
fn a_line_says_of_what_there_is_none() {
    let (story, client) = (Story::Outage, Client::Sdk);
    let outcomes = vec![play(story, client, 1)];
    let tale = Tale {
        story,
        client,
        outcomes,
    };
    let line = line(&tale, 1, &tale.outcomes[0]);
    let value = serde_json::to_value(&line).expect("JSON");
    assert_eq!(value.as_object().expect("an object").len(), 16);
    assert_eq!(
        (&value["scenario"], &value["client"]),
        (&"6".into(), &"sdk-style".into())
    );
    for none in [
        "provider_model",
        "makespan_ratio",
        "goodput",
        "max_refusal_ms",
    ] {
        assert_eq!(value.get(none), Some(&serde_json::Value::Null), "{none}");
    }
    assert_eq!(value["extra"]["probes"], serde_json::Value::Null);
    assert!(value["success_rate"].as_f64().expect("a number") < 0.9);
}
