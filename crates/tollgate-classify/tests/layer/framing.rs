//! Whatever the framing: the classifier sees the text, the caller gets every frame.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::stream;
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody, channel::Channel};
use tollgate_classify::{Answer, Classifier, ClassifyLayer};
use tollgate_core::Classification;

use crate::support::*;

const TEXT: &str = "too many requests, try again in 2s";

#[tokio::test]
async fn one_frame_is_handed_on_as_it_came() {
    let bytes = Bytes::from_static(TEXT.as_bytes());
    let answer = through(LIMITED, Full::new(bytes.clone())).await;
    assert_eq!(shown(&answer), Some(TEXT));
    assert_eq!(answer.body().ahead(), TEXT.len());
    let pieces = drain(answer.into_body()).await;
    assert_eq!(pieces, [data(TEXT)]);
    let Piece::Data(same) = &pieces[0] else {
        panic!("data")
    };
    assert_eq!(same.as_ptr(), bytes.as_ptr(), "not copied");
}

#[tokio::test]
async fn one_byte_at_a_time() {
    let frames = TEXT
        .bytes()
        .map(|byte| Ok::<_, std::io::Error>(Frame::data(vec![byte].into())));
    let answer = through(LIMITED, StreamBody::new(stream::iter(frames))).await;
    assert_eq!(shown(&answer), Some(TEXT));
    let expected: Vec<_> = TEXT.bytes().map(|byte| data(&[byte])).collect();
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn empty_frames_stay() {
    let (body, _) = Script::new([says(""), says("a"), says(""), says("b"), says("")]);
    let answer = through(LIMITED, body).await;
    assert_eq!(shown(&answer), Some("ab"));
    let expected = [data(""), data("a"), data(""), data("b"), data("")];
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn a_row_of_empty_frames_ends() {
    let (body, fate) = Script::new(std::iter::repeat_n(says(""), 100_000));
    let answer = through(LIMITED, body).await;
    assert_eq!(shown(&answer), Some(""));
    assert_eq!(fate.frames(), 16 << 10);
    assert_eq!(drain(answer.into_body()).await.len(), 100_000);
}

#[tokio::test]
async fn an_error_in_the_middle_arrives_in_its_place() {
    let (body, _) = Script::new([says("try "), says("aga"), Step::Error("reset")]);
    let answer = through(LIMITED, body).await;
    assert_eq!(answer.status(), 429);
    assert_eq!(shown(&answer), Some("try aga"));
    let expected = [data("try "), data("aga"), Piece::Error("reset".to_owned())];
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn what_comes_after_an_error_comes_from_the_body() {
    let (body, _) = Script::new([Step::Error("reset"), says("more")]);
    let mut body = through(LIMITED, body).await.into_body();
    assert_eq!(drain(&mut body).await, [Piece::Error("reset".to_owned())]);
    assert_eq!(drain(&mut body).await, [data("more")]);
}

#[tokio::test]
async fn trailers_come_last() {
    let (body, _) = Script::new([says("a"), says("b"), Step::Trailers]);
    let answer = through(LIMITED, body).await;
    assert_eq!(shown(&answer), Some("ab"));
    let expected = [data("a"), data("b"), Piece::Trailers(trailers())];
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn trailers_alone() {
    let (body, _) = Script::new([Step::Trailers]);
    let answer = through(LIMITED, body).await;
    assert!(!answer.body().is_end_stream());
    assert_eq!(
        drain(answer.into_body()).await,
        [Piece::Trailers(trailers())]
    );
}

#[tokio::test]
async fn a_channel() {
    let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let sending = async move {
        for word in TEXT.split_inclusive(' ') {
            sender.send_data(word.into()).await.expect("received");
        }
        sender.send_trailers(trailers()).await.expect("received");
    };
    let (answer, ()) = tokio::join!(through(LIMITED, body), sending);
    assert_eq!(shown(&answer), Some(TEXT));
    let mut expected: Vec<_> = TEXT.split_inclusive(' ').map(data).collect();
    expected.push(Piece::Trailers(trailers()));
    assert_eq!(drain(answer.into_body()).await, expected);
}

#[tokio::test]
async fn size_hints_stay_exact() {
    let steps = [
        says("12345"),
        Step::Wait(std::time::Duration::from_secs(9)),
        says("678"),
    ];
    tokio::time::pause();
    let (body, _) = Script::new(steps);
    let mut body = through(LIMITED, body).await.into_body();
    assert_eq!(body.ahead(), 5);
    assert_eq!(body.size_hint().exact(), Some(8));
    assert!(!body.is_end_stream());
    let pieces = drain(&mut body).await;
    assert_eq!(pieces, [data("12345"), data("678")]);
    assert_eq!(body.size_hint().exact(), Some(0));
}

#[tokio::test]
async fn a_hint_without_an_upper_bound_has_none_after() {
    let frames = [Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(
        b"123",
    )))];
    let answer = through(LIMITED, StreamBody::new(stream::iter(frames))).await;
    let hint = answer.body().size_hint();
    assert_eq!((hint.lower(), hint.upper()), (3, None));
    assert!(
        !answer.body().is_end_stream(),
        "the bytes read are still to come"
    );
}

#[tokio::test]
async fn an_empty_body() {
    let answer = through(LIMITED, Empty::new()).await;
    assert_eq!(shown(&answer), Some(""));
    assert!(answer.body().is_end_stream());
    assert_eq!(answer.body().size_hint().exact(), Some(0));
    assert_eq!(drain(answer.into_body()).await, []);
    let (body, _) = Script::new([]);
    let answer = through(LIMITED, body).await;
    assert!(answer.body().is_end_stream(), "its end was seen");
    assert_eq!(drain(answer.into_body()).await, []);
}

#[tokio::test]
async fn a_giant_body_is_not_read_beyond_the_peek() {
    let frame = "x".repeat(1_000);
    let (body, fate) = Script::new(std::iter::repeat_n(says(&frame), 100_000));
    let answer = through(LIMITED, body).await;
    assert_eq!(
        fate.polled(),
        17_000,
        "the first frame end at or beyond 16 KiB"
    );
    assert_eq!(shown(&answer).map(str::len), Some(16 << 10));
    assert_eq!(answer.body().size_hint().exact(), Some(100_000_000));
    let pieces = drain(answer.into_body()).await;
    assert!(pieces.iter().all(|piece| *piece == data(&frame)));
    assert_eq!(pieces.len(), 100_000);
}

#[tokio::test]
async fn a_giant_frame_is_shown_as_far_as_the_peek_goes() {
    let text = "x".repeat(100_000);
    let answer = through(LIMITED, Full::new(Bytes::from(text.clone()))).await;
    assert_eq!(shown(&answer).map(str::len), Some(16 << 10));
    assert_eq!(drain(answer.into_body()).await, [data(&text)]);
}

#[tokio::test]
async fn an_object_is_enough() {
    // The server never ends the body.
    let (body, _) = Script::new([says("{\"a\":"), says("{}}\n"), Step::Hang]);
    let answer = through(LIMITED, body).await;
    assert_eq!(shown(&answer), Some("{\"a\":{}}"));
    assert_eq!(answer.body().ahead(), 9);
}

/// A body that knows its end and must not be asked beyond it.
struct Known(Option<Bytes>);

impl Body for Known {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let data = self.0.take().expect("asked beyond its end");
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }
}

#[tokio::test]
async fn a_body_that_says_it_is_over_is_not_asked() {
    let answer = through(LIMITED, Known(Some(Bytes::from(TEXT)))).await;
    assert_eq!(shown(&answer), Some(TEXT));
    let mut body = answer.into_body();
    assert!(!body.is_end_stream());
    assert!(body.frame().await.is_some());
    assert!(body.is_end_stream());
    let answer = through(LIMITED, Known(None)).await;
    assert_eq!(shown(&answer), Some(""));
    assert!(answer.body().is_end_stream());
}

/// Remembers where the bytes lay that it was shown.
#[derive(Debug, Clone, Default)]
struct Where(Arc<AtomicUsize>);

impl Classifier for Where {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        let place = answer.body().as_ptr() as usize;
        self.0.store(place, Ordering::Relaxed);
        None
    }
}

#[tokio::test]
async fn what_lies_in_one_frame_is_shown_without_a_copy() {
    let event = Bytes::from_static(b": x\n\ndata: y\n\ndata: z\n\n");
    let text = Bytes::from_static(TEXT.as_bytes());
    for (head, bytes, start) in [(LIMITED, text, 0), (SSE, event, 5)] {
        let place = Where::default();
        let layer = ClassifyLayer::builder().classifier(place.clone()).build();
        let layer = layer.expect("good settings");
        through_layer(&layer, head, Full::new(bytes.clone())).await;
        let shown = place.0.load(Ordering::Relaxed);
        assert_eq!(shown, bytes[start..].as_ptr() as usize);
    }
}
