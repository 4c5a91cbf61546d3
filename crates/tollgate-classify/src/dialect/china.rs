//! Clouds of China with codes of their own: Volcengine, Baidu, Tencent.

use tollgate_core::{
    LimitKind::{Concurrency, Images, Requests, Tokens},
    Window::{Day, Minute, Second},
};

use super::{Dialect, PLAIN};
use crate::verdict::{AUTH, BUSY, MISFIT, QUOTA, RATE, WRONG};

/// Volcengine's Ark, `BytePlus` `ModelArk`: a limit people set themselves pauses the model, windows of
/// a plan are an `AccountQuotaExceeded`.
/// <https://www.volcengine.com/docs/82379/1299023> (2026-09)
pub(super) const ARK: Dialect = Dialect {
    names: &["volcengine", "ark", "doubao", "byteplus", "modelark"],
    families: &[("ark.", ".volces.com"), ("ark.", ".bytepluses.com")],
    codes: &[
        ("SetLimitExceeded", QUOTA.bare()),
        ("AccountQuotaExceeded", QUOTA.bare()),
        ("AccountOverdueError", QUOTA),
        ("InflightBatchsizeExceeded", RATE.limit(Concurrency)),
        ("RequestBurstTooFast", RATE.limit(Requests)),
        (
            "ModelAccountIpmRateLimitExceeded",
            RATE.limit(Images).per(Minute),
        ),
        ("ModelNotOpen", MISFIT),
        ("InvalidEndpointOrModel.NotFound", MISFIT),
    ],
    ..PLAIN
};

/// Baidu's Qianfan: the older interface says it in a 200, as a number.
/// <https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh> (2025)
pub(super) const QIANFAN: Dialect = Dialect {
    names: &["qianfan", "baidu", "ernie", "wenxin"],
    hosts: &["qianfan.baidubce.com", "aip.baidubce.com"],
    codes: &[
        ("4", RATE.limit(Requests)),
        ("6", AUTH),
        ("14", AUTH),
        ("17", RATE.limit(Requests).per(Day)),
        ("18", RATE.limit(Requests).per(Second)),
        ("19", RATE.limit(Requests)),
        ("100", WRONG),
        ("110", AUTH),
        ("111", AUTH),
        ("336100", BUSY),
        ("336501", RATE.limit(Requests).per(Minute)),
        ("336502", RATE.limit(Tokens).per(Minute)),
    ],
    looks_like: |facts| {
        facts.root.get("error_msg").is_some() && facts.root.get("error_code").is_some()
    },
    numbers: true,
    ..PLAIN
};

/// Tencent's Hunyuan: the cloud's own interface answers `{"Response":{"Error":{...}}}` with a 200.
/// <https://cloud.tencent.com/document/product/1729/101843> (2025)
pub(super) const HUNYUAN: Dialect = Dialect {
    names: &["hunyuan", "tencent", "tencentcloud"],
    hosts: &[
        "hunyuan.tencentcloudapi.com",
        "api.hunyuan.cloud.tencent.com",
    ],
    codes: &[
        ("LimitExceeded", RATE),
        ("ResourceInsufficient", BUSY),
        ("FailedOperation.ResourcePackExhausted", QUOTA),
        ("FailedOperation.FreeResourcePackExhausted", QUOTA),
        ("AuthFailure", AUTH),
    ],
    ..PLAIN
};
