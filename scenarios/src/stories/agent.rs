//! An agent's conversation: each of 30 turns is 2,000 tokens longer than the one before, 95 % of it
//! comes out of the provider's cache, and 50,000 tokens of prompts a minute are allowed. What comes out
//! of the cache is not counted, so that the limit never binds.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tollgate_core::Usage;
use tollgate_limit::Limits;
use tollgate_route::{Route, provider::preset};
use tollgate_test::{Asked, Dialect, Kind, Quota};

use super::{
    Extra,
    seen::{Seen, served},
    world::{World, provider},
};
use crate::{
    model::MINUTE,
    request::{CALL, Req},
};

const HEAD: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
const TURNS: usize = 30;
/// Tokens of a turn.
const TURN: usize = 2_000;
const CACHED: f64 = 0.95;
/// Tokens of prompts a minute.
const LIMIT: u64 = 50_000;

pub(super) fn world(seed: u64, told: bool) -> World {
    let anthropic = provider(Dialect::Anthropic, seed, HEAD)
        .quota(Quota::bucket(Kind::InputTokens, LIMIT, MINUTE, LIMIT))
        .usage(usage)
        .free_cache_reads();
    let claude = preset::anthropic().key("k").model("claude-sonnet-4-5");
    let route = Route::new("chat").ordered([claude]);
    let limits = Limits::new();
    World {
        one_by_one: true,
        limits: match told {
            true => limits.input_tokens_per_minute(LIMIT),
            false => limits,
        },
        request,
        ..World::new(vec![anthropic.build()], route, (TURNS, Duration::ZERO))
    }
}

fn usage(asked: &Asked) -> Usage {
    let input = asked.prompt_tokens();
    Usage::new(input, 200).with_cached((input as f64 * CACHED) as u64)
}

/// The conversation so far, by the usual four letters for a token.
fn request(turn: usize) -> Req {
    let words = "word".repeat(TURN * (turn + 1));
    let message = format!(r#"{{"role":"user","content":"{words}"}}"#);
    let body = format!(r#"{{"model":"any","max_tokens":1024,"messages":[{message}]}}"#);
    Request::post("/v1/messages")
        .header(CALL, turn)
        .body(Full::new(Bytes::from(body)))
        .expect("the parts are good")
}

/// The whole time, in percent of the time that the answers took.
pub(super) fn extra(seen: &Seen) -> Extra {
    let answered = seen.traces[0].iter().filter(|it| served(it));
    let took = answered.filter_map(|sent| Some(sent.answer?.0 - sent.at));
    let took: Duration = took.sum();
    let end = seen.calls.iter().map(|call| call.arrival + call.took).max();
    let percent = end.map(|end| 100.0 * end.as_secs_f64() / took.as_secs_f64());
    Extra::from([
        (
            "turns",
            Some(seen.traces[0].iter().filter(|it| served(it)).count() as u64),
        ),
        ("makespan_percent", percent.map(|it| it.ceil() as u64)),
    ])
}
