//! The provider of a world.

use std::{sync::Arc, time::Duration};

use http::HeaderMap;
use tollgate_core::Usage;
use tollgate_test::{Asked, Kind, Neighbour, Provider, Quota};

use super::{
    clock::dawn,
    oddity::edit,
    world::{Lie, MINUTE, Oddity, Shape, World},
};
use crate::request::CALL;

const DAY: Duration = Duration::from_secs(86_400);

/// A provider that decides at once: the time that messages and answers take is up to the wire.
pub(super) fn provider(world: &Arc<World>) -> Provider {
    let drawn = world.clone();
    let usage = move |asked: &Asked| {
        let call = number(asked.headers()).and_then(|n| drawn.calls.get(n));
        call.map_or(Usage::default(), |call| call.usage)
    };
    let mut builder = Provider::builder(world.headers.dialect)
        .headers(world.headers.class)
        .starts_at(dawn())
        .text("yes")
        .usage(usage)
        .edit(edit(world.headers.oddity))
        .seed(world.luck);
    for quota in quotas(world) {
        builder = builder.quota(quota);
    }
    if let Some((rate, from)) = world.limits.others {
        builder = builder.neighbour(Neighbour::new(rate).between(from, Duration::MAX));
    }
    if world.prompts.reserved {
        builder = builder.reserve_output();
    }
    if world.prompts.free_cache {
        builder = builder.free_cache_reads();
    }
    builder.build()
}

/// The number of the call that a request belongs to.
pub(super) fn number(headers: &HeaderMap) -> Option<usize> {
    headers.get(CALL)?.to_str().ok()?.parse().ok()
}

fn quotas(world: &World) -> Vec<Quota> {
    let limits = &world.limits;
    let requests = limits.requests.map(|n| (Kind::Requests, n, n.div_ceil(60)));
    // A bucket of one second could not hold the largest call.
    let tokens = limits.tokens.map(|n| (world.prompts.kind, n, n));
    let minute = requests.into_iter().chain(tokens).map(|(kind, n, least)| {
        let burst = match limits.shape {
            Shape::SmallBucket => least,
            _ => n,
        };
        let quota = match limits.shape {
            Shape::SmallBucket | Shape::LargeBucket => Quota::bucket(kind, n, MINUTE, burst),
            Shape::Fixed(phase) => Quota::fixed(kind, n, MINUTE).met_at(phase),
            Shape::Sliding => Quota::sliding(kind, n, MINUTE),
        };
        let quota = quota.used((burst as f64 * limits.used) as u64);
        match world.headers.oddity {
            Oddity::Lie(Lie::LimitAndRest) => quota.claiming(10 * burst),
            Oddity::Lie(Lie::Limit) => quota.overstating(10 * burst),
            _ => quota,
        }
    });
    let concurrency = limits.concurrency.map(Quota::concurrency);
    let day = |(n, used)| Quota::fixed(Kind::Requests, n, DAY).used(used);
    minute
        .chain(concurrency)
        .chain(limits.day.map(day))
        .collect()
}
