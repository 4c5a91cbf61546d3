//! The first of two providers hangs. 40 calls one after the other, with a deadline of 20 s or callers who
//! give up after 30 s; and 100 at once with that deadline.

use std::time::Duration;

use tollgate_test::{Dialect, Fault};

use super::{
    Extra,
    seen::Seen,
    world::{World, groq_then_openai, provider},
};

const HEAD: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
const DEADLINE: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_secs(30);

fn two(seed: u64, calls: usize) -> World {
    let groq = provider(Dialect::Groq, 2 * seed, HEAD).fault(Fault::hang());
    let openai = provider(Dialect::OpenAi, 2 * seed + 1, HEAD);
    let route = groq_then_openai();
    let providers = vec![groq.build(), openai.build()];
    World {
        attempt: None,
        ..World::new(providers, route, (calls, Duration::ZERO))
    }
}

pub(super) fn one_by_one(seed: u64) -> World {
    World {
        one_by_one: true,
        deadline: Some(DEADLINE),
        ..two(seed, 40)
    }
}

pub(super) fn impatient(seed: u64) -> World {
    World {
        one_by_one: true,
        patience: Some(PATIENCE),
        ..two(seed, 40)
    }
}

pub(super) fn at_once(seed: u64) -> World {
    World {
        deadline: Some(DEADLINE),
        ..two(seed, 100)
    }
}

pub(super) fn extra(seen: &Seen) -> Extra {
    Extra::from([
        ("sent_to_first", Some(seen.traces[0].len() as u64)),
        ("slowest_ms", seen.slowest()),
    ])
}
