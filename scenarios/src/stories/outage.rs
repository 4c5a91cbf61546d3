//! 20 calls a second for five minutes; from 60 s to 180 s the first provider hangs or answers 503.

mod health;

use std::time::Duration;

use tollgate_breaker::Event;
use tollgate_test::{Dialect, Fault};

use self::health::{back, failed_by, in_a_row, sent_while_open};
use super::{
    Extra,
    seen::{Seen, millis},
    world::{World, groq_then_openai, provider},
};

const HEAD: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
const ILL: Duration = Duration::from_secs(60);
const WELL: Duration = Duration::from_secs(180);
const A_SECOND: usize = 20;

pub(super) fn world(seed: u64) -> World {
    let groq = provider(Dialect::Groq, 2 * seed, HEAD)
        .fault(Fault::hang().during(ILL..WELL).chance(0.5))
        .fault(Fault::status(503).during(ILL..WELL));
    let openai = provider(Dialect::OpenAi, 2 * seed + 1, HEAD);
    let route = groq_then_openai();
    World::new(
        vec![groq.build(), openai.build()],
        route,
        (300 * A_SECOND, Duration::from_secs(1) / A_SECOND as u32),
    )
}

pub(super) fn extra(seen: &Seen) -> Extra {
    let trace = &seen.traces[0];
    let opened = seen.breaker.iter().find_map(|(at, event)| match event {
        Event::Opened { why, .. } => Some((*at, *why)),
        _ => None,
    });
    let last_open = seen.breaker.iter().rev().find_map(|(at, it)| match it {
        Event::Opened { wait, .. } => Some((*at, *wait)),
        _ => None,
    });
    let back = back(trace);
    let since = |(at, wait): (Duration, Duration)| back?.checked_sub(at + wait);
    let failures = |at: Duration| trace.iter().filter(|it| failed_by(it, at)).count() as u64;
    let probed = |(_, event): &&(_, Event)| matches!(event, Event::Probing { .. });
    let probes = seen.breaker.iter().filter(probed).count() as u64;
    Extra::from([
        (
            "failures_to_open",
            opened.and_then(|(_, why)| in_a_row(&why)),
        ),
        ("failures_in_all", opened.map(|(at, _)| failures(at))),
        (
            "opened_after_ms",
            opened.and_then(|(at, _)| millis(at.saturating_sub(ILL))),
        ),
        ("probes", opened.map(|_| probes)),
        ("sent_while_open", opened.map(|_| sent_while_open(seen))),
        ("back_after_ms", back.and_then(|at| millis(at - WELL))),
        (
            "back_after_open_ms",
            last_open.and_then(since).and_then(millis),
        ),
        ("last_open_ms", last_open.and_then(|(_, wait)| millis(wait))),
        ("p95_ms", seen.p95()),
        ("slowest_ms", seen.slowest()),
    ])
}
