//! MiniMax: errors are a 200 with `base_resp.status_code`, or end in "(2056)" on the Anthropic route.
//!
//! Codes: <https://platform.minimax.io/docs/api-reference/errorcode> (2026-09). 1039 counts tokens per
//! minute there; 2045 is a ramp, 2056 the window of a plan.

use tollgate_core::LimitKind::{Concurrency, Requests, Tokens};

use super::{Dialect, Finding, PLAIN};
use crate::{
    codes,
    facts::Facts,
    verdict::{AUTH, BROKEN, LATE, MISFIT, NEVER, QUOTA, RATE, Table, WRONG},
};

const CODES: Table = &[
    ("999", BROKEN),
    ("1000", BROKEN),
    ("1001", LATE),
    ("1002", RATE.limit(Requests)),
    ("1004", AUTH),
    ("1008", QUOTA),
    ("1013", BROKEN),
    ("1024", BROKEN),
    ("1026", NEVER),
    ("1027", NEVER),
    ("1033", BROKEN),
    ("1039", RATE.limit(Tokens)),
    ("1041", RATE.limit(Concurrency)),
    ("1042", NEVER),
    ("2013", WRONG),
    ("2045", RATE.limit(Requests)),
    ("2049", AUTH),
    ("2056", QUOTA.bare()),
    ("2061", MISFIT),
];

pub(super) const MINIMAX: Dialect = Dialect {
    names: &["minimax", "minimaxi"],
    hosts: &[
        "api.minimax.io",
        "api.minimaxi.com",
        "api.minimax.chat",
        "api-uw.minimax.io",
    ],
    codes: CODES,
    read: Some(read),
    looks_like: |facts| facts.root.get("base_resp").is_some(),
    numbers: true,
    ..PLAIN
};

fn read(facts: &Facts<'_>) -> Option<Finding> {
    if facts.root.get("base_resp").is_some() {
        let mut marks = facts
            .marks
            .iter()
            .filter(|mark| mark.field == "status_code");
        return marks.find_map(|mark| {
            let (code, verdict) = codes::find(CODES, &mark.value)?;
            Some(Finding::new(
                verdict,
                format!("base_resp.status_code = {code}"),
            ))
        });
    }
    // "usage limit exceeded, 5-hour window ... (2056)"
    let inside = facts.text.trim_end().strip_suffix(')')?;
    let (_, number) = inside.rsplit_once('(')?;
    let (code, verdict) = codes::find(CODES, number)?;
    Some(Finding::new(
        verdict,
        format!("the code ({code}) behind the message"),
    ))
}
