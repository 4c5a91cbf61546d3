//! Figures that are read off a trace.

use std::time::Duration;

use http::StatusCode;

use super::{
    case::Case,
    trace::{Refusal, Sent, Trace},
};

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

/// How late a call was turned away: since its arrival, or since the end of its time.
pub(crate) fn late((_, after): &Refusal, case: &Case) -> Duration {
    after.checked_sub(case.max_wait).unwrap_or(*after)
}

/// The most calls that had arrived at any time and were neither sent for the last time nor turned
/// away.
pub(crate) fn waiting(trace: &Trace, refusals: &[Refusal], case: &Case) -> usize {
    let arrival = |call: usize| case.arrival(call);
    let mut ends: Vec<Option<Duration>> = vec![None; case.calls];
    for sent in trace {
        ends[sent.call] = Some(sent.at);
    }
    for (call, after) in refusals {
        ends[*call] = Some(arrival(*call) + *after);
    }
    let come = (0..case.calls).map(|call| (arrival(call), 1));
    let gone = ends.into_iter().flatten().map(|end| (end, -1));
    let mut steps: Vec<(Duration, i32)> = come.chain(gone).collect();
    // Who goes at once was never waiting: the leaving of an instant come first.
    steps.sort_unstable();
    let mut now = 0;
    let most = steps.into_iter().map(|(_, step)| {
        now += step;
        now
    });
    usize::try_from(most.max().unwrap_or(0)).unwrap_or(0)
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
