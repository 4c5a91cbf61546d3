//! What the observer hears.

use std::sync::Mutex;

use bytes::Bytes;
use http_body_util::Full;
use tollgate_classify::{Builtin, Classified, ClassifyLayer, Cut};
use tollgate_core::{Class, Observe};

use crate::support::*;

#[derive(Default)]
struct Heard(Mutex<Vec<Classified>>);

impl Observe<Classified> for &Heard {
    fn observe(&self, event: &Classified) {
        self.0.lock().expect("nobody panicked").push(event.clone());
    }
}

impl Heard {
    fn layer(&self) -> ClassifyLayer<(Shown, Builtin), &Self> {
        let builder = ClassifyLayer::builder().classifier(Shown).observer(self);
        builder.build().expect("good settings")
    }

    fn only(&self) -> Classified {
        let mut heard = self.0.lock().expect("nobody panicked");
        assert_eq!(heard.len(), 1);
        heard.remove(0)
    }
}

#[tokio::test]
async fn every_answer_that_is_no_plain_success() {
    let heard = Heard::default();
    for (head, text) in [
        (LIMITED, "slow down"),
        (JSON, "{\"error\":1}"),
        (SSE, "data: error\n\n"),
    ] {
        through_layer(&heard.layer(), head, Full::new(Bytes::from(text))).await;
        let event = heard.only();
        assert_eq!(event.status(), head.0);
        assert_eq!(event.origin(), Some("hides"));
        assert_eq!(event.target(), None);
        assert_eq!(event.classification().class(), Class::RateLimited);
        assert_eq!(event.peeked(), text.len());
        assert_eq!(event.cut(), None);
    }
    for (head, text) in [(JSON, "{}"), (SSE, "data: x\n\n"), ((200, &[]), "error")] {
        through_layer(&heard.layer(), head, Full::new(Bytes::from(text))).await;
        assert!(heard.0.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_error_that_is_none_is_noted_without_a_word() {
    let heard = Heard::default();
    let answer = through_layer(&heard.layer(), LIMITED, Full::new(Bytes::from("fine"))).await;
    assert_eq!(shown(&answer), Some("fine"));
    assert!(heard.0.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn why_a_peek_was_cut() {
    let long = "x".repeat(20_000);
    let exact = "x".repeat(16 << 10);
    for (steps, peeked, cut) in [
        (vec![says("a"), Step::Hang], 1, Some(Cut::Time)),
        (vec![says("a"), Step::Error("reset")], 1, Some(Cut::Broken)),
        (
            vec![says("a"), says(&long), Step::Hang],
            20_001,
            Some(Cut::Size),
        ),
        (vec![says(&exact)], 16 << 10, Some(Cut::Size)),
        (vec![says("a"), Step::Trailers], 1, None),
        (vec![says("{\"a\":1}"), Step::Hang], 7, None),
    ] {
        let heard = Heard::default();
        let (body, _) = Script::new(steps);
        through_layer(&heard.layer(), LIMITED, body).await;
        let event = heard.only();
        assert_eq!((event.peeked(), event.cut()), (peeked, cut));
    }
    let heard = Heard::default();
    through_layer(&heard.layer(), LIMITED, Full::new(Bytes::from(exact))).await;
    assert_eq!(heard.only().cut(), None, "this body says that it is over");
    let packed = [("content-encoding", "br")];
    let (body, _) = Script::new([Step::Hang]);
    through_layer(&heard.layer(), (500, &packed), body).await;
    assert_eq!(
        (heard.only().peeked(), heard.0.lock().unwrap().len()),
        (0, 0)
    );
}

#[tokio::test]
async fn a_closure_is_an_observer() {
    let count = Mutex::new(0);
    let builder = ClassifyLayer::builder().observer(|event: &Classified| {
        assert_eq!(event.status(), 429);
        *count.lock().unwrap() += 1;
    });
    let layer = builder.build().expect("good settings");
    through_layer(&layer, LIMITED, Full::new(Bytes::new())).await;
    assert_eq!(*count.lock().unwrap(), 1);
}
