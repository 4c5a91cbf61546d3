//! Zhipu's GLM: four digits in `error.code`, some of them money on a 429.
//!
//! <https://docs.z.ai/api-reference/api-code> and
//! <https://docs.bigmodel.cn/cn/api/api-code> (2026-09). 1308 and 1310 are the windows of the coding
//! plan; the reset in their text is a local time without a zone, so it is no hint.

use tollgate_core::{LimitKind::Requests, Window::Day};

use super::{Dialect, PLAIN};
use crate::verdict::{AUTH, BROKEN, BUSY, MISFIT, NEVER, QUOTA, RATE, Table, WRONG};

const CODES: Table = &[
    ("1000", AUTH),
    ("1001", AUTH),
    ("1002", AUTH),
    ("1003", AUTH),
    ("1004", AUTH),
    ("1110", AUTH),
    ("1111", AUTH),
    ("1112", AUTH),
    ("1113", QUOTA.bare()),
    ("1121", AUTH),
    ("1210", WRONG),
    ("1211", MISFIT),
    ("1213", WRONG),
    ("1214", WRONG),
    ("1220", AUTH),
    ("1230", BROKEN),
    ("1234", BROKEN),
    ("1261", MISFIT),
    ("1301", NEVER),
    ("1302", RATE.limit(Requests)),
    ("1303", RATE.limit(Requests)),
    ("1304", RATE.limit(Requests).per(Day)),
    ("1305", BUSY),
    ("1308", QUOTA.bare()),
    ("1309", QUOTA.bare()),
    ("1310", QUOTA.bare()),
    ("1312", BUSY),
    ("1313", RATE),
];

pub(super) const ZHIPU: Dialect = Dialect {
    names: &["zhipu", "zhipuai", "glm", "z_ai", "bigmodel"],
    hosts: &["open.bigmodel.cn", "api.z.ai", "z.ai"],
    codes: CODES,
    looks_like: |facts| {
        let code = facts.root.pointer("/error/code").map(|code| match code {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        code.is_some_and(|code| CODES.iter().any(|(known, _)| *known == code))
    },
    numbers: true,
    ..PLAIN
};
