//! Waits without random parts, exact to the millisecond.

use tokio::time::Instant;
use tollgate_retry::Backoff;

use super::*;

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// When each attempt came, for a client that gives these answers in turn and 200 after them.
async fn attempts<S>(stack: S, answers: &'static [(u16, Option<&'static str>)]) -> Vec<Duration>
where
    S: Layer<Provider>,
    S::Service: Service<Request<Full<Bytes>>, Error = BoxError>,
{
    let start = Instant::now();
    let (times, client) = provider(start, answers);
    let called = stack.layer(client).oneshot(request()).await;
    assert!(called.is_ok(), "no answer");
    times.lock().expect("whole").clone()
}

type Times = Arc<Mutex<Vec<Duration>>>;
type Provider =
    tower::util::BoxCloneSyncService<Asked, Response<Full<Bytes>>, std::convert::Infallible>;

fn provider(start: Instant, answers: &'static [(u16, Option<&'static str>)]) -> (Times, Provider) {
    let times = Times::default();
    let log = times.clone();
    let client = service_fn(move |_: Asked| {
        let mut log = log.lock().expect("whole");
        let (status, wait) = answers.get(log.len()).copied().unwrap_or((200, None));
        log.push(start.elapsed());
        let mut response = Response::builder().status(status);
        if let Some(wait) = wait {
            response = response.header("retry-after", wait);
        }
        async move { Ok(response.body(Full::default()).expect("a response")) }
    });
    (times, Provider::new(client))
}

#[tokio::test(start_paused = true)]
async fn a_stated_wait_is_slept_exactly() {
    let answers = &[(429, Some("7")), (429, Some("7"))];
    let whole = Stack::new().no_jitter().build().expect("it is right");
    assert_eq!(attempts(whole, answers).await, [s(0), s(7), s(14)]);
    // The same without a limiter, whose queue would hold the call.
    let retry = Stack::new().no_jitter().limit(|_| Off).build();
    let times = attempts(retry.expect("it is right"), answers).await;
    assert_eq!(times, [s(0), s(7), s(14)]);
}

#[tokio::test(start_paused = true)]
async fn a_backoff_is_slept_in_full() {
    let answers = &[(500, None), (500, None), (500, None)];
    let stack = Stack::new()
        .retry(|retry| retry.transient(Backoff::new(s(1), s(60), 4)))
        .no_jitter()
        .build();
    let times = attempts(stack.expect("it is right"), answers).await;
    assert_eq!(times, [s(0), s(1), s(3), s(7)]);
}

#[tokio::test(start_paused = true)]
async fn a_breaker_is_open_for_its_least_time() {
    let start = Instant::now();
    let (times, client) = provider(start, &[(500, None)]);
    let layer = Stack::new()
        .no_jitter()
        // Set before or after: a seed no longer counts.
        .breaker(|breaker| {
            breaker
                .consecutive_failures(1)
                .random(tollgate_core::Random::seeded(3))
        })
        .retry(|_| Off)
        .build()
        .expect("it is right");
    let client = layer.layer(client);
    let first = client.clone().oneshot(request()).await.expect("an answer");
    assert_eq!(first.status(), 500);
    let refused = client.clone().oneshot(request()).await.expect_err("open");
    let refused = Rejected::find(refused.as_ref()).expect("it is refused");
    assert_eq!(refused.reason(), Reason::CircuitOpen);
    assert_eq!(refused.retry_after(), Some(s(5)));
    tokio::time::sleep(s(5)).await;
    client.oneshot(request()).await.expect("a probe");
    assert_eq!(*times.lock().expect("whole"), [s(0), s(5)]);
}
