//! Answers in the formats that providers document, and what they mean: one line of
//! `tests/data/answers.jsonl` each.

mod mutate;
mod mutations;
mod prefixes;
mod properties;
mod row;
mod tags;

use row::Row;
use serde_json::Value;
use tollgate_classify::{Builtin, Classifier};
use tollgate_core::{Class, LimitKind, Window};

/// Compares every field of one row with what the built-in classifier says.
fn check(row: &Row) -> Result<(), String> {
    let seen = row.classify(row.provider.as_deref());
    let got: [(&str, Value); 8] = [
        ("class", seen.class().as_str().into()),
        ("limit", seen.limit().map(LimitKind::as_str).into()),
        ("window", seen.window().map(Window::as_str).into()),
        (
            "wait_ms",
            seen.wait().map(|wait| wait.as_millis() as u64).into(),
        ),
        ("retry_same", seen.retry_same().into()),
        ("try_elsewhere", seen.try_elsewhere().into()),
        ("model", seen.model().into()),
        ("scope", seen.scope().as_str().into()),
    ];
    for (field, got) in got {
        let want = row.expect.get(field);
        if want.is_some_and(|want| *want != got) {
            let evidence = seen.evidence();
            let want = want.expect("just seen");
            return Err(format!(
                "{}: {field} is {got}, not {want} [{evidence}]",
                row.id
            ));
        }
    }
    if seen.evidence().is_empty() || seen.evidence().len() > 128 {
        return Err(format!("{}: evidence {:?}", row.id, seen.evidence()));
    }
    Ok(())
}

#[test]
fn every_field_of_every_answer() {
    let rows = row::all();
    assert!(rows.len() > 200, "{} rows", rows.len());
    let wrong: Vec<_> = rows.iter().filter_map(|row| check(row).err()).collect();
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_class_without_knowing_the_provider() {
    for row in row::all() {
        let seen = row.classify(None);
        // A status that providers use for different things.
        let blind = row.expect.get("class_blind");
        let want = blind.unwrap_or(&row.expect["class"]).as_str();
        assert_eq!(
            Some(seen.class().as_str()),
            want,
            "{} [{}]",
            row.id,
            seen.evidence()
        );
    }
}

/// Where the class does not depend on who answers, the layer finds it at any host.
#[test]
fn errors_inside_a_success_are_found_at_every_host() {
    let mut found = 0;
    for row in row::all() {
        let json = row
            .headers
            .get("content-type")
            .is_some_and(|kind| kind == "application/json");
        if row.status == 200 && json && row.expect["class"] != "ok" {
            let seen = row.classify(Some("llm.example"));
            let hides = Builtin.hides_errors(row.provider.as_deref());
            assert!(hides || seen.class() != Class::Ok, "{}", row.id);
            found += usize::from(seen.class() != Class::Ok);
        }
    }
    assert!(found >= 10, "{found}");
    assert!(!Builtin.hides_errors(Some("openai")));
    assert!(!Builtin.hides_errors(Some("api.groq.com")));
    assert!(!Builtin.hides_errors(Some("localhost")));
}

#[test]
fn evidence_never_quotes_the_body() {
    for row in row::all() {
        let canary = "sk-canary-7f3a";
        let body = row
            .body
            .replace("org-abc", canary)
            .replace("Please", canary);
        let seen = row.with_body(body.as_bytes(), row.provider.as_deref());
        assert!(!seen.evidence().contains("canary"), "{}", row.id);
    }
}
