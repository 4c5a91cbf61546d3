//! One row: a way to make the calls, at one provider or at all of them.

use std::time::Duration;

use crate::{
    providers::Site,
    run::Run,
    tally::{End, percentile},
};

pub(super) fn row(name: &str, run: &Run, sites: &[&Site]) -> Vec<String> {
    let here = |name: &str| sites.iter().any(|site| site.name == name);
    let calls = || run.counts.calls.iter().filter(|call| here(call.provider));
    let ended = |of: fn(&End) -> bool| calls().filter(|call| of(&call.end)).count().to_string();
    let waits = || {
        let of_sites = run.counts.waits.iter().filter(|(name, _)| here(name));
        of_sites.flat_map(|(_, waits)| waits.iter().copied())
    };
    let met = |status| sites.iter().map(|site| site.answered(status)).sum::<u64>();
    let time = |times: &mut dyn Iterator<Item = Duration>, part| {
        format!("{:.1?}", percentile(times, part))
    };
    vec![
        run.way.to_owned(),
        name.to_owned(),
        calls().count().to_string(),
        ended(|end| matches!(end, End::Ok)),
        met(429).to_string(),
        met(529).to_string(),
        waits().count().to_string(),
        time(&mut waits(), 50),
        time(&mut waits(), 95),
        time(&mut calls().map(|call| call.took), 95),
        ended(|end| matches!(end, End::Rejected(_))),
        ended(|end| matches!(end, End::Lost(_))),
    ]
}
