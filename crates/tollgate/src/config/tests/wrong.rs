//! What is wrong, and where.

use super::*;

/// What is said of a text.
#[track_caller]
fn said(text: &str) -> Vec<String> {
    let error = Config::from_toml_with(text, |name| {
        (name != "MISSING").then(|| "canary".to_owned())
    });
    let error = error.map(drop).expect_err("it is wrong");
    error.to_string().lines().map(str::to_owned).collect()
}

#[track_caller]
fn first(text: &str) -> String {
    let said = said(text);
    assert_eq!(said.len(), 1, "{said:#?}");
    said.into_iter().next().expect("one")
}

#[test]
fn an_unknown_field_names_the_nearest() {
    assert_eq!(
        first("\n[limit]\nmax_wiat = \"3s\"\n"),
        "line 3, column 1: limit.max_wiat: there is no such setting; did you mean max_wait?"
    );
    assert_eq!(
        first("[limit.each]\nrequest_per_minute = 3"),
        "line 2, column 1: limit.each.request_per_minute: there is no such setting; did you mean \
         requests_per_minute?"
    );
    let error = first("[breaker.window]\nlength = \"3s\"\ncolour = 1");
    assert!(error.ends_with("here are only length, buckets"), "{error}");
}

#[test]
fn a_unit_is_asked_for() {
    let error = first("[retry]\nmax_wait = 30");
    assert!(
        error.starts_with("line 2, column 12: retry.max_wait: 30 has no unit: write \"30s\""),
        "{error}"
    );
    let error = first("[retry.throttle]\nbase = \"3 weeks\"");
    assert!(
        error.contains("retry.throttle.base: \"3 weeks\" is no time"),
        "{error}"
    );
    let error = first("keep_bodies = 16");
    assert!(error.contains("keep_bodies: 16 has no unit"), "{error}");
    let error = first("[classify]\nhold = true");
    assert!(
        error.contains("line 2, column 8: classify.hold: invalid type: boolean"),
        "{error}"
    );
}

#[test]
fn a_missing_secret_names_the_variable_and_where_it_is_asked_for() {
    assert_eq!(
        first("[providers.groq]\n\nkey = \"env:MISSING\"\n"),
        "line 3, column 7: providers.groq.key: the environment variable MISSING is not set or empty"
    );
    assert_eq!(
        first("[[providers.openai.accounts]]\nname = \"a\"\nkey = \"env:MISSING\"\n"),
        "line 3, column 7: providers.openai.accounts[0].key: the environment variable MISSING is not \
         set or empty"
    );
    let error = first("[providers.groq]\nkey = \"gsk_canary\"\n");
    assert!(
        error.contains("line 2, column 7: providers.groq.key: must be \"env:NAME\""),
        "{error}"
    );
    assert!(!error.contains("canary"), "{error}");
}

