//! A call ends in time, with the best reason there is.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::time::{Instant, sleep};
use tollgate_core::{BoxError, Call, Reason, Rejected};
use tower::{Layer, ServiceExt, service_fn};

use super::{DeadlineBody, DeadlineLayer};

const SECOND: Duration = Duration::from_secs(1);

fn reason(error: &BoxError) -> Option<Reason> {
    Rejected::find(error.as_ref()).map(Rejected::reason)
}

/// Tells the deadline it was given, as time from now, and answers after `takes`.
async fn answer(
    takes: Duration,
    request: Request<()>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    let until = Call::of(&request).and_then(Call::deadline);
    let left = until.map(|until| until.duration_since(Instant::now()));
    sleep(takes).await;
    Ok(Response::new(Full::from(format!("{left:?}"))))
}

async fn told(layer: DeadlineLayer, request: Request<()>) -> Result<String, BoxError> {
    let client = service_fn(|request| answer(SECOND, request));
    let response = layer.layer(client).oneshot(request).await?;
    let bytes = response.into_body().collect().await?.to_bytes();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn with(deadline: Duration) -> Request<()> {
    let mut request = Request::new(());
    let call = Call::new().with_deadline_in(deadline).with_attempt(3);
    request.extensions_mut().insert(call);
    request
}

#[tokio::test(start_paused = true)]
async fn the_earlier_deadline_counts_unless_it_is_for_calls_without_one() {
    let ten = DeadlineLayer::new(10 * SECOND);
    let cases = [
        (ten, None, "Some(10s)"),
        (ten, Some(20 * SECOND), "Some(10s)"),
        (ten, Some(5 * SECOND), "Some(5s)"),
        (DeadlineLayer::of_the_call(), None, "None"),
        (DeadlineLayer::of_the_call(), Some(5 * SECOND), "Some(5s)"),
        (DeadlineLayer::new(Duration::MAX), None, "None"),
        (DeadlineLayer::unless_set(10 * SECOND), None, "Some(10s)"),
        (
            DeadlineLayer::unless_set(10 * SECOND),
            Some(5 * SECOND),
            "Some(5s)",
        ),
        (
            DeadlineLayer::unless_set(10 * SECOND),
            Some(20 * SECOND),
            "Some(20s)",
        ),
    ];
    for (layer, own, expected) in cases {
        let request = own.map_or_else(|| Request::new(()), with);
        assert_eq!(told(layer, request).await.expect("in time"), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_else_the_call_says_stays() {
    let client = service_fn(|request: Request<()>| async move {
        let attempt = Call::of(&request).map(Call::attempt);
        Ok::<_, Infallible>(Response::new(format!("{attempt:?}")))
    });
    let client = DeadlineLayer::new(SECOND).layer(client);
    let response = client.oneshot(with(5 * SECOND)).await.expect("in time");
    let body = response.into_body().collect().await.expect("whole");
    assert_eq!(body.to_bytes(), "Some(3)");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_late_ends_at_the_deadline() {
    for (limit, own) in [(SECOND / 2, SECOND * 2), (SECOND * 2, SECOND / 2)] {
        let start = Instant::now();
        let error = told(DeadlineLayer::new(limit), with(own)).await;
        assert_eq!(
            reason(&error.expect_err("late")),
            Some(Reason::DeadlineExceeded)
        );
        assert_eq!(start.elapsed(), SECOND / 2);
    }
}

/// Says when it is dropped.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Whoever still looks at the error keeps no connection and no permit.
#[tokio::test(start_paused = true)]
async fn what_is_late_is_let_go_at_once() {
    let gone = Arc::new(AtomicBool::new(false));
    let held = gone.clone();
    let hangs = service_fn(move |_: Request<()>| {
        let guard = Guard(held.clone());
        async move {
            let _guard = guard;
            std::future::pending::<Result<Response<Full<Bytes>>, Infallible>>().await
        }
    });
    let mut call = Box::pin(
        DeadlineLayer::new(SECOND)
            .layer(hangs)
            .oneshot(with(9 * SECOND)),
    );
    let error = call.as_mut().await.expect_err("late");
    assert_eq!(reason(&error), Some(Reason::DeadlineExceeded));
    assert!(gone.swap(false, Ordering::Relaxed), "the call");

    let guard = Guard(gone.clone());
    let body = StreamBody::new(futures_util::stream::poll_fn(move |_| {
        let _ = &guard;
        Poll::<Option<Result<Frame<Bytes>, Infallible>>>::Pending
    }));
    let until = Instant::now() + SECOND;
    let mut body = DeadlineBody::new(body, Some(until), None);
    let error = body.frame().await.expect("an end").expect_err("late");
    assert_eq!(reason(&error), Some(Reason::DeadlineExceeded));
    assert!(gone.load(Ordering::Relaxed), "the body");
    assert!(body.is_end_stream() && body.size_hint().exact() == Some(0));
}

/// A piece each second, without end.
fn dripping() -> StreamBody<impl futures_util::Stream<Item = Result<Frame<Bytes>, Infallible>>> {
    StreamBody::new(futures_util::stream::unfold((), |()| async {
        sleep(SECOND).await;
        Some((Ok(Frame::data(Bytes::from("."))), ()))
    }))
}

#[tokio::test(start_paused = true)]
async fn a_body_ends_in_time_only_if_asked_for() {
    let client = || service_fn(|_| async { Ok::<_, Infallible>(Response::new(dripping())) });
    let layer = DeadlineLayer::new(SECOND * 7 / 2);
    for (layer, pieces) in [(layer, 10), (layer.whole_body(), 3)] {
        let response = layer.layer(client()).oneshot(Request::new(())).await;
        let mut body = Box::pin(response.expect("a head in time").into_body());
        for _ in 0..pieces {
            let frame = body.frame().await.expect("goes on").expect("a piece");
            assert_eq!(frame.into_data().ok(), Some(Bytes::from(".")));
        }
        if pieces == 3 {
            let error = body.frame().await.expect("goes on").expect_err("late");
            assert_eq!(reason(&error), Some(Reason::DeadlineExceeded));
            assert!(body.frame().await.is_none());
        }
    }
}
