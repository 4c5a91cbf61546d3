//! The whole state as JSON.

use std::{collections::BTreeSet, time::SystemTime};

use serde_json::{Value, json};
use tollgate::{core::Target, recent::Recent, state::State};
use tollgate_test::{Fault, Kind, ManualClock, Quota};

use crate::{stories, support::*};

/// `limits[].target`, and so on: every name in a document. A target is a name by itself.
fn names(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(list) => {
            let at = format!("{at}[]");
            found.insert(at.clone());
            list.iter().for_each(|one| names(one, &at, found));
        }
        Value::Object(map) if !at.ends_with(".target") => {
            if !at.is_empty() && !at.ends_with("[]") {
                found.insert(at.to_owned());
            }
            let dot = if at.is_empty() { "" } else { "." };
            map.iter()
                .for_each(|(name, one)| names(one, &format!("{at}{dot}{name}"), found));
        }
        _ => {
            found.insert(at.to_owned());
        }
    }
}

fn gather(handles: &Handles, recent: &Recent) -> Value {
    let clock = ManualClock::new(SystemTime::UNIX_EPOCH);
    let state = State::gather(&handles.parts().recent(recent), &clock);
    serde_json::to_value(state).expect("plain data")
}

#[tokio::test(start_paused = true)]
async fn every_field_is_in_the_table_and_every_row_is_there() {
    let recent = Recent::new();
    let found = std::sync::Mutex::new(BTreeSet::new());
    let shown = std::sync::Mutex::new(String::new());
    stories::all(&recent, &|handles| {
        let state = gather(handles, &recent);
        shown.lock().expect("no panic").push_str(&state.to_string());
        names(&state, "", &mut found.lock().expect("no panic"));
    })
    .await;
    let rows = include_str!("../../src/state/fields.md").lines().skip(2);
    let row = |line: &str| line.split('`').nth(1).expect("a name").to_owned();
    assert_eq!(
        found.into_inner().expect("no panic"),
        rows.map(row).collect()
    );
    let shown = shown.into_inner().expect("no panic");
    assert!(shown.contains("team-a") && !shown.contains(CANARY));
    let (_, handles) = stack(internet(groq(), openai()), recent, true);
    assert!(!handles.debug.contains(CANARY), "{}", handles.debug);
}

#[tokio::test(start_paused = true)]
async fn it_says_how_all_stands() {
    let recent = Recent::new();
    let limited = groq()
        .quota(Quota::fixed(Kind::Tokens, 6_000, s(60)))
        .fault(Fault::status(429).call(2));
    let (client, handles) = stack(internet(limited, openai()), recent.clone(), false);
    let answer = send(&client, request()).await.expect("served");
    handles.breaker.force_open(&Target::new("xai", "m"), s(7));
    let state = gather(&handles, &recent);
    assert_eq!(state["taken_at_ms"], 0);
    let key = &state["limits"][0];
    assert_eq!(
        key["target"],
        json!({"provider": "groq", "model": "big", "account": "team-a"})
    );
    assert_eq!((&key["in_flight"], &key["queued"]), (&json!(1), &json!(0)));
    let limits = key["limits"].as_array().expect("a list");
    let tokens = limits.iter().find(|one| one["kind"] == "tokens");
    let tokens = tokens.expect("it was told");
    assert_eq!(
        (&tokens["limit"], &tokens["configured"]),
        (&json!(6_000), &json!(false))
    );
    assert!(tokens["remaining"].as_u64().expect("a number") < 6_000);
    let xai = state["breakers"].as_array().expect("a list").iter();
    let xai = xai
        .clone()
        .find(|one| one["target"]["provider"] == "xai")
        .expect("made by hand");
    assert_eq!(
        (&xai["state"], &xai["opens_in_ms"]),
        (&json!("open"), &json!(7_000))
    );
    assert_eq!(state["targets"][0]["served"], 1);
    assert_eq!(state["cooldowns"], json!([]));
    read(answer).await.expect("whole");

    tokio::time::advance(s(9)).await;
    // The next is turned away there.
    read(send(&client, request()).await.expect("served"))
        .await
        .expect("whole");
    let state = gather(&handles, &recent);
    assert_eq!(state["cooldowns"][0]["class"], "rate_limited");
    let recent = state["recent"].as_array().expect("a list");
    let kinds: Vec<_> = recent
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    for kind in ["over_admitted", "switching", "cooling", "forced"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert!(!kinds.contains(&"admitted"));
}

#[test]
fn a_part_that_is_not_there_is_absent() {
    let clock = ManualClock::new(SystemTime::UNIX_EPOCH);
    let state = State::gather(&tollgate::state::Parts::new(), &clock);
    assert_eq!(
        serde_json::to_string(&state).expect("plain"),
        r#"{"taken_at_ms":0}"#
    );
}
