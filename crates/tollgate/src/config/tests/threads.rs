//! Settings that change while calls come from several threads.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::{task::yield_now, time::timeout};
use tower::{ServiceExt, service_fn};

use super::*;
use crate::{BoxClient, BoxError, Event, core::ReplayBody};

/// Routes without a target that calls wait for, limits below what is on its way, shorter queues.
fn variant(nth: usize) -> Config {
    let targets = [r#""a", "b""#, r#""b""#, r#""c", "a""#][nth % 3];
    let strategy = ["ordered", "weighted", "fastest", "least_loaded", "sticky"][nth % 5];
    let waiting = ["queue = 1", "queue = 100", "shed = true", "queue = 10"][nth % 4];
    let concurrency = [1, 7, 2, 30][nth / 4 % 4];
    let mut text = format!(
        "[limit]\nmax_wait = \"20ms\"\n{waiting}\neach.concurrency = {concurrency}\n\
         [router]\nmax_wait = \"10ms\"\n[retry]\nmax_wait = \"{}ms\"\n\
         [providers.groq]\nkey = \"env:K\"\n",
        2 + nth % 3
    );
    for name in ["a", "b", "c"] {
        let target = format!("[targets.{name}]\nprovider = \"groq\"\nmodel = \"{name}\"\n");
        text.push_str(&target);
    }
    text.push_str(&format!(
        "[[routes]]\nname = \"chat\"\n[[routes.tiers]]\nstrategy = \"{strategy}\"\ntargets = [{targets}]\n"
    ));
    load(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_while_everything_changes() {
    const CALLS: usize = 400;
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = told.clone();
    let stack = variant(0).stack().expect("it is right");
    let layer = stack.observer(move |event: &Event<'_>| {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(event.kind());
    });
    let layer = layer.build().expect("it builds");
    let handle = layer.handle();
    let answers = Arc::new(AtomicUsize::new(0));
    let client: BoxClient<Full<Bytes>> =
        layer.boxed(service_fn(move |_: Request<ReplayBody<Full<Bytes>>>| {
            let nth = answers.fetch_add(1, Ordering::Relaxed);
            async move {
                for _ in 0..nth % 50 {
                    yield_now().await;
                }
                let status = [200, 200, 429, 200, 200, 500][nth % 6];
                let response = Response::builder()
                    .status(status)
                    .header("retry-after-ms", "1");
                response
                    .body(Full::<Bytes>::from("{}"))
                    .map_err(BoxError::from)
            }
        }));
    let calls: Vec<_> = (0..CALLS)
        .map(|nth| {
            let request = Request::post("/v1/chat/completions");
            let request = request.body(Full::from(r#"{"model":"any"}"#)).expect("one");
            let call = client.clone().oneshot(request);
            tokio::spawn(async move {
                // Some are given up at once, and some answers are not read.
                let patience = Duration::from_secs(if nth % 9 == 0 { 0 } else { 60 });
                let call = timeout(patience, call);
                if let (Ok(Ok(answer)), true) = (call.await, nth % 4 > 0) {
                    answer.into_body().collect().await.expect("whole");
                }
            })
        })
        .collect();
    let reloads = handle.clone();
    let reloads = tokio::task::spawn_blocking(move || {
        for nth in 0..100 {
            reloads.reload(&variant(nth)).expect("it is right");
            serde_json::to_string(&reloads.state()).expect("plain data");
        }
    });
    for call in calls {
        let call = timeout(Duration::from_secs(60), call).await;
        call.expect("it hangs").expect("no panic");
    }
    reloads.await.expect("no panic");
    let told = told.lock().expect("whole");
    let finished = told.iter().filter(|kind| **kind == "finished").count();
    assert_eq!(finished, CALLS);
    for key in handle.limit().expect("it is there").states() {
        assert_eq!((key.queued, key.in_flight), (0, 0), "{key:?}");
        assert_eq!(key.reserved.tokens(), 0, "{key:?}");
    }
    for target in handle.route().expect("it is there").outcomes() {
        assert_eq!(target.in_flight, 0, "{target:?}");
    }
    for breaker in handle.breaker().expect("it is there").list() {
        assert_eq!(breaker.probes(), 0, "{breaker:?}");
    }
}
