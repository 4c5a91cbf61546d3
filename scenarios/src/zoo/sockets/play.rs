//! One run: all calls at once, by one client, to a server of its own.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::{runtime::Runtime, task::JoinSet, time::Instant};
use tollgate::{BoxClient, BoxError, Event};
use tollgate_core::Observe;
use tollgate_test::{Dialect, Provider};
use tower::ServiceExt;

use super::{client::Client, shape::Shape};

pub(super) const CALLS: usize = 300;

/// How long the head of a success takes.
pub(super) const HEAD: Duration = Duration::from_millis(300);

/// The observer of the stack.
pub(super) type Observer = Arc<dyn for<'a> Observe<Event<'a>> + Send + Sync>;

/// What came of a run.
pub(super) struct Played {
    pub(super) shape: Shape,
    pub(super) client: Client,
    /// From the start of all calls to the end of the last answer.
    pub(super) last: Duration,
    pub(super) answered: usize,
    pub(super) rejections: u64,
}

/// Plays it to its end, on a runtime of its own.
pub(super) fn play(
    shape: Shape,
    client: Client,
    observer: Option<Observer>,
) -> Result<Played, BoxError> {
    Runtime::new()?.block_on(run(shape, client, observer))
}

async fn run(shape: Shape, client: Client, observer: Option<Observer>) -> Result<Played, BoxError> {
    let provider = Provider::builder(Dialect::OpenAi)
        .quota(shape.quota())
        .latency(HEAD, Duration::ZERO)
        .build();
    let server = provider.serve().await?;
    let uri = format!("{}/v1/chat/completions", server.uri());
    let stack = client.stack(shape, observer)?;
    let start = Instant::now();
    let mut running = JoinSet::new();
    for _ in 0..CALLS {
        let body = Bytes::from_static(br#"{"model":"m"}"#);
        let request = Request::post(&uri).body(Full::new(body))?;
        running.spawn(answer(stack.clone(), request));
    }
    let ends = running.join_all().await;
    let answers: Vec<Instant> = ends.into_iter().flatten().collect();
    let last = answers
        .iter()
        .max()
        .map_or(Duration::ZERO, |it| *it - start);
    Ok(Played {
        shape,
        client,
        last,
        answered: answers.len(),
        rejections: provider.stats().rate_limited,
    })
}

/// When the call was answered; `None` if it failed.
async fn answer(stack: BoxClient<Full<Bytes>>, request: Request<Full<Bytes>>) -> Option<Instant> {
    let response = stack.oneshot(request).await.ok()?;
    let good = response.status().is_success();
    let body = response.into_body().collect().await;
    (good && body.is_ok()).then(Instant::now)
}
