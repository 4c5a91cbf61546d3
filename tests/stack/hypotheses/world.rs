//! The providers of the stories, and the ways to them.

use std::{collections::BTreeSet, time::Duration};

use tollgate_core::Random;
use tollgate_route::{Route, Wire, provider::preset};
use tollgate_test::{Answer, Asked, Dialect, Fault, Kind, Provider, ProviderBuilder, Quota};

use super::internet::Internet;

pub(super) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// 600 calls a minute, of which `burst` may come at once. Calls are under way for 20 to 30 ms each
/// way, an answer takes 200 to 400 ms more, and who is turned away hears to come back in 1 to 3 s.
pub(super) fn provider(dialect: Dialect, burst: u64, seed: u64) -> ProviderBuilder {
    let random = Random::seeded(seed ^ 0x746f_6c64);
    let told = move |_: &Asked, answer: Answer| match answer.status().as_u16() {
        429 | 529 => {
            let seconds = 1 + (random.unit() * 3.0) as u64;
            answer.header("retry-after", seconds.to_string())
        }
        _ => answer,
    };
    Provider::builder(dialect)
        .quota(Quota::bucket(Kind::Requests, 600, ms(60_000), burst))
        .latency(ms(300), ms(100))
        .travel(ms(25), ms(5))
        .edit(told)
        .seed(seed)
}

/// Three providers; the first allows 10 at once, and the last has no capacity now and then.
pub(super) fn standard(seed: u64) -> Internet {
    let full = Fault::status(529).chance(0.05);
    Internet::of([
        provider(Dialect::Groq, 10, 3 * seed).build(),
        provider(Dialect::OpenAi, 600, 3 * seed + 1).build(),
        provider(Dialect::Anthropic, 600, 3 * seed + 2)
            .fault(full)
            .build(),
    ])
}

/// Groq, else OpenAI, else Anthropic.
pub(super) fn route() -> Route {
    let anthropic = preset::anthropic().speaking(Wire::OpenAi).key("k");
    Route::new("chat")
        .ordered([preset::groq().key("k").model("llama-3.1-8b-instant")])
        .ordered([preset::openai().key("k").model("gpt-4o-mini")])
        .ordered([anthropic.model("claude-3-5-haiku-20241022")])
}

/// [`standard`], and for the first minute nothing is spared: providers hang, fail, reset connections,
/// break off bodies or stop in them, and for four seconds all of them are down.
pub(super) fn ill(seed: u64) -> Internet {
    let minute = ms(0)..ms(60_000);
    let often = |part: f64, fault: Fault| fault.during(minute.clone()).chance(part);
    let ill = |(n, dialect): (u64, Dialect)| {
        provider(dialect, 10, 3 * seed + n)
            .fault(Fault::status(503).during(ms(10_000)..ms(14_000)))
            .fault(often(0.02, Fault::hang()))
            .fault(often(0.03, Fault::status(500)))
            .fault(often(0.03, Fault::status(529)))
            .fault(often(0.01, Fault::giant(100_000)))
            .fault(often(0.03, Fault::reset_before_headers()))
            .fault(often(0.02, Fault::reset_after_headers()))
            .fault(often(0.03, Fault::cut(90)))
            .fault(often(0.03, Fault::stall(60)))
            .fault(often(0.05, Fault::first_event().streams()))
            .context(1_000)
            .pace(ms(50))
            .build()
    };
    let dialects = [Dialect::Groq, Dialect::OpenAi, Dialect::Anthropic];
    Internet::of((0..).zip(dialects).map(ill))
}

/// The numbers of the calls that a provider turned away at least once, for lack of quota or of room.
pub(super) fn turned_away(internet: &Internet) -> BTreeSet<usize> {
    let logs = internet.providers.iter().flat_map(Provider::log);
    let away = logs.filter(|entry| {
        let status = entry.status().map(|status| status.as_u16());
        matches!(status, Some(429 | 529))
    });
    away.map(|entry| number(entry.asked())).collect()
}

/// The number of a call, as it stands in its body.
pub(super) fn number(asked: &Asked) -> usize {
    let body: serde_json::Value = serde_json::from_slice(asked.body()).expect("JSON");
    let user = body["user"].as_str().expect("a number");
    user.parse().expect("a number")
}
