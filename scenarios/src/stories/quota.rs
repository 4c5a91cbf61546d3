//! A call a second for two hours; the first provider has a quota of 500, the second allows 60 a
//! minute, the third 30.

use std::time::Duration;

use tollgate_route::{Route, Wire, provider::preset};
use tollgate_test::{Dialect, Fault, Kind, Quota};

use super::{
    Extra,
    seen::{Seen, served},
    world::{World, provider},
};
use crate::model::MINUTE;

const HEAD: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
const CALLS: usize = 7_200;
const A_DAY: u64 = 500;

pub(super) fn world(seed: u64) -> World {
    // It does not say when to come back.
    let used_up = Fault::answer(Dialect::Kimi.quota_exhausted("kimi-k2"));
    let kimi = provider(Dialect::Kimi, 3 * seed, HEAD).fault(used_up.calls(A_DAY + 1..=u64::MAX));
    let allows = |dialect, a_minute, seed| {
        let quota = Quota::bucket(Kind::Requests, a_minute, MINUTE, a_minute);
        provider(dialect, seed, HEAD).quota(quota).build()
    };
    let openai = allows(Dialect::OpenAi, 60, 3 * seed + 1);
    let anthropic = allows(Dialect::Anthropic, 30, 3 * seed + 2);
    let speaking = preset::anthropic().speaking(Wire::OpenAi);
    let route = Route::new("chat")
        .ordered([preset::kimi().key("k").model("kimi-k2")])
        .ordered([preset::openai().key("k").model("gpt-4o-mini")])
        .ordered([speaking.key("k").model("claude-3-5-haiku-20241022")]);
    World::new(
        vec![kimi.build(), openai, anthropic],
        route,
        (CALLS, Duration::from_secs(1)),
    )
}

pub(super) fn extra(seen: &Seen) -> Extra {
    let wasted = seen.traces[0].iter().filter(|it| !served(it)).count();
    let mut trips = vec![0_u64; seen.calls.len()];
    seen.sent().for_each(|sent| trips[sent.call] += 1);
    let most = trips.into_iter().max().unwrap_or(0);
    Extra::from([
        ("wasted_a", Some(wasted as u64)),
        ("extra_trips_most", Some(most.saturating_sub(1))),
        ("p95_ms", seen.p95()),
    ])
}
