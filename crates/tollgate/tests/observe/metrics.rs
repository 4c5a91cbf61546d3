//! What a recorder is told, as Prometheus would read it.

use std::collections::{BTreeMap, BTreeSet};

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use tollgate::{
    Metrics,
    core::Target,
    limit::{Limit, Limits},
    metrics::{BUCKETS, Kind, NAMES},
    retry::RetryLayer,
    state::Parts,
};
use tollgate_test::{Fault, Kind as Limited, Quota};
use tower::{Layer, ServiceExt};

use crate::{stories, support::*};

const ALERTS: &str = include_str!("../../alerts/tollgate.yml");

fn recorder() -> PrometheusRecorder {
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
    builder.expect("good buckets").build_recorder()
}

/// The names of a text, as far as they are ours.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("tollgate_")).collect()
}

/// Without what Prometheus adds for a distribution.
fn base(name: &str) -> &str {
    let parts = ["_bucket", "_sum", "_count"];
    parts
        .iter()
        .find_map(|part| name.strip_suffix(part))
        .unwrap_or(name)
}

/// The values of one name, by its labels.
fn values(text: &str, name: &str) -> BTreeMap<String, f64> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix('{'));
    lines
        .map(|line| {
            let (labels, value) = line.rsplit_once("} ").expect("labels and a value");
            (labels.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_name_is_used_described_and_documented() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    stories::all(&metrics, &|handles| metrics.refresh(&handles.parts())).await;
    let text = recorder.handle().render();

    let mut series = BTreeMap::<&str, BTreeSet<String>>::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let (name, rest) = line.split_once(['{', ' ']).expect("a name");
        let labels = rest.split_once("} ").map_or("", |(labels, _)| labels);
        let keys = labels
            .split("\",")
            .filter_map(|label| Some(label.split_once('=')?.0.to_owned()));
        series
            .entry(base(name))
            .or_default()
            .extend(keys.filter(|key| key != "le"));
    }
    let known: BTreeSet<_> = NAMES.iter().map(|name| name.name).collect();
    assert_eq!(series.keys().copied().collect::<BTreeSet<_>>(), known);
    for name in &NAMES {
        let labels: BTreeSet<_> = name.labels.iter().map(|&label| label.to_owned()).collect();
        assert_eq!(series[name.name], labels, "{}", name.name);
        assert!(
            text.contains(&format!("# HELP {} {}", name.name, name.help)),
            "{}",
            name.name
        );
        let kind = format!("# TYPE {} {}", name.name, name.kind.as_str());
        assert!(text.contains(&kind), "{kind}");
        let (counts, seconds) = (
            name.name.ends_with("_total"),
            name.name.ends_with("_seconds"),
        );
        assert_eq!(name.kind == Kind::Counter, counts, "{}", name.name);
        assert!(name.kind != Kind::Histogram || seconds, "{}", name.name);
        // As the rules need them: with buckets, which can be added up.
        let buckets = text.contains(&format!("{}_bucket{{", name.name));
        assert_eq!(name.kind == Kind::Histogram, buckets, "{}", name.name);
    }
    // And the page says the same.
    let row = |name: &tollgate::metrics::Name| {
        let labels = name.labels.iter().map(|label| format!("`{label}`"));
        let labels = labels.collect::<Vec<_>>().join(", ");
        format!(
            "| `{}` | {} | {labels} | {} |",
            name.name,
            name.kind.as_str(),
            name.help
        )
    };
    let page = include_str!("../../src/metrics/names.md").lines().skip(2);
    assert_eq!(
        page.collect::<Vec<_>>(),
        NAMES.iter().map(row).collect::<Vec<_>>()
    );
}

#[test]
fn the_alerts_ask_for_names_and_values_that_exist() {
    let rules = ALERTS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "));
    let rules: Vec<_> = rules.collect();
    assert_eq!(rules.len(), ALERTS.matches("- alert: ").count());
    for rule in rules {
        let open = |c| rule.matches(c).count();
        assert_eq!(
            (open('('), open('['), open('{')),
            (open(')'), open(']'), open('}')),
            "{rule}"
        );
        let asked = names(rule);
        assert!(!asked.is_empty(), "{rule}");
        for name in asked {
            let known = NAMES.iter().find(|known| known.name == base(name));
            let known = known.unwrap_or_else(|| panic!("{name} does not exist"));
            assert_eq!(known.kind == Kind::Histogram, base(name) != name, "{name}");
            let labels = rule
                .split("by (")
                .skip(1)
                .filter_map(|rest| rest.split(')').next());
            for label in labels
                .flat_map(|list| list.split(", "))
                .filter(|label| *label != "le")
            {
                assert!(known.labels.contains(&label), "{name} has no {label}");
            }
        }
        for outcome in rule
            .split("outcome")
            .skip(1)
            .filter_map(|rest| rest.split('"').nth(1))
        {
            let real = |one: &str| {
                one == "cancelled"
                    || tollgate::core::Class::ALL
                        .iter()
                        .any(|class| class.as_str() == one)
            };
            assert!(outcome.split('|').all(real), "{outcome}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn calls_are_counted_by_how_they_ended_and_who_served_them() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    let failing = groq().fault(Fault::status(429).calls(2..=9));
    let (client, handles) = stack(internet(failing, openai()), metrics.clone(), false);
    for _ in 0..3 {
        read(send(&client, request()).await.expect("served"))
            .await
            .expect("whole");
    }
    metrics.refresh(&handles.parts());
    let text = recorder.handle().render();
    let of = |outcome: &str, provider: &str, model: &str| {
        format!("outcome=\"{outcome}\",provider=\"{provider}\",model=\"{model}\"")
    };
    let calls = values(&text, "tollgate_calls_total");
    assert_eq!(
        calls,
        [
            (of("ok", "groq", "big"), 1.0),
            (of("ok", "openai", "mini"), 2.0)
        ]
        .into()
    );
    let attempts = values(&text, "tollgate_attempts_total");
    assert_eq!(attempts[&of("rate_limited", "groq", "big")], 1.0);
    let fallbacks = values(&text, "tollgate_fallbacks_total");
    assert_eq!(
        fallbacks,
        [("from=\"groq/big\",to=\"openai/mini\"".to_owned(), 1.0)].into()
    );
    let cooldowns = values(&text, "tollgate_cooldowns");
    assert_eq!(cooldowns.values().copied().collect::<Vec<_>>(), [1.0]);
    let tokens = values(&text, "tollgate_tokens_total");
    assert!(
        tokens
            .iter()
            .any(|(labels, n)| labels.contains("output") && *n > 0.0),
        "{tokens:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn gauges_follow_a_limit_and_let_go_of_it() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    let limited = groq().quota(Quota::fixed(Limited::Tokens, 6_000, s(60)));
    let (client, handles) = stack(internet(limited, openai()), metrics.clone(), false);
    let answer = send(&client, request()).await.expect("served");
    metrics.refresh(&handles.parts());
    let text = recorder.handle().render();
    let key = "provider=\"groq\",model=\"big\",account=\"team-a\"";
    assert_eq!(values(&text, "tollgate_in_flight")[key], 1.0);
    let limits = values(&text, "tollgate_limit_limit");
    let left = values(&text, "tollgate_limit_remaining");
    assert!(limits.values().any(|limit| *limit == 6_000.0), "{limits:?}");
    assert!(left.values().any(|left| *left < 6_000.0), "{left:?}");
    assert_eq!(
        limits.keys().collect::<Vec<_>>(),
        left.keys().collect::<Vec<_>>()
    );

    // Nothing of it is taken any more, so its key is forgotten: that is, all of it is left.
    read(answer).await.expect("whole");
    tokio::time::advance(s(3_600)).await;
    metrics.refresh(&handles.parts());
    let text = recorder.handle().render();
    assert_eq!(values(&text, "tollgate_in_flight")[key], 0.0);
    assert_eq!(values(&text, "tollgate_limit_remaining"), limits);
    assert!(handles.limit.keys().is_empty(), "else this proves nothing");
}

/// A burst of 200 that is used is no limit that is used up.
#[tokio::test(start_paused = true)]
async fn a_burst_is_told_from_a_limit() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    let (client, handles) = stack(internet(groq(), openai()), metrics.clone(), false);
    let burst = Limit::requests(12_000, s(60)).bucket(200);
    let hour = Limit::requests(50_000, s(3_600)).fixed();
    let limits = Limits::new().limit(burst).limit(hour);
    handles.limit.set_limits(limits).expect("good limits");
    let answer = send(&client, request()).await.expect("served");
    read(answer).await.expect("whole");
    metrics.refresh(&handles.parts());
    let text = recorder.handle().render();
    let of = |name: &str, window: &str| {
        let mine = values(&text, name).into_iter().filter(|(labels, _)| {
            labels.contains("requests\"") && labels.ends_with(&format!("window=\"{window}\""))
        });
        let mine: Vec<_> = mine.map(|(_, value)| value).collect();
        assert_eq!(mine.len(), 1, "{name} {window}");
        mine[0]
    };
    let (limit, rate) = ("tollgate_limit_limit", "tollgate_limit_per_minute");
    assert_eq!((of(limit, "minute"), of(rate, "minute")), (200.0, 12_000.0));
    let hourly = of(rate, "hour");
    assert!((hourly - 50_000.0 / 60.0).abs() < 1.0, "{hourly}");
    // What the rule leaves out, and what it does not.
    let alert = ALERTS
        .lines()
        .find(|line| line.contains("tollgate_limit_remaining"));
    let alert = alert.expect("a rule");
    assert!(alert.contains("unless tollgate_limit_limit < 0.9 * tollgate_limit_per_minute"));
    for (window, is_burst) in [("minute", true), ("hour", false)] {
        assert_eq!(of(limit, window) < 0.9 * of(rate, window), is_burst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_below_its_configured_limit_is_shown() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    let small = || groq().quota(Quota::fixed(Limited::Tokens, 6_000, s(60)));
    // What the headers say, nothing, and ten times as much.
    for limit in [Some(6_000), None] {
        let (client, handles) = stack(internet(small(), openai()), metrics.clone(), false);
        let limits = limit.map(|limit| Limits::new().tokens_per_minute(limit));
        handles
            .limit
            .set_limits(limits.unwrap_or_default())
            .expect("good");
        let answer = send(&client, request()).await.expect("served");
        read(answer).await.expect("whole");
        metrics.refresh(&handles.parts());
        let text = recorder.handle().render();
        assert!(!text.contains("tollgate_limit_below_ratio{"), "{limit:?}");
        assert!(!text.contains("tollgate_below_configured_total{"));
    }
    let (client, handles) = stack(internet(small(), openai()), metrics.clone(), false);
    let limits = Limits::new().tokens_per_minute(60_000);
    handles.limit.set_limits(limits).expect("good limits");
    for _ in 0..3 {
        let answer = send(&client, request()).await.expect("served");
        read(answer).await.expect("whole");
    }
    metrics.refresh(&handles.parts());
    let text = recorder.handle().render();
    let key = "provider=\"groq\",model=\"big\",account=\"team-a\",kind=\"tokens\"";
    let shown = values(&text, "tollgate_limit_below_ratio");
    assert_eq!(shown, [(key.to_owned(), 0.1)].into());
    let told = values(&text, "tollgate_below_configured_total");
    let why = "reason=\"headers\",provider=\"groq\",model=\"big\"";
    assert_eq!(told, [(why.to_owned(), 1.0)].into(), "once");
    // The key is forgotten: nothing says that less is allowed.
    tokio::time::advance(s(3_600)).await;
    metrics.refresh(&handles.parts());
    let text = recorder.handle().render();
    assert_eq!(values(&text, "tollgate_limit_below_ratio")[key], 1.0);
}

#[tokio::test(start_paused = true)]
async fn a_breaker_and_a_budget_are_shown() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    let (_, handles) = stack(internet(groq(), openai()), metrics.clone(), false);
    let target = Target::new("groq", "big");
    let show = || {
        metrics.refresh(&handles.parts());
        let text = recorder.handle().render();
        values(&text, "tollgate_breaker_state")
            .into_values()
            .collect::<Vec<_>>()
    };
    handles.breaker.force_open(&target, s(5));
    assert_eq!(show(), [2.0]);
    handles.breaker.reset(&target);
    assert_eq!(show(), [0.0]);

    let (retry, handle) = RetryLayer::builder().build_with_handle().expect("good");
    let ill = groq().fault(Fault::status(500).first(2)).build();
    retry
        .layer(ill.service())
        .oneshot(request())
        .await
        .expect("an answer");
    let budgets = || {
        metrics.refresh(&Parts::new().retry(&handle));
        values(&recorder.handle().render(), "tollgate_retry_budget_tokens")
    };
    assert!(budgets()["provider=\"any.example\""] < 99.0);
    tokio::time::advance(s(3_600)).await;
    assert_eq!(budgets()["provider=\"any.example\""], 100.0);
}

/// Names of models come out of requests.
#[tokio::test(start_paused = true)]
async fn a_flood_of_names_makes_no_flood_of_series() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::most_targets(20);
    let attempt = tollgate::AttemptLayer::new().observer(metrics.clone());
    let client = attempt.layer(groq().build().service());
    for n in 0..500 {
        let request = http::Request::post(format!("https://host-{}.example/v1", n % 50));
        let body = Body::from(format!("{{\"model\":\"model-{n}\"}}"));
        client
            .clone()
            .oneshot(request.body(body).expect("one"))
            .await
            .expect("an answer");
    }
    let text = recorder.handle().render();
    let series = values(&text, "tollgate_attempts_total");
    assert!(series.len() <= 41, "{}", series.len());
    assert_eq!(series.values().sum::<f64>(), 500.0, "and none is lost");
    assert!(series.keys().any(|labels| labels.contains("\"other\"")));
}

#[tokio::test(start_paused = true)]
async fn no_key_is_shown() {
    let recorder = recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let metrics = Metrics::new();
    stories::all(&metrics, &|handles| metrics.refresh(&handles.parts())).await;
    let text = recorder.handle().render();
    assert!(
        text.contains("tollgate_") && !text.contains(CANARY),
        "{text}"
    );
}
