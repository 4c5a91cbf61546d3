//! A slow body is waited for, so long and no longer.

use std::{convert::Infallible, time::Duration};

use http::Request;
use tokio::time::Instant;
use tollgate_classify::ClassifyLayer;
use tollgate_core::Call;
use tower::{Layer, ServiceExt};

use crate::support::*;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[tokio::test(start_paused = true)]
async fn the_time_for_an_error_body_is_two_seconds() {
    for head in [LIMITED, JSON] {
        let (body, _) = Script::new([says("error "), Step::Wait(ms(1_500)), says("x"), Step::Hang]);
        let start = Instant::now();
        let answer = through(head, body).await;
        assert_eq!(start.elapsed(), ms(2_000));
        assert_eq!(shown(&answer), Some("error x"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_in_time_is_read_to_its_end() {
    let (body, _) = Script::new([says("a"), Step::Wait(ms(1_999)), says("b")]);
    let start = Instant::now();
    let answer = through(LIMITED, body).await;
    assert_eq!(start.elapsed(), ms(1_999));
    assert_eq!(shown(&answer), Some("ab"));
    assert_eq!(drain(answer.into_body()).await, [data("a"), data("b")]);
}

#[tokio::test(start_paused = true)]
async fn a_body_too_late_is_still_delivered() {
    let (body, _) = Script::new([Step::Wait(ms(2_500)), says("late"), Step::Trailers]);
    let start = Instant::now();
    let answer = through(LIMITED, body).await;
    assert_eq!(start.elapsed(), ms(2_000));
    assert_eq!(shown(&answer), Some(""));
    let pieces = drain(answer.into_body()).await;
    assert_eq!(start.elapsed(), ms(2_500));
    assert_eq!(pieces, [data("late"), Piece::Trailers(trailers())]);
}

#[tokio::test(start_paused = true)]
async fn times_can_be_set() {
    let builder = ClassifyLayer::builder().classifier(Shown);
    let layer = builder.peek_time(ms(300)).hold(ms(70)).build();
    let layer = layer.expect("good settings");
    for (head, time) in [(LIMITED, 300), (SSE, 70), (JSON, 300)] {
        let (body, _) = Script::new([Step::Hang]);
        let start = Instant::now();
        through_layer(&layer, head, body).await;
        assert_eq!(start.elapsed(), ms(time));
    }
    let longest = ClassifyLayer::builder().peek_time(Duration::MAX).build();
    let (body, _) = Script::new([Step::Wait(ms(86_400_000)), says("a")]);
    let start = Instant::now();
    through_layer(&longest.expect("good settings"), LIMITED, body).await;
    assert_eq!(start.elapsed(), ms(86_400_000));
}

#[tokio::test(start_paused = true)]
async fn no_wait_goes_beyond_the_deadline() {
    for (left, waited) in [(0, 0), (500, 500), (5_000, 2_000)] {
        let (body, _) = Script::new([Step::Hang]);
        let mut response = Some(response(LIMITED, body));
        let inner = tower::service_fn(|_: Request<()>| {
            std::future::ready(Ok::<_, Infallible>(response.take().expect("once")))
        });
        let mut request = Request::new(());
        let call = Call::new().with_deadline_in(ms(left));
        request.extensions_mut().insert(call);
        let start = Instant::now();
        let answer = layer().layer(inner).oneshot(request).await.expect("ok");
        assert_eq!(start.elapsed(), ms(waited));
        assert_eq!(answer.status(), 429);
    }
}

#[test]
fn a_body_that_is_there_needs_no_runtime() {
    let (body, _) = Script::new([says("a"), says("b")]);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let future = std::pin::pin!(through(LIMITED, body));
    assert!(future.poll(&mut cx).is_ready());
}
