//! Many calls, and how each of them ended.

use std::time::Duration;

use http::Request;
use http_body_util::BodyExt;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tollgate_core::{Class, Classification, Reason, Rejected};
use tollgate_route::{BadRequest, Exhausted};
use tower::ServiceExt;

use super::{
    stack::{Answer, Client},
    told::Told,
};
use crate::Body;

/// One call that is to be made.
pub(super) struct Call {
    pub(super) arrival: Duration,
    pub(super) request: Request<Body>,
    /// The caller drops it after so long, whatever it is doing then.
    pub(super) patience: Option<Duration>,
}

/// How a call ended: each in one way, and in one way only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// Answered, to the last byte.
    Ok,
    /// The provider failed, and this is how.
    Error(Class),
    /// The answer began well and broke off.
    Broken,
    /// A layer refused it, and this is why.
    Rejected(Reason),
    /// The caller went away.
    Cancelled,
    /// It failed, and nobody can tell why: what must never be.
    Silent(String),
}

/// What became of one call.
pub(super) struct Done {
    pub(super) call: usize,
    pub(super) took: Duration,
    pub(super) end: End,
}

/// The number of a call is in its body, where providers see it. A router sends it elsewhere.
pub(super) fn chat(call: usize, stream: bool) -> Request<Body> {
    let body = format!(r#"{{"model":"any","stream":{stream},"user":"{call}","messages":[]}}"#);
    let request = Request::post("https://api.openai.com/v1/chat/completions");
    request.body(Body::from(body)).expect("a request")
}

/// Calls that arrive one after the other.
pub(super) fn every(gap: Duration, calls: usize) -> Vec<Call> {
    let call = |n: usize| Call {
        arrival: gap * u32::try_from(n).expect("few"),
        request: chat(n, false),
        patience: None,
    };
    (0..calls).map(call).collect()
}

/// Makes all calls, each in a task of its own, and waits for their ends; in the order of the calls.
pub(super) async fn run(client: &Client, calls: Vec<Call>) -> Vec<Done> {
    let (start, mut running) = (Instant::now(), JoinSet::new());
    for (n, call) in calls.into_iter().enumerate() {
        let client = client.clone();
        running.spawn(async move {
            sleep_until(start + call.arrival).await;
            let arrival = Instant::now();
            let end = Told::about(
                n,
                timeout(call.patience.unwrap_or(DAY), end(client, call.request)),
            );
            Done {
                call: n,
                end: end.await.unwrap_or(End::Cancelled),
                took: arrival.elapsed(),
            }
        });
    }
    let mut all = timeout(DAY, running.join_all())
        .await
        .expect("a call never ended");
    all.sort_unstable_by_key(|done| done.call);
    all
}

const DAY: Duration = Duration::from_secs(86_400);

/// Makes a call, reads its answer to the end, and says how it ended.
pub(super) async fn end(client: Client, request: Request<Body>) -> End {
    match client.oneshot(request).await {
        Ok(answer) => of_answer(answer).await,
        Err(error) => {
            if let Some(exhausted) = error.find::<Exhausted>()
                && let Some(unexplained) = exhausted.attempts().iter().find(|attempt| {
                    attempt.class().is_none()
                        && attempt.reason().is_none()
                        && attempt.took().is_some()
                })
            {
                return End::Silent(format!("asked, but no reason: {unexplained}"));
            }
            if error.is::<BadRequest>() {
                return End::Error(Class::InvalidRequest);
            }
            match (Rejected::find(&error), Class::of_error(&error)) {
                (Some(rejected), _) => End::Rejected(rejected.reason()),
                (None, Some(class)) => End::Error(class),
                (None, None) => End::Silent(error.to_string()),
            }
        }
    }
}

/// A failure must say what it is, and carry everything that the provider said.
async fn of_answer(answer: Answer) -> End {
    let seen = Classification::of(&answer).into_owned();
    let length = answer.headers().get("content-length").cloned();
    let Ok(body) = answer.into_body().collect().await else {
        return End::Broken;
    };
    let body = body.to_bytes();
    let whole = length.is_none_or(|length| length == body.len().to_string().as_str());
    match seen.class() {
        _ if !whole => End::Broken,
        Class::Ok => End::Ok,
        class if !seen.evidence().is_empty() && !body.is_empty() => End::Error(class),
        class => End::Silent(format!("{class}, without evidence or without a body")),
    }
}

/// How many calls ended so.
pub(super) fn count(all: &[Done], is: impl Fn(&End) -> bool) -> usize {
    all.iter().filter(|done| is(&done.end)).count()
}

/// The time within which so many of 100 calls that were answered had their whole answer.
pub(super) fn percentile(all: &[Done], percent: usize) -> Duration {
    let answered = all.iter().filter(|done| done.end == End::Ok);
    let mut took: Vec<Duration> = answered.map(|done| done.took).collect();
    took.sort_unstable();
    let place = (took.len() * percent).div_ceil(100).max(1) - 1;
    took.get(place).copied().unwrap_or(Duration::MAX)
}
