//! What goes in comes out, in whatever pieces it comes.

use std::{io, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::{Body, Frame};
use http_body_util::StreamBody;
use proptest::prelude::*;
use tollgate_classify::ClassifyLayer;

use crate::support::*;

/// A body in pieces: data, pauses, perhaps trailers or an error at the end.
#[derive(Debug, Clone)]
struct Pieces {
    data: Vec<(Bytes, Option<Duration>)>,
    end: Option<bool>,
}

/// Text of the kinds that the scans look for.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        Just("data: x\n\n"),
        Just("data: error\r\n\r\n"),
        Just(": comment\n\n"),
        Just("event: ping\rdata: 1\r\r"),
        Just("{\"error\":{\"a\":\"}\"}}"),
        Just("{"),
        Just("}"),
        Just("\""),
        Just("\n"),
        Just("\r"),
        Just("data"),
        Just("\u{feff}"),
        Just("0123456789abcdef0123456789abcdef0123456789abcdef"),
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat().into_bytes())
}

/// Cuts a text at arbitrary places, empty pieces included, with a pause before some.
fn pieces() -> impl Strategy<Value = Pieces> {
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), pause()), 0..20);
    let end = prop::option::of(any::<bool>());
    (text(), cuts, end).prop_map(|(text, cuts, end)| {
        let text = Bytes::from(text);
        let mut cuts: Vec<_> = cuts
            .into_iter()
            .map(|(at, pause)| (at.index(text.len() + 1), pause))
            .collect();
        cuts.sort_by_key(|(at, _)| *at);
        let mut data = Vec::new();
        let mut start = 0;
        for (at, pause) in cuts {
            data.push((text.slice(start..at), pause));
            start = at;
        }
        data.push((text.slice(start..), None));
        Pieces { data, end }
    })
}

fn pause() -> impl Strategy<Value = Option<Duration>> {
    prop::option::weighted(0.3, (0..3_000_u64).prop_map(Duration::from_millis))
}

fn body(pieces: &Pieces) -> impl Body<Data = Bytes, Error = io::Error> + Unpin + use<> {
    let end = pieces.end.map(|error| match error {
        true => Err(io::Error::other("reset")),
        false => Ok(Frame::trailers(trailers())),
    });
    let data = pieces.data.clone().into_iter();
    let data = stream::iter(data).then(|(data, pause)| async move {
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        Ok(Frame::data(data))
    });
    StreamBody::new(Box::pin(data.chain(stream::iter(end))))
}

/// What the bare body yields.
fn expected(pieces: &Pieces) -> Vec<Piece> {
    let data = pieces
        .data
        .iter()
        .map(|(data, _)| Piece::Data(data.clone()));
    let end = pieces.end.map(|error| match error {
        true => Piece::Error("reset".to_owned()),
        false => Piece::Trailers(trailers()),
    });
    data.chain(end).collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future)
}

proptest! {
    #[test]
    fn out_comes_what_went_in(pieces in pieces()) {
        for head in [LIMITED, SSE, JSON, (200, &[])] {
            let out = run(async { drain(through(head, body(&pieces)).await.into_body()).await });
            prop_assert_eq!(out, expected(&pieces));
        }
    }

    #[test]
    fn the_pieces_change_nothing_of_the_judgement(mut pieces in pieces(), cap in 32_usize..2_000) {
        let layer = ClassifyLayer::builder().classifier(Shown);
        let layer = layer.max_peek(cap).max_first_event(cap).build().expect("good settings");
        for (_, pause) in &mut pieces.data {
            *pause = None;
        }
        let whole = pieces.data.iter().flat_map(|(data, _)| data.clone()).collect::<Bytes>();
        let whole = Pieces { data: vec![(whole, None)], end: pieces.end };
        for head in [LIMITED, SSE, JSON] {
            let judged = |pieces| run(async {
                let answer = through_layer(&layer, head, body(pieces)).await;
                shown(&answer).map(str::to_owned)
            });
            prop_assert_eq!(judged(&pieces), judged(&whole));
        }
    }

    #[test]
    fn the_hint_holds_whatever_was_read(pieces in pieces()) {
        for head in [LIMITED, SSE, JSON] {
            run(async {
                let mut steps: Vec<_> = Vec::new();
                for (data, pause) in &pieces.data {
                    steps.extend(pause.map(Step::Wait));
                    steps.push(Step::Data(data.clone()));
                }
                let total: usize = pieces.data.iter().map(|(data, _)| data.len()).sum();
                let (script, _) = Script::new(steps);
                let mut body = through(head, script).await.into_body();
                let mut left = total as u64;
                loop {
                    assert_eq!(body.size_hint().exact(), Some(left));
                    assert!(!body.is_end_stream() || left == 0);
                    let frame = http_body_util::BodyExt::frame(&mut body).await;
                    let Some(Ok(frame)) = frame else { break };
                    left -= frame.into_data().expect("data").len() as u64;
                }
                assert_eq!(left, 0);
            });
        }
    }
}
