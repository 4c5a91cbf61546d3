//! Alibaba's Model Studio (DashScope):
//! <https://www.alibabacloud.com/help/en/model-studio/error-code> (2026-09).
//!
//! An allocation is a rate limit of tokens, although its OpenAI-compatible code is
//! `insufficient_quota`; money is `Arrearage`.

use tollgate_core::{
    LimitKind::{Requests, Tokens},
    Scope,
};

use super::{Dialect, Finding, PLAIN};
use crate::verdict::{AUTH, BROKEN, BUSY, LATE, MISFIT, NEVER, QUOTA, RATE};

pub(super) const DASHSCOPE: Dialect = Dialect {
    names: &["dashscope", "qwen", "alibaba", "aliyun"],
    families: &[("dashscope", ".aliyuncs.com")],
    hosts: &["*.dashscope.aliyuncs.com", "*.maas.aliyuncs.com"],
    codes: &[
        ("Throttling", RATE),
        ("Throttling.RateQuota", RATE.limit(Requests)),
        ("Throttling.BurstRate", RATE.limit(Requests)),
        ("Throttling.AllocationQuota", RATE.limit(Tokens)),
        ("limit_requests", RATE.limit(Requests)),
        ("limit_burst_rate", RATE.limit(Requests)),
        // Each model has a free tier of its own.
        (
            "AllocationQuota.FreeTierOnly",
            QUOTA.bare().hits(Scope::Target),
        ),
        ("Arrearage", QUOTA),
        ("PrepaidBillOverdue", QUOTA),
        ("PostpaidBillOverdue", QUOTA),
        ("CommodityNotPurchased", QUOTA),
        ("DataInspectionFailed", NEVER),
        ("ModelNotFound", MISFIT),
        ("Model.AccessDenied", AUTH),
        ("RequestTimeOut", LATE),
        ("ModelServiceFailed", BROKEN),
        ("ModelUnavailable", BUSY),
    ],
    read: Some(|facts| {
        // The second is the page that explains the first; some messages name nothing else.
        let phrases = ["allocated quota exceeded", "error-code#token-limit"];
        let phrase = phrases.into_iter().find(|phrase| facts.says(phrase))?;
        let rate = Finding::phrase((phrase, RATE.limit(Tokens)));
        (!facts.is_definite()).then_some(rate)
    }),
    looks_like: |facts| facts.opens_with("allocated quota exceeded"),
    ..PLAIN
};
