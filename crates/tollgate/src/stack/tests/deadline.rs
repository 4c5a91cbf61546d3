//! Every call has a deadline, unless one says otherwise.

use http_body_util::{BodyExt, StreamBody};
use tokio::time::{Instant, sleep};

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Never answers.
fn hangs() -> impl Service<
    Asked,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
> + Clone {
    service_fn(|_: Asked| std::future::pending())
}

/// Answers 429 with what is left of this wait, and 200 when it is over.
fn limited(
    wait: Duration,
) -> impl Service<
    Asked,
    Response = Response<Full<Bytes>>,
    Error = Infallible,
    Future = impl Future<Output = Result<Response<Full<Bytes>>, Infallible>>,
> + Clone {
    let until = Instant::now() + wait;
    service_fn(move |_: Asked| {
        let left = until.saturating_duration_since(Instant::now());
        let response = match left.is_zero() {
            false => Response::builder()
                .status(429)
                .header("retry-after", left.as_secs_f64().ceil() as u64),
            true => Response::builder(),
        };
        let response = response.body(Full::default()).expect("a response");
        std::future::ready(Ok(response))
    })
}

fn with(call: Call) -> Request<Full<Bytes>> {
    let mut request = request();
    request.extensions_mut().insert(call);
    request
}

/// Fault D2: one call held for 40 minutes, and four POSTs that each may be billed.
#[tokio::test(start_paused = true)]
async fn a_provider_that_hangs_holds_a_call_for_ten_minutes() {
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, hangs) = (asked.clone(), hangs());
    let counted = service_fn(move |request: Asked| {
        count.fetch_add(1, Ordering::Relaxed);
        hangs.clone().call(request)
    });
    let client = Stack::new().around(counted).expect("it is right");
    let start = Instant::now();
    client.oneshot(request()).await.expect_err("late");
    assert_eq!(start.elapsed(), 10 * MINUTE);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_with_its_own_deadline_keeps_it() {
    for (own, answered) in [(20 * MINUTE, true), (5 * MINUTE, false)] {
        let client = Stack::new().around(limited(15 * MINUTE));
        let call = with(Call::new().with_deadline_in(own));
        let start = Instant::now();
        let answer = client.expect("it is right").oneshot(call).await;
        let status = answer.expect("an answer").status();
        assert_eq!(status == 200, answered, "{own:?}");
        let waited = start.elapsed();
        assert_eq!(waited >= 15 * MINUTE, answered, "{waited:?}");
        assert!(answered || waited < SECOND, "{waited:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_set_is_for_every_call() {
    let stack = Stack::new().deadline(MINUTE);
    let client = stack.around(hangs()).expect("it is right");
    for (own, ends) in [(None, MINUTE), (Some(5), 5 * SECOND), (Some(900), MINUTE)] {
        let own = own.map(|own| own * SECOND);
        let call = own.map_or_else(Call::new, |own| Call::new().with_deadline_in(own));
        let start = Instant::now();
        client.clone().oneshot(with(call)).await.expect_err("late");
        assert_eq!(start.elapsed(), ends, "{own:?}");
    }
}

/// What is there without: two attempts of ten minutes, because one that timed out is made again once.
#[tokio::test(start_paused = true)]
async fn no_deadline_is_none() {
    let stack = Stack::new().no_deadline();
    let client = stack.around(hangs()).expect("it is right");
    let start = Instant::now();
    client.clone().oneshot(request()).await.expect_err("slow");
    let took = start.elapsed();
    assert!((20 * MINUTE..21 * MINUTE).contains(&took), "{took:?}");
    let own = with(Call::new().with_deadline_in(3 * SECOND));
    let start = Instant::now();
    client.oneshot(own).await.expect_err("late");
    assert_eq!(start.elapsed(), 3 * SECOND);
}

/// A wait that a provider states is slept whenever the call has the time for it.
#[tokio::test(start_paused = true)]
async fn a_stated_wait_is_slept_if_the_deadline_allows_it() {
    for (stack, wait, answered) in [
        (Stack::new(), 300, true),
        (Stack::new(), 601, false),
        (Stack::new().no_deadline(), 121, false),
        (Stack::new().no_deadline(), 119, true),
        (Stack::new().deadline(60 * MINUTE), 3_000, true),
    ] {
        let client = stack.around(limited(wait * SECOND)).expect("it is right");
        let start = Instant::now();
        let answer = client.oneshot(request()).await.expect("an answer");
        assert_eq!(answer.status() == 200, answered, "{wait} s");
        assert_eq!(start.elapsed() >= wait * SECOND, answered, "{wait} s");
    }
}

/// The default deadline is for the head: a stream that has begun goes on.
#[tokio::test(start_paused = true)]
async fn a_stream_outlives_the_deadline() {
    let streams = service_fn(|_: Asked| async {
        let pieces = futures_util::stream::unfold(0, |nth| async move {
            sleep(MINUTE).await;
            let piece = http_body::Frame::data(Bytes::from_static(b"data: {}\n\n"));
            (nth < 60).then_some((Ok::<_, Infallible>(piece), nth + 1))
        });
        Ok::<_, Infallible>(Response::new(StreamBody::new(Box::pin(pieces))))
    });
    let client = Stack::new().around(streams).expect("it is right");
    let start = Instant::now();
    let answer = client.oneshot(request()).await.expect("an answer");
    let body = answer.into_body().collect().await.expect("all of it");
    assert_eq!(body.to_bytes().len(), 60 * "data: {}\n\n".len());
    assert_eq!(start.elapsed(), 61 * MINUTE);
}
