//! Runs can be repeated, and figures mean what they say.

use tollgate_test::Headers;

use super::{
    batch::Entry, case::Case, clients::Client, json, model::Model, outcome::Outcome, run::run,
    twist::Twist,
};

fn small(model: Model, headers: Headers) -> Case {
    Case {
        calls: 700,
        ..Case::burst("1", model, headers)
    }
}

#[test]
fn one_seed_gives_one_trace() {
    for client in Client::ALL {
        let case = small(Model::Sliding, Headers::RetryAfter);
        let (once, again) = (run(&case, client, 1), run(&case, client, 1));
        assert_eq!(once, again, "{client:?}");
        assert_ne!(once.hash, run(&case, client, 2).hash, "{client:?}");
    }
}

#[test]
fn runs_that_are_made_once_would_be_the_same() {
    use Headers::{Exact, RetryAfter, Seconds};
    for (client, headers) in [
        (Client::TowerRetry, Exact),
        (Client::Resilience, Exact),
        (Client::Sdk, Seconds),
    ] {
        let one = small(Model::Bucket600, headers);
        let other = small(Model::Bucket600, RetryAfter);
        assert_eq!(client.depends_on(&one), client.depends_on(&other));
        assert_eq!(run(&one, client, 1), run(&other, client, 1));
    }
    let sdk = |headers| Client::Sdk.depends_on(&small(Model::Fixed, headers));
    assert_ne!(sdk(Headers::Exact), sdk(Headers::Seconds));
}

/// The rejected are lost after two retries: 10 at once, and what dripped in meanwhile.
#[test]
fn what_is_given_up_is_lost() {
    let case = small(Model::Bucket10, Headers::RetryAfter);
    let outcome: Outcome = run(&case, Client::Sdk, 1);
    assert_eq!(outcome.lost + outcome.answers.len(), 700);
    assert!((660..=690).contains(&outcome.lost), "{}", outcome.lost);
    assert!(outcome.wasted > 60.0, "{}", outcome.wasted);
}

#[test]
fn nobody_is_faster_than_the_optimum() {
    let seconds = |case: &Case| case.optimum(case.calls, 1).as_secs();
    let burst = |model| Case::burst("1", model, Headers::Exact);
    let all: Vec<u64> = Model::ALL.map(burst).iter().map(seconds).collect();
    assert_eq!(all, [175, 116, 121, 84, 121]);
    let with = |model, calls, twist| Case {
        calls,
        twist,
        ..burst(model)
    };
    let neighbours = [Model::Bucket10, Model::Fixed].map(|it| with(it, 3_000, Twist::Neighbours));
    assert_eq!(neighbours.map(|case| seconds(&case)), [420, 361]);
    let tokens = seconds(&with(Model::Bucket600, 600, Twist::Tokens));
    assert!((450..510).contains(&tokens), "{tokens}");
}

#[test]
fn a_line_has_exactly_these_keys() {
    let case = small(Model::Fixed37, Headers::Seconds);
    let entry = Entry {
        case,
        client: Client::Tollgate,
        outcomes: vec![run(&case, Client::Tollgate, 1)],
    };
    let line = json::line(&entry, 1, &entry.outcomes[0]);
    let text = serde_json::to_string(&line).expect("JSON");
    let keys = "scenario provider_model client seed makespan_ratio wasted_per_success lost rejected \
                p50_wait_ms p99_wait_ms peak_100ms goodput max_refusal_ms success_rate trace_hash \
                extra";
    let found = keys.split(' ').map(|key| text.find(&format!("\"{key}\":")));
    let places: Vec<usize> = found.collect::<Option<_>>().expect("all keys");
    assert!(places.is_sorted(), "in this order");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value.as_object().expect("an object").len(), places.len());
    assert_eq!(value["provider_model"], "fixed-37");
    assert_eq!(value["extra"]["headers"], "seconds");
    assert_eq!(value["max_refusal_ms"], serde_json::Value::Null);
}
