//! Figures that are read off a trace.

use std::time::Duration;

use http::StatusCode;

use super::wire::{Sent, Trace};

/// Was it turned away?
pub(crate) fn is_rejected(sent: &Sent) -> bool {
    matches!(sent.answer, Some((_, StatusCode::TOO_MANY_REQUESTS)))
}

/// The value below which `percent` of them lie; zero for none.
pub(crate) fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

/// The most that were sent within such a span.
pub(crate) fn peak(trace: &Trace, span: Duration) -> usize {
    let mut from = 0;
    let ends = trace.iter().enumerate().map(|(to, sent)| {
        while sent.at - trace[from].at >= span {
            from += 1;
        }
        to - from + 1
    });
    ends.max().unwrap_or(0)
}

/// FNV-1a over every sending and its answer.
pub(crate) fn hash(trace: &Trace) -> u64 {
    let numbers = trace.iter().flat_map(|sent| {
        let (came, status) = sent.answer.unwrap_or_default();
        let call = sent.call as u128;
        [
            call,
            sent.at.as_nanos(),
            came.as_nanos(),
            status.as_u16().into(),
        ]
    });
    let bytes = numbers.flat_map(u128::to_le_bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}
