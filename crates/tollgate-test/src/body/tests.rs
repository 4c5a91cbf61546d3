//! Pauses, failures and lengths.

use http_body_util::BodyExt;
use tokio::time::Instant;

use super::*;

fn assert_usable<B: Body<Data = Bytes, Error = io::Error> + Send + Sync + Unpin + 'static>() {}

#[test]
fn it_is_what_clients_ask_for() {
    assert_usable::<KitBody>();
    assert_eq!(KitBody::new("abc").size_hint().exact(), Some(3));
    assert!(KitBody::new("").is_end_stream());
}

#[tokio::test(start_paused = true)]
async fn pauses_run_on_tokios_clock() {
    let steps = [
        Step::Data("a".into()),
        Step::Wait(Duration::from_secs(3)),
        Step::Yield,
        Step::Data("b".into()),
    ];
    let mut body = KitBody::steps(steps.into()).with_length(Some(2));
    let start = Instant::now();
    body.frame().await.expect("a frame").expect("no error");
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(body.size_hint().exact(), Some(1));
    body.frame().await.expect("a frame").expect("no error");
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    assert!(body.is_end_stream());
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn nothing_comes_after_an_error() {
    let steps = [
        Step::Fail(io::ErrorKind::ConnectionReset, "gone"),
        Step::Data("never".into()),
    ];
    let mut body = KitBody::steps(steps.into());
    let error = body.frame().await.expect("a frame").expect_err("an error");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert!(body.frame().await.is_none());
}
