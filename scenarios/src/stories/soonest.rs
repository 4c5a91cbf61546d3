//! Two providers turn a call away and say when to come back: after 1 s and 110 s, 5 s and 130 s, 10 s and
//! 60 s, 110 s and 5 s.

use std::time::Duration;

use http::StatusCode;
use tollgate_test::{Answer, Dialect, Fault};

use super::{
    Extra,
    seen::{Seen, millis},
    world::{World, groq_then_openai, provider},
};

const HEAD: (Duration, Duration) = (Duration::from_millis(300), Duration::from_millis(30));
const PAIRS: [(u64, u64); 4] = [(1, 110), (5, 130), (10, 60), (110, 5)];

/// The seed says which pair it is.
const fn pair(seed: u64) -> (u64, u64) {
    PAIRS[(seed - 1) as usize % PAIRS.len()]
}

pub(super) fn world(seed: u64) -> World {
    let (first, second) = pair(seed);
    let told = |seconds: u64| {
        let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
        let until = Duration::from_secs(seconds);
        Fault::answer(answer.header("retry-after", seconds.to_string()))
            .during(Duration::ZERO..until)
    };
    let groq = provider(Dialect::Groq, 2 * seed, HEAD).fault(told(first));
    let openai = provider(Dialect::OpenAi, 2 * seed + 1, HEAD).fault(told(second));
    let route = groq_then_openai();
    let providers = vec![groq.build(), openai.build()];
    World {
        attempt: None,
        ..World::new(providers, route, (1, Duration::ZERO))
    }
}

/// From the rejections to the answer, beyond the sooner of the two waits.
pub(super) fn extra(seen: &Seen) -> Extra {
    let waits = PAIRS.map(|(first, second)| Duration::from_secs(first.min(second)));
    let took = seen.calls[0].took;
    // Which pair it was is seen by how long it took: they are far enough apart.
    let fits = waits.into_iter().filter(|wait| *wait <= took).max();
    let after = fits.and_then(|wait| millis(took - wait));
    Extra::from([("took_ms", millis(took)), ("after_the_soonest_ms", after)])
}