/// Somebody who does not know where a key belongs should not find it in a log.
#[test]
fn a_key_in_a_wrong_place_is_not_repeated() {
    for (text, says) in [
        (
            "[providers]\ngroq = \"gsk_canary\"",
            "line 2, column 8: providers.groq: invalid type: string, expected a table",
        ),
        (
            "[providers.groq]\nkey = \"env:K\"\naccounts = [\"canary\"]",
            "line 3, column 13: providers.groq.accounts[0]: invalid type: string, expected a table",
        ),
        (
            "[providers.groq]\nkey = \"env:K\"\nheaders = \"Authorization: Bearer canary\"",
            "line 3, column 11: providers.groq.headers: invalid type: string, expected a table",
        ),
        (
            "[providers.groq]\nkey = \"env:K\"\nauth = \"Bearer `canary`\"",
            "line 3, column 8: providers.groq.auth: \"this\" is none of bearer, header,",
        ),
        (
            "[providers.groq]\nkey = \"env:K\"\nwire = \"openia\"",
            "line 3, column 8: providers.groq.wire: \"this\" is none of openai,",
        ),
        (
            "[providers.groq]\nkey = \"env:K\"\npreset = \"groq\"\nbase = \"https://h/v1?key=canary\"",
            "line 4, column 8: providers.groq.base: its address",
        ),
    ] {
        let error = first(text);
        assert!(error.starts_with(says), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[test]
fn names_must_be_those_of_something() {
    let text = SMALL.replace(
        "provider = \"groq\"\nmodel = \"llama-3.1",
        "provider = \"grok\"\nmodel = \"llama-3.1",
    );
    assert_eq!(
        first(&text),
        "line 10, column 12: targets.small.provider: there is no provider \"grok\"; did you mean \
         \"groq\"?"
    );
    let text = SMALL.replace("\"small\"]", "\"smal\", \"big\"]\nthen = \"nowhere\"");
    assert_eq!(
        said(&text),
        [
            "line 15, column 19: routes[0].targets[1]: there is no target \"smal\"; did you mean \
             \"small\"?",
            "line 15, column 27: routes[0].targets[2]: \"big\" comes twice in this route",
            "line 16, column 8: routes[0].then: there is no route \"nowhere\"",
        ]
    );
    assert_eq!(
        first("[providers.gorq]\nkey = \"env:K\""),
        "line 1, column 12: providers.gorq: needs a preset, or base and wire: there is no preset \
         \"gorq\"; \"groq\" is one"
    );
}

#[test]
fn duplicates_are_told() {
    let again = format!("{SMALL}\n[[routes]]\nname = \"chat\"\ntargets = [\"big\"]\n");
    assert!(first(&again).contains("routes[1].name: \"chat\" is the name of another route"));
    let twin =
        format!("{SMALL}\n[targets.twin]\nprovider = \"groq\"\nmodel = \"llama-3.1-8b-instant\"\n");
    assert!(
        first(&twin).contains("targets.twin: is the same model"),
        "{}",
        first(&twin)
    );
    let key = first("[limit]\nqueue = 1\nqueue = 2\n");
    assert!(
        key.starts_with("line 3, column 1: is no TOML: duplicate key"),
        "{key}"
    );
}

#[test]
fn all_is_told_at_once_and_in_the_order_of_the_file() {
    let text = r#"
deadline = 30
[limit]
max_wait = "0s"
quue = 5
[limit.each]
requests_per_minute = "many"
[retry.transient]
attempts = 0
[breaker]
failure_rate = { rate = 1.5, calls = 10 }
[providers.groq]
key = "env:MISSING"
[[routes]]
name = "chat"
targets = ["nobody"]
"#;
    let said = said(text);
    let keys: Vec<_> = said
        .iter()
        .map(|line| line.split(": ").nth(1).expect("a key"))
        .collect();
    // Beside a setting that does not exist, what makes no sense may be a consequence.
    assert_eq!(
        keys,
        [
            "deadline",
            "limit.quue",
            "limit.each.requests_per_minute",
            "retry.transient.attempts",
            "breaker.failure_rate.rate",
            "providers.groq.key",
            "routes[0].targets[0]",
        ],
        "{said:#?}"
    );
}

#[test]
fn each_layer_says_what_makes_no_sense() {
    for (text, says) in [
        (
            "[retry]\nmax_wait = \"0s\"",
            "line 2, column 12: retry.max_wait: must be above zero",
        ),
        (
            "[retry.budget]\nsize = 0.0",
            "retry.budget.size: must be above zero",
        ),
        (
            "[retry]\non_status = [99]",
            "line 2, column 14: retry.on_status[0]: 99 is no HTTP status",
        ),
        (
            "[retry]\non_classes = [\"auth\"]",
            "retry.on_classes: may hold throttles",
        ),
        (
            "[breaker]\nkeys = 0",
            "line 2, column 8: breaker.keys: must be at least 1",
        ),
        (
            "[limit]\nqueue = 0",
            "line 2, column 9: limit.queue: must be 1 to 1000000",
        ),
        (
            "[limit]\nshed = true\nqueue = 5",
            "limit.shed: and a queue exclude each other",
        ),
        (
            "[limit]\nshare = 2.0\n[limit.each]\nconcurrency = 1",
            "limit.share: must be above 0",
        ),
        (
            "[limit.each]\nconcurrency = 0",
            "limit.each.concurrency: must be above zero",
        ),
        (
            "[limit.each]\nrequests_per_minute = 0",
            "limit.each.requests_per_minute: must be above",
        ),
        (
            "[timeouts]\nidle = \"0s\"",
            "line 2, column 8: timeouts.idle: must be above zero",
        ),
        (
            "[timeouts]\nfirst_event_floor = \"2s\"",
            "timeouts.first_event_floor: is of no use",
        ),
        (
            "[classify]\nmax_peek = \"0B\"",
            "classify.max_peek: must be above zero",
        ),
        (
            "[router]\nattempts = 17\n",
            "router.attempts: must be from 1 to 16",
        ),
        (
            "[providers.p]\nbase = \"https://h\"",
            "providers.p.base: needs its wire too",
        ),
        (
            "[providers.azure]\nkey = \"env:K\"",
            "providers.azure: the preset \"azure\" needs resource",
        ),
        (
            "[providers.p]\nbase = \"https://a:b@h/v1\"\nwire = \"openai\"\nkey = \"env:K\"",
            "line 2, column 8: providers.p.base: its address holds a user or a password",
        ),
        (
            "[providers.groq]\nregion = \"x\"\nkey = \"env:K\"",
            "providers.groq.region: says nothing",
        ),
    ] {
        let text = match text.starts_with("[router]") {
            true => format!("{text}{SMALL}"),
            false => text.to_owned(),
        };
        let error = first(&text);
        assert!(error.contains(says), "{text}\n{error}");
    }
}

#[test]
fn windows_say_what_they_need() {
    let window = |rest: &str| {
        first(&format!(
            "[limit.each]\nwindows = [{{ of = \"requests\", {rest} }}]"
        ))
    };
    for (rest, says) in [
        ("amount = 1", "missing field `per`"),
        // That it is missing once it was taken out is no news.
        (
            "amount = 1, per = \"5 fortnights\"",
            "windows[0].per: \"5 fortnights\" is no time",
        ),
        (
            "amount = 1, per = \"1h\", counts = \"bucket\"",
            "counts: counts = \"bucket\" needs a burst",
        ),
        (
            "amount = 1, per = \"1h\", burst = 2",
            "burst: says nothing for counts = \"learned\"",
        ),
        (
            "amount = 1, per = \"24h\", counts = \"day\", zone = \"Mars\"",
            "zone: \"Mars\": there is no",
        ),
        (
            "amount = 1, per = \"0s\"",
            "windows[0]: the period of a limit must be above zero",
        ),
    ] {
        let error = window(rest);
        assert!(error.contains(says), "{error}");
        assert!(error.starts_with("line 2, column "), "{error}");
    }
}

#[test]
fn a_table_is_no_list() {
    for (text, says) in [
        (
            "[[limit]]\nrequests_per_minute = 30",
            "limit: must be a table",
        ),
        ("retry = []", "line 1, column 9: retry: must be a table"),
        (
            "[[providers.groq]]\nkey = \"env:K\"",
            "providers.groq: must be a table",
        ),
    ] {
        let error = first(text);
        assert!(error.contains(says), "{error}");
        assert!(error.starts_with("line 1, column "), "{error}");
    }
}

#[test]
fn what_was_taken_out_is_not_missed() {
    let error = first("[limit.each]\nwindows = [{ of = \"x\", amount = 1, per = \"1h\" }]");
    assert!(error.contains("windows[0].of: \"x\" is none of"), "{error}");
}

#[test]
fn what_a_router_refuses_is_found_in_the_file() {
    let with = |from: &str, to: &str| first(&SMALL.replace(from, to));
    let error = with("name = \"chat\"", "name = \"chat\"\nthen = \"chat\"");
    assert!(error.contains("routes[0]: goes on with itself"), "{error}");
    let error = with(
        "key = \"env:GROQ_API_KEY\"",
        "base = \"http://api.example.com\"\nkey = \"env:K\"\npreset = \"groq\"",
    );
    assert!(
        error.contains("providers.groq.plain_http: its key would go to"),
        "{error}"
    );
    let error = with("key = \"env:GROQ_API_KEY\"", "");
    assert!(
        error.contains("providers.groq.key: it has no key"),
        "{error}"
    );
    let error = with("[targets.small]", "weight = -1.0\n[targets.small]");
    assert!(
        error.contains("line 9, column 10: targets.big.weight: a weight cannot be -1"),
        "{error}"
    );
    let other = format!(
        "{SMALL}[providers.anthropic]\nkey = \"env:K\"\n[targets.c]\nprovider = \"anthropic\"\nmodel = \"c\"\n[[routes]]\nname = \"x\"\ntargets = [\"big\", \"c\"]\n"
    );
    let error = first(&other);
    assert!(
        error.contains("targets.c: speaks anthropic, the targets before it openai"),
        "{error}"
    );
}

#[test]
fn a_file_is_named() {
    let error = Config::from_file("/no/such/tollgate.toml")
        .map(drop)
        .expect_err("no file");
    assert!(
        error
            .to_string()
            .starts_with("/no/such/tollgate.toml: cannot be read: "),
        "{error}"
    );
    assert_eq!(error.file(), Some("/no/such/tollgate.toml"));
}

#[test]
fn text_that_is_no_toml_is_told_with_its_line() {
    let error = first("[limit\nqueue = 1");
    assert!(
        error.starts_with("line 1, column 7: is no TOML: "),
        "{error}"
    );
    let error = first("\u{feff}deadline = 30");
    assert!(
        error.starts_with("line 1, column 12: deadline: "),
        "{error}"
    );
    let error = first("# ü\nü = 1");
    assert!(error.starts_with("line 2, column 1: "), "{error}");
}

#[test]
fn serde_speaks_as_people_do() {
    for (text, says) in [
        (
            "retry.budget = \"of\"",
            "line 1, column 16: retry.budget: invalid type: string \"of\", expected a table or \"off\"",
        ),
        (
            "[retry.budget]\nsiez = 1.0",
            "line 2, column 1: retry.budget.siez: there is no such setting; did you mean size?",
        ),
        (
            "retry.on_classes = [\"timeout\", \"timeuot\"]",
            "line 1, column 32: retry.on_classes[1]: \"timeuot\" is none of",
        ),
        (
            "limit.by = \"model\"\r\nlimit.each = 5",
            "line 2, column 14: limit.each: invalid type: integer `5`, expected a table",
        ),
        (
            "[targets.x]\nprovider = 5\n[[routes]]\nname = \"r\"\ntargets = [\"x\"]",
            "line 2, column 12: targets.x.provider: invalid type: integer `5`, expected text",
        ),
        (
            "[limit.hosts.\"api.x.ai\"]\nrequests_per_minute = 0",
            "limit.hosts.\"api.x.ai\".requests_per_minute: must be above zero",
        ),
    ] {
        let error = first(text);
        assert!(error.contains(says), "{text}\n{error}");
    }
}
