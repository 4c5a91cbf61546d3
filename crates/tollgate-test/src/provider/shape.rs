//! How an answer comes over the wire: in pieces, with pauses, or not to its end.

use std::{collections::VecDeque, io, time::Duration};

use bytes::Bytes;
use http::Response;

use crate::{Answer, KitBody, body::Step, fault::Act};

/// The response, its body spoiled by the fault. Events of a stream come `pace` apart.
pub(super) fn response(answer: Answer, act: &Act, pace: Duration) -> Response<KitBody> {
    let pieces = answer.pieces();
    let length = pieces.iter().map(|piece| piece.len() as u64).sum();
    let length = (!answer.is_stream()).then_some(length);
    let steps: VecDeque<Step> = match act {
        Act::ResetAfter => {
            let why = "the connection was reset after the headers";
            [Step::Yield, Step::Fail(io::ErrorKind::ConnectionReset, why)].into()
        }
        Act::Cut(after) => {
            let why = "the connection ended before the body did";
            let end = [Step::Yield, Step::Fail(io::ErrorKind::UnexpectedEof, why)];
            until(pieces, *after).chain(end).collect()
        }
        Act::Stall(after) => until(pieces, *after).chain([Step::Hang]).collect(),
        Act::Drip(bytes, pause) => drip(pieces, (*bytes).max(1), *pause).collect(),
        _ => paced(pieces, pace).collect(),
    };
    let body = KitBody::steps(steps).with_length(length);
    answer.head().map(|()| body)
}

/// Every piece, each but the first after a pause.
fn paced(pieces: &[Bytes], pause: Duration) -> impl Iterator<Item = Step> {
    let pieces = pieces.iter().filter(|piece| !piece.is_empty()).enumerate();
    pieces.flat_map(move |(place, piece)| {
        let waits = place > 0 && !pause.is_zero();
        waits
            .then_some(Step::Wait(pause))
            .into_iter()
            .chain([Step::Data(piece.clone())])
    })
}

/// The first `left` bytes.
fn until(pieces: &[Bytes], mut left: usize) -> impl Iterator<Item = Step> {
    pieces.iter().filter_map(move |piece| {
        let part = piece.slice(..left.min(piece.len()));
        left -= part.len();
        (!part.is_empty()).then_some(Step::Data(part))
    })
}

/// All bytes, `size` at a time, each after a pause.
fn drip(pieces: &[Bytes], size: usize, pause: Duration) -> impl Iterator<Item = Step> {
    let drops = move |piece: &Bytes| {
        let piece = piece.clone();
        (0..piece.len())
            .step_by(size)
            .map(move |start| piece.slice(start..piece.len().min(start + size)))
    };
    pieces
        .iter()
        .flat_map(drops)
        .flat_map(move |part| [Step::Wait(pause), Step::Data(part)])
}
