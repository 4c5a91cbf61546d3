//! Settings as people write them, and what they hear of mistakes.

use std::time::Duration;

use super::{read::fields_of, *};

mod example;
mod reload;
mod threads;
mod wrong;

/// Every variable is set.
pub(super) fn load(text: &str) -> Result<Config, ConfigError> {
    Config::from_toml_with(text, |name| Some(format!("canary-{name}")))
}

/// A provider, two targets and a route.
pub(super) const SMALL: &str = r#"
[providers.groq]
key = "env:GROQ_API_KEY"

[targets.big]
provider = "groq"
model = "llama-3.3-70b-versatile"

[targets.small]
provider = "groq"
model = "llama-3.1-8b-instant"

[[routes]]
name = "chat"
targets = ["big", "small"]
"#;

#[test]
fn the_defaults_are_those_of_the_stack() {
    let stack = Config::default()
        .stack_without_routes()
        .expect("it is right");
    assert_eq!(format!("{stack:?}"), format!("{:?}", Stack::new()));
    assert_eq!(load("").expect("nothing is wrong"), Config::default());
}

#[test]
fn no_more_than_a_key_and_a_route_is_needed() {
    let config = load(SMALL).expect("it is right");
    assert_eq!(config.routes[0].targets, ["big", "small"]);
    let handle = config.stack().expect("it is right").build();
    let handle = handle.expect("it builds").handle();
    let targets: Vec<_> = handle.route().expect("routed").outcomes();
    let names: Vec<_> = targets.iter().map(|one| one.target.to_string()).collect();
    let both = [
        "groq (llama-3.3-70b-versatile)",
        "groq (llama-3.1-8b-instant)",
    ];
    assert_eq!(names, both);
}

#[test]
fn the_chain_of_the_guide_builds() {
    let guide = include_str!("../guide/fallback.md");
    let text = guide.split("```toml").nth(1).expect("a block");
    let text = text.split("```").next().expect("its end");
    let config = load(text).expect("it is right");
    let handle = config.stack().expect("it is right").build();
    let handle = handle.expect("it builds").handle();
    let targets = handle.route().expect("routed").outcomes();
    let names: Vec<_> = targets.iter().map(|one| one.target.provider()).collect();
    assert_eq!(names, ["anthropic", "bedrock", "vertex"]);
}

#[test]
fn settings_can_be_any_form_that_serde_reads() {
    let json = serde_json::json!({
        "deadline": "30s",
        "limit": { "each": { "requests_per_minute": 30 }, "max_wait": "5s" },
        "providers": { "groq": { "key": "literal:k" } },
        "targets": { "big": { "provider": "groq", "model": "m" } },
        "routes": [{ "name": "chat", "targets": ["big"] }],
    });
    let config: Config = serde_json::from_value(json).expect("it is right");
    assert_eq!(config.limit.max_wait, Some(Duration::from_secs(5)));
    let built = config.stack().expect("it is right").build();
    assert!(built.is_ok());
    // And what is written down is read back, but for the key itself.
    let text = serde_json::to_string(&config).expect("text");
    assert!(text.contains("literal:(hidden)"), "{text}");
    let again: Config = serde_json::from_str(&text).expect("it is right");
    assert_eq!(again.limit, config.limit);
    assert_eq!(again.deadline, config.deadline);
    let error = again.stack().map(drop).expect_err("a key is missing");
    let said = "providers.groq.key: was written down without what it holds";
    assert_eq!(error.to_string(), said);
}

#[test]
fn routes_are_there_or_not() {
    let none = Config::default().stack().map(drop).expect_err("no route");
    assert_eq!(
        none.to_string(),
        "routes: there is none to send calls along"
    );
    let some = load(SMALL).expect("it is right").stack_without_routes();
    let some = some.map(drop).expect_err("a route");
    assert_eq!(some.to_string(), "routes: would not be used");
}

#[test]
fn nothing_shows_a_key() {
    let text = format!(
        "{SMALL}\n[providers.own]\nbase = \"https://h/v1\"\nwire = \"openai\"\nkey = \"literal:canary\"\n\
         headers = {{ x-key = \"canary\" }}\nquery = {{ key = \"env:K\" }}\n"
    );
    let config = load(&text).expect("it is right");
    let json = serde_json::to_string(&config).expect("text");
    let stack = config.stack().expect("it is right");
    let shown = format!("{config:?} {config:#?} {json} {stack:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn every_preset_can_be_named() {
    for name in crate::provider::preset::NAMES {
        let text = format!(
            "[providers.p]\npreset = \"{name}\"\nkey = \"literal:k\"\n\
             [targets.t]\nprovider = \"p\"\nmodel = \"m\"\n"
        );
        load(&text).unwrap_or_else(|error| panic!("{error}"));
    }
    assert_eq!(
        crate::provider::preset::NAMES.len(),
        crate::provider::preset::all().len()
    );
}

#[test]
fn presets_with_parts_speak_every_dialect_they_have() {
    for provider in [
        "preset = \"vertex\"\nproject = \"p\"\nregion = \"eu\"\nwire = \"openai\"",
        "preset = \"bedrock\"\nregion = \"us-east-1\"\nwire = \"openai\"",
        "preset = \"bedrock\"\nregion = \"us-east-1\"\nwire = \"anthropic\"",
        "preset = \"vertex\"\nproject = \"p\"\nregion = \"eu\"\nwire = \"anthropic\"",
        "preset = \"bedrock_mantle\"\nregion = \"us-east-1\"\nwire = \"anthropic\"",
        "preset = \"dashscope_workspace\"\nworkspace = \"ws-1\"\nregion = \"cn-beijing\"",
    ] {
        let text = format!(
            "[providers.p]\n{provider}\nkey = \"literal:k\"\n\
             [targets.t]\nprovider = \"p\"\nmodel = \"m\"\n\
             [[routes]]\nname = \"r\"\ntargets = [\"t\"]\n"
        );
        let config = load(&text).unwrap_or_else(|error| panic!("{error}"));
        let built = config.stack().expect("it is right").build();
        assert!(built.is_ok(), "{provider}");
    }
}

/// The names of the fields of a kind of table, as its own error has them.
pub(super) fn names<T: for<'de> serde::Deserialize<'de>>() -> Vec<String> {
    let error = fields_of::<T>("\"?\" = 1")
        .map(drop)
        .expect_err("no such field");
    let rest = error.message().strip_prefix("unknown field `?`, expected ");
    let rest = rest.unwrap_or_else(|| panic!("{error}"));
    let names = rest.split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}
