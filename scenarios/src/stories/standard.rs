//! 200 calls, 15 a second; three providers, of which the first allows 10 and all push back.

use std::{collections::BTreeSet, time::Duration};

use http::StatusCode;
use tollgate_core::Random;
use tollgate_route::{Route, Wire, provider::preset};
use tollgate_test::{Answer, Asked, Dialect, Fault, Kind, Provider, Quota};

use super::{
    Extra,
    end::End,
    seen::{Seen, served},
    world::{World, provider},
};
use crate::{
    figures::is_rejected,
    model::{A_MINUTE, MINUTE},
};

const HEAD: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(100));

pub(super) fn world(seed: u64) -> World {
    let allows = |dialect, burst, seed: u64| {
        let quota = Quota::bucket(Kind::Requests, A_MINUTE, MINUTE, burst);
        provider(dialect, seed, HEAD).quota(quota).edit(told(seed))
    };
    let groq = allows(Dialect::Groq, 10, 3 * seed).build();
    let openai = allows(Dialect::OpenAi, A_MINUTE, 3 * seed + 1).build();
    let full = Fault::status(529).chance(0.05);
    let anthropic: Provider = allows(Dialect::Anthropic, A_MINUTE, 3 * seed + 2)
        .fault(full)
        .build();
    let speaking = preset::anthropic().speaking(Wire::OpenAi);
    let route = Route::new("chat")
        .ordered([preset::groq().key("k").model("llama-3.1-8b-instant")])
        .ordered([preset::openai().key("k").model("gpt-4o-mini")])
        .ordered([speaking.key("k").model("claude-3-5-haiku-20241022")]);
    World::new(
        vec![groq, openai, anthropic],
        route,
        (200, Duration::from_secs(1) / 15),
    )
}

/// A rejection states a wait of 1 to 3 seconds.
fn told(seed: u64) -> impl Fn(&Asked, Answer) -> Answer + Send + Sync {
    let random = Random::seeded(seed ^ 0x746f_6c64);
    move |_, answer| match answer.status().as_u16() {
        429 | 529 => {
            let seconds = 1 + (random.unit() * 3.0) as u64;
            answer.header("retry-after", seconds.to_string())
        }
        _ => answer,
    }
}

pub(super) fn extra(seen: &Seen) -> Extra {
    let rejected = seen.sent().filter(|it| is_rejected(it));
    let met: BTreeSet<usize> = rejected.map(|it| it.call).collect();
    let saved = met
        .iter()
        .filter(|call| seen.calls[**call].end == End::Answered);
    let full = |status: StatusCode| status.as_u16() == 529;
    let overloaded = seen
        .sent()
        .filter(|it| it.answer.is_some_and(|(_, it)| full(it)));
    let first = seen.traces[0].iter().filter(|it| served(it)).count();
    Extra::from([
        ("met_429", Some(met.len() as u64)),
        ("met_529", Some(overloaded.count() as u64)),
        ("saved", Some(saved.count() as u64)),
        ("served_by_first", Some(first as u64)),
        ("p95_ms", seen.p95()),
    ])
}
