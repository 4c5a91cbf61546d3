//! The provider of a row.

use std::time::{Duration, SystemTime};

use tollgate_core::Usage;
use tollgate_test::{Asked, Dialect, Fault, Provider, Quota};

use super::{case::Case, lies, model::Model, neighbours, request::CALL, tokens, twist::Twist};

/// So many calls are served at once where the twist is [`Twist::Slow`].
pub(crate) const AT_ONCE: u32 = 50;

/// Calls and answers are under way for 20 to 30 ms, so that bursts arrive in another order; the head
/// of a success takes its time, give or take 10 %.
pub(crate) fn provider(case: &Case, seed: u64) -> Provider {
    let builder = Provider::builder(Dialect::Plain)
        .headers(case.headers)
        .latency(case.latency, case.latency / 10)
        .travel(Duration::from_millis(25), Duration::from_millis(5))
        .starts_at(SystemTime::UNIX_EPOCH + lies::DAWN)
        .text("yes")
        .seed(seed);
    let quota = case.model.quota();
    let builder = match case.twist {
        Twist::None => builder.quota(quota),
        Twist::Tokens => {
            let usages = tokens::usages(case.calls, seed);
            let usage = move |asked: &Asked| number(asked).map_or(Usage::default(), |n| usages[n]);
            builder.quota(quota).quota(tokens::quota()).usage(usage)
        }
        Twist::Slow => {
            let (from, to) = (Duration::from_secs(60), Duration::from_secs(86_400));
            let slow = Fault::delay(Duration::from_secs(59)).during(from..to);
            builder
                .quota(quota)
                .quota(Quota::concurrency(AT_ONCE.into()))
                .fault(slow)
        }
        Twist::Neighbours => {
            let [one, another] = neighbours::both();
            builder.quota(quota).neighbour(one).neighbour(another)
        }
        Twist::LyingRetryAfter => builder.quota(quota).edit(lies::retry_after(seed)),
        // What is shown does not bind, and what binds is not shown.
        Twist::Overstated => builder.quota(quota.overstating(6_000)),
        Twist::LyingHeaders => builder
            .quota(Model::Bucket600.quota())
            .quota(quota.hidden()),
    };
    builder.build()
}

fn number(asked: &Asked) -> Option<usize> {
    asked.headers().get(CALL)?.to_str().ok()?.parse().ok()
}
