//! The table of `tests/policy.jsonl`, each line a story with the real layer and exact times.
//!
//! A line has `settings` (those of the builder; times in seconds), what is on the request, and
//! `steps`: one per attempt. A step says what comes back (`status`, `headers`, a classifier's `note`,
//! or an `error`) and what must follow: the range of the `wait` before the next attempt, or `why`
//! there is none; a last step without either is a success. `left` is the host's budget afterwards.

use std::{collections::BTreeMap, io, time::Duration};

use http::{HeaderMap, Method, Request, StatusCode};
use serde::Deserialize;
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, Class, Classification, Note, Random, Reason, Rejected};
use tollgate_retry::{Backoff, Budget, Event, RetryLayer};
use tower::{Layer, ServiceExt};
use tower_service::Service;

use crate::support::{self, Answer, Body, Provider};

/// Enough draws that a range which is too wide or too narrow shows.
const SEEDS: u64 = 24;

type Times = (f64, f64, u32);

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    name: String,
    settings: Settings,
    method: Option<String>,
    request_headers: BTreeMap<String, String>,
    body_once: bool,
    call: Option<Limits>,
    each_status: Vec<u16>,
    steps: Vec<Step>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    throttle: Option<Times>,
    transient: Option<Times>,
    hint_jitter: Option<(f64, f64, f64)>,
    max_wait: Option<f64>,
    // The outer one says whether it is there, the inner one whether it is null.
    #[serde(deserialize_with = "present")]
    #[expect(clippy::option_option, reason = "null is not the same as absent")]
    budget: Option<Option<Tokens>>,
    on_status: Vec<u16>,
    on_classes: Option<Vec<String>>,
    only_safe: bool,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Tokens {
    size: Option<f64>,
    deposit: Option<f64>,
    transient: Option<f64>,
    throttle: Option<f64>,
    hinted: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    wait_budget: Option<f64>,
    deadline: Option<f64>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Step {
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    note: Option<Seen>,
    queued: Option<f64>,
    error: Option<String>,
    takes: f64,
    wait: Option<(f64, f64)>,
    why: Option<String>,
    left: Option<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    class: String,
    wait: Option<f64>,
    retry_same: Option<bool>,
}

#[expect(clippy::option_option, reason = "null is not the same as absent")]
fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Option<Tokens>>, D::Error> {
    Option::deserialize(d).map(Some)
}

#[tokio::test(start_paused = true)]
async fn every_line_holds() {
    let table = include_str!("../policy.jsonl");
    let cases = table.lines().map(|line| {
        serde_json::from_str::<Case>(line).unwrap_or_else(|error| panic!("{error} in {line}"))
    });
    for mut case in cases {
        let statuses = match &case.each_status[..] {
            [] => vec![case.steps[0].status],
            each => each.iter().copied().map(Some).collect(),
        };
        for status in statuses {
            case.steps[0].status = status;
            check(&case).await;
        }
    }
}

async fn check(case: &Case) {
    let mut waits = vec![Vec::new(); case.steps.len()];
    for seed in 0..SEEDS {
        run(case, seed, &mut waits).await;
    }
    for (step, seen) in case.steps.iter().zip(&waits) {
        let Some((low, high)) = step.wait else {
            continue;
        };
        let least = seen.iter().copied().fold(f64::INFINITY, f64::min);
        let most = seen.iter().copied().fold(0.0, f64::max);
        let text = format!(
            "{}: waits of {least} to {most} s, not {low} to {high}",
            case.name
        );
        // A sleep ends with the next full millisecond.
        assert!(least >= low && most <= high + 0.001, "{text}");
        // Where each status of a list has a range of its own, the list has the widest.
        assert!(
            most - least >= (high - low) / 2.0 || !case.each_status.is_empty(),
            "{text}"
        );
    }
}

async fn run(case: &Case, seed: u64, waits: &mut [Vec<f64>]) {
    let whys = std::sync::Mutex::new(Vec::new());
    let builder = case
        .settings
        .builder()
        .random(Random::seeded(seed))
        .observer(|event: &Event| {
            if let Event::GaveUp { why, .. } = event {
                whys.lock().unwrap().push(why.to_string());
            }
        });
    let (layer, handle) = builder.build_with_handle().expect("good settings");
    let provider = Provider::new(case.steps.iter().map(Step::answer));
    let left = std::cell::RefCell::new(Vec::new());
    let watched = tower::service_fn(|request: Request<Body>| {
        left.borrow_mut().push(handle.budget("api.groq.com"));
        provider.clone().call(request)
    });

    let result = layer.layer(watched).oneshot(case.request()).await;

    let memory = provider.memory();
    assert_eq!(
        memory.seen.len(),
        case.steps.len(),
        "{}: attempts",
        case.name
    );
    let mut left = left.into_inner();
    left.remove(0);
    left.push(handle.budget("api.groq.com"));
    for (i, step) in case.steps.iter().enumerate() {
        if let Some(next) = memory.seen.get(i + 1) {
            let wait = next.at - memory.seen[i].at;
            waits[i].push(wait.as_secs_f64() - step.takes);
        }
        if let (Some(expected), Some(left)) = (step.left, left[i]) {
            assert!(
                (left - expected).abs() < 0.01,
                "{}: {left} left, step {i}",
                case.name
            );
        }
    }
    let last = case.steps.last().expect("a step");
    let why: Vec<_> = last.why.iter().cloned().collect();
    assert_eq!(*whys.lock().unwrap(), why, "{}", case.name);
    let status = result.ok().map(|response| response.status().as_u16());
    assert_eq!(status, last.status, "{}: what is handed over", case.name);
}

impl Settings {
    fn builder(&self) -> tollgate_retry::Builder {
        let backoff = |(base, cap, attempts)| Backoff::new(time(base), time(cap), attempts);
        let mut builder = RetryLayer::builder();
        if let Some(times) = self.throttle {
            builder = builder.throttle(backoff(times));
        }
        if let Some(times) = self.transient {
            builder = builder.transient(backoff(times));
        }
        if let Some((fraction, min, max)) = self.hint_jitter {
            builder = builder.hint_jitter(fraction, time(min), time(max));
        }
        if let Some(wait) = self.max_wait {
            builder = builder.max_wait(time(wait));
        }
        builder = match self.budget {
            Some(None) => builder.no_budget(),
            Some(Some(tokens)) => builder.budget(tokens.budget()),
            None => builder.budget(Tokens::default().budget()),
        };
        for code in &self.on_status {
            builder = builder.on_status(StatusCode::from_u16(*code).expect("a status"));
        }
        if let Some(classes) = &self.on_classes {
            builder = builder.on_classes(classes.iter().map(|name| class(name)));
        }
        if self.only_safe {
            builder.only_safe()
        } else {
            builder
        }
    }
}

impl Tokens {
    /// With a trickle so slow that the time of a story does not show.
    fn budget(self) -> Budget {
        let mut budget = Budget::new().with_trickle(time(86_400.0));
        let with = [
            Budget::with_size,
            Budget::with_deposit,
            Budget::with_transient_cost,
        ];
        for (tokens, with) in [self.size, self.deposit, self.transient]
            .into_iter()
            .zip(with)
        {
            budget = tokens.map_or(budget, |tokens| with(budget, tokens));
        }
        let with = [Budget::with_throttle_cost, Budget::with_hinted_cost];
        for (tokens, with) in [self.throttle, self.hinted].into_iter().zip(with) {
            budget = tokens.map_or(budget, |tokens| with(budget, tokens));
        }
        budget
    }
}

impl Case {
    fn request(&self) -> Request<Body> {
        let mut request = support::request();
        if let Some(method) = &self.method {
            *request.method_mut() = method.parse::<Method>().expect("a method");
        }
        fill(request.headers_mut(), &self.request_headers);
        if self.body_once {
            *request.body_mut() = Body::Once;
        }
        if let Some(limits) = &self.call {
            let call = Call::new()
                .with_wait_budget(limits.wait_budget.map(time))
                .with_deadline(limits.deadline.map(|s| Instant::now() + time(s)));
            request.extensions_mut().insert(call);
        }
        request
    }
}

impl Step {
    fn answer(&self) -> Answer<()> {
        (time(self.takes), self.result())
    }

    fn result(&self) -> Result<http::Response<()>, BoxError> {
        match self.error.as_deref() {
            Some("timeout") => return Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            Some("reset") => return Err(io::Error::from(io::ErrorKind::ConnectionReset).into()),
            Some("rejected") => return Err(Rejected::new(Reason::QueueFull).into()),
            Some(other) => panic!("no such error: {other}"),
            None => {}
        }
        let mut response = support::status(self.status.expect("a status or an error"));
        fill(response.headers_mut(), &self.headers);
        if let Some(seen) = &self.note {
            let mut seen_as =
                Classification::new(class(&seen.class)).with_wait(seen.wait.map(time));
            if let Some(yes) = seen.retry_same {
                seen_as = seen_as.with_retry_same(yes);
            }
            Note::update(&mut response, |note| note.set_classification(seen_as));
        }
        if let Some(queued) = self.queued {
            Note::update(&mut response, |note| note.set_queued(time(queued)));
        }
        Ok(response)
    }
}

fn fill(headers: &mut HeaderMap, from: &BTreeMap<String, String>) {
    for (name, value) in from {
        let name = http::HeaderName::try_from(name).expect("a name");
        headers.insert(name, value.parse().expect("a value"));
    }
}

fn class(name: &str) -> Class {
    let mut all = Class::ALL.into_iter();
    all.find(|class| class.as_str() == name).expect("a class")
}

fn time(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}
