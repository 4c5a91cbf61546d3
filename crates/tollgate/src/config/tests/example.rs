//! The example in the documents: whole, right, and no default in it that is none.

use super::*;

const TEXT: &str = include_str!("../../../../../gateway/tollgate.toml");

/// A line that sets something.
fn sets(line: &str) -> bool {
    !line.starts_with('#') && line.contains('=')
}

fn without(nth: usize) -> String {
    let lines = TEXT.lines().enumerate();
    let rest = lines
        .filter(|(other, _)| *other != nth)
        .map(|(_, line)| line);
    rest.collect::<Vec<_>>().join("\n")
}

#[test]
fn it_loads_and_builds() {
    let config = load(TEXT).unwrap_or_else(|error| panic!("{error}"));
    let built = config.stack().unwrap_or_else(|error| panic!("{error}"));
    built.build().unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_it_calls_a_default_is_one_and_nothing_else_is() {
    let whole = load(TEXT).expect("it is right");
    for (nth, line) in TEXT.lines().enumerate().filter(|(_, line)| sets(line)) {
        let same = load(&without(nth)).is_ok_and(|rest| rest == whole);
        assert_eq!(
            same,
            line.ends_with("# default"),
            "line {}: {line}",
            nth + 1
        );
    }
}

/// Every kind of table, with the names of its fields; `*` stands for a name, `[]` for each of several.
fn kinds() -> Vec<(&'static str, Vec<String>)> {
    let backoff = || ["base", "cap", "attempts"].map(str::to_owned).to_vec();
    let mut kinds = vec![
        ("", names::<Config>()),
        ("retry", names::<Retry>()),
        ("retry.throttle", backoff()),
        ("retry.transient", backoff()),
        ("retry.hint_jitter", names::<HintJitter>()),
        ("retry.budget", names::<Budget>()),
        ("breaker", names::<Breaker>()),
        ("breaker.failure_rate", names::<FailureRate>()),
        ("breaker.slow_calls", names::<SlowCalls>()),
        ("breaker.window", names::<BreakerWindow>()),
        ("breaker.open_time", names::<OpenTime>()),
        ("limit", names::<Limit>()),
        ("timeouts", names::<Timeouts>()),
        ("classify", names::<Classify>()),
        ("router", names::<Router>()),
        ("providers.*", names::<Provider>()),
        ("providers.*.accounts[]", names::<Account>()),
        ("targets.*", names::<Target>()),
        ("targets.*.price", names::<Price>()),
        ("targets.*.tries", names::<Tries>()),
        ("targets.*.limits", names::<Limits>()),
        ("targets.*.limits.windows[]", names::<Window>()),
        ("routes[]", names::<Route>()),
        ("routes[].tiers[]", names::<Tier>()),
    ];
    // Names of people's own, or fields that were listed above.
    let other = [
        "limit.hosts",
        "limit.each",
        "providers",
        "targets",
        "providers.*.limits",
        "providers.*.accounts[].limits",
        "providers.*.auth",
        "providers.*.headers",
        "providers.*.query",
    ];
    kinds.extend(other.map(|path| (path, Vec::new())));
    kinds
}

/// All tables of the example: the kind of each, and its fields.
fn tables(path: &str, value: &serde_json::Value, all: &mut Vec<(String, Vec<String>)>) {
    use serde_json::Value;
    match value {
        Value::Object(fields) => {
            all.push((path.to_owned(), fields.keys().cloned().collect()));
            for (name, value) in fields {
                let below = match path {
                    "" => name.clone(),
                    "providers" | "targets" => format!("{path}.*"),
                    path => format!("{path}.{name}"),
                };
                tables(&below, value, all);
            }
        }
        Value::Array(values) => {
            for value in values {
                tables(&format!("{path}[]"), value, all);
            }
        }
        _ => {}
    }
}

#[test]
fn it_has_every_field_of_every_table() {
    let value: serde_json::Value = fields_of(TEXT).expect("it is TOML");
    let mut all = Vec::new();
    tables("", &value, &mut all);
    let kinds = kinds();
    for (kind, names) in &kinds {
        let of_kind = all.iter().filter(|(path, _)| path == kind);
        let there: Vec<_> = of_kind.flat_map(|(_, fields)| fields).collect();
        for name in names {
            assert!(
                there.contains(&name),
                "{kind}: {name} is not in the example"
            );
        }
    }
    for (path, _) in &all {
        let known = kinds.iter().any(|(kind, _)| kind == path);
        assert!(known, "{path}: a new kind of table");
    }
}

/// What a table of the section `retry` is called is not known from its type.
#[test]
fn backoffs_have_no_other_fields() {
    for table in ["throttle", "transient"] {
        let error = load(&format!("[retry.{table}]\nx = 1")).expect_err("no such field");
        let said = error.to_string();
        assert!(
            said.ends_with("here are only base, cap, attempts"),
            "{said}"
        );
    }
}
