//! Codes, types and reasons that more than one provider uses.
//!
//! Each is compared without regard to case, `_`, `-`, `.` and spaces, so that `RateLimitReached` and
//! `rate_limit_reached` are one entry.

use tollgate_core::{
    Class,
    LimitKind::{Concurrency, InputTokens, OutputTokens, Requests, Tokens},
    Scope,
    Window::{Day, Minute, Month},
};

use crate::{
    text::{same, words},
    verdict::{AUTH, BROKEN, BUSY, LATE, MISFIT, NEVER, QUOTA, RATE, Table, Verdict, WRONG},
};

const CODES: Table = &[
    // Credits, plans, budgets.
    ("insufficient_quota", QUOTA),
    ("insufficient_balance", QUOTA),
    ("insufficient_credits", QUOTA),
    ("insufficient_funds", QUOTA),
    ("insufficient_user_quota", QUOTA),
    ("billing_hard_limit_reached", QUOTA),
    ("billing_not_active", QUOTA),
    ("billing_error", QUOTA),
    ("payment_required", QUOTA),
    ("budget_exceeded", QUOTA),
    ("credits_exhausted", QUOTA),
    ("credit_balance_exhausted", QUOTA),
    ("out_of_credits", QUOTA),
    ("quota_exhausted", QUOTA.unless_windowed()),
    ("usage_limit_reached", QUOTA.unless_windowed()),
    ("usage_limit_exceeded", QUOTA.unless_windowed()),
    ("quota_exceeded", QUOTA.unless_timed().weak()),
    ("quota_limit_exceeded", QUOTA.unless_timed().weak()),
    // The IETF's name of an ordinary rate limit.
    ("http-problem-types#quota-exceeded", RATE),
    // Rate limits.
    ("rate_limit_exceeded", RATE),
    ("rate_limit_reached", RATE),
    ("rate_limit_reached_error", RATE.weak()),
    ("rate_limited", RATE),
    ("rate_limit", RATE.weak()),
    ("rate_limit_error", RATE.weak()),
    ("too_many_requests", RATE.weak()),
    ("too_many_requests_error", RATE.weak()),
    ("TooManyRequestsException", RATE),
    ("throttling_error", RATE.weak()),
    ("throttled", RATE.weak()),
    ("request_limit_exceeded", RATE.limit(Requests)),
    ("requests_limit_exceeded", RATE.limit(Requests)),
    ("token_limit_exceeded", RATE.limit(Tokens).weak()),
    ("rpm_limit_exceeded", RATE.limit(Requests).per(Minute)),
    ("tpm_limit_exceeded", RATE.limit(Tokens).per(Minute)),
    ("itpm_limit_exceeded", RATE.limit(InputTokens).per(Minute)),
    ("otpm_limit_exceeded", RATE.limit(OutputTokens).per(Minute)),
    ("daily_limit_exceeded", RATE.per(Day)),
    ("concurrency_limit_exceeded", RATE.limit(Concurrency)),
    (
        "concurrent_requests_limit_exceeded",
        RATE.limit(Concurrency),
    ),
    ("max_parallel_requests", RATE.limit(Concurrency)),
    // GitHub Copilot (microsoft/vscode-copilot-chat, 2026).
    ("user_global_rate_limited", RATE.hits(Scope::Account)),
    ("user_model_rate_limited", RATE.hits(Scope::Target)),
    ("slow_down", RATE.limit(Requests)),
    ("resource_exhausted", RATE.weak()),
    // Capacity.
    ("overloaded_error", BUSY),
    ("overloaded", BUSY),
    ("engine_overloaded_error", BUSY),
    ("engine_overloaded", BUSY),
    ("server_is_overloaded", BUSY),
    ("server_overloaded", BUSY),
    ("model_overloaded", BUSY),
    ("service_unavailable", BUSY.weak()),
    ("service_unavailable_error", BUSY.weak()),
    ("unavailable", BUSY.weak()),
    ("unavailable_error", BUSY.weak()),
    ("queue_exceeded", BUSY),
    ("queue_full", BUSY),
    ("capacity_exceeded", BUSY),
    ("no_capacity", BUSY),
    ("insufficient_capacity", BUSY),
    ("flex_tier_capacity_exceeded", BUSY),
    ("service_tier_capacity_exceeded", BUSY),
    ("model_not_ready", BUSY),
    // Keys and permissions.
    ("invalid_api_key", AUTH),
    ("incorrect_api_key_error", AUTH),
    ("missing_api_key", AUTH),
    ("api_key_invalid", AUTH),
    ("authentication_error", AUTH),
    ("invalid_authentication_error", AUTH),
    ("unauthenticated", AUTH),
    ("unauthorized", AUTH),
    ("permission_error", AUTH),
    ("permission_denied", AUTH),
    ("permission_denied_error", AUTH),
    ("access_denied", AUTH),
    ("forbidden", AUTH),
    ("account_deactivated", AUTH),
    ("unsupported_country_region_territory", AUTH),
    ("request_forbidden", AUTH),
    // Wrong calls.
    ("context_length_exceeded", MISFIT),
    ("context_window_exceeded", MISFIT),
    // OpenAI's cap on the inputs of one call for embeddings, all together.
    ("max_tokens_per_request", MISFIT),
    ("model_not_found", MISFIT),
    ("model_not_available", MISFIT),
    ("model_decommissioned", MISFIT),
    ("model_deprecated", MISFIT),
    ("unsupported_model", MISFIT),
    ("deployment_not_found", MISFIT),
    ("not_found_error", MISFIT),
    ("content_filter", NEVER),
    ("content_policy_violation", NEVER),
    ("responsible_ai_policy_violation", NEVER),
    ("invalid_prompt", NEVER),
    ("invalid_request_error", WRONG.weak()),
    ("invalid_argument", WRONG.weak()),
    ("invalid_request", WRONG.weak()),
    ("bad_request_error", WRONG.weak()),
    ("validation_error", WRONG.weak()),
    ("unprocessable_entity", WRONG.weak()),
    // Faults.
    ("server_error", BROKEN.weak()),
    ("api_error", BROKEN.weak()),
    ("internal_error", BROKEN.weak()),
    ("internal", BROKEN.weak()),
    ("internal_server_error", BROKEN.weak()),
    ("upstream_error", BROKEN.weak()),
    ("timeout_error", LATE.weak()),
    ("timeout", LATE.weak()),
    ("request_timeout", LATE.weak()),
    ("deadline_exceeded", LATE.weak()),
];

/// What a code means, and how the table spells it.
pub(crate) fn find(table: Table, code: &str) -> Option<(&'static str, Verdict)> {
    table.iter().find(|(name, _)| same(name, code)).copied()
}

/// What a code of any provider means.
pub(crate) fn common(code: &str) -> Option<(&'static str, Verdict)> {
    find(CODES, code).or_else(|| by_words(code))
}

/// What the words of an unknown code suggest: `user_weekly_rate_limited`, `TPMRateLimitExceeded`.
fn by_words(code: &str) -> Option<(&'static str, Verdict)> {
    if code.len() > 64 || code.contains(' ') {
        return None;
    }
    let words = words::split(code);
    let has = |any: &[&str]| {
        let same = |word: &&str| any.iter().any(|name| word.eq_ignore_ascii_case(name));
        words.iter().any(same)
    };
    let over = has(&[
        "exceeded",
        "enough",
        "exceed",
        "reached",
        "exhausted",
        "insufficient",
        "limited",
        "hit",
    ]);
    if has(&[
        "billing",
        "credit",
        "credits",
        "balance",
        "spend",
        "spending",
        "overdue",
        "arrears",
        "funds",
        "budget",
        "arrearage",
    ]) && (over
        || has(&[
            "limit",
            "hard",
            "low",
            "depleted",
            "arrearage",
            "overdue",
            "empty",
            "no",
            "disabled",
            "required",
        ]))
    {
        let window = words::named(code).window;
        return Some(("a code of billing", Verdict { window, ..QUOTA }));
    }
    if has(&["subscription", "trial"]) && has(&["expired", "ended", "inactive", "required"])
        || has(&["free"]) && has(&["tier", "trial", "quota"]) && has(&["exhausted", "expired"])
    {
        return Some(("a code of a plan", QUOTA));
    }
    if has(&["weekly", "plan"]) && over {
        return Some(("a code of a plan", QUOTA));
    }
    if has(&["throttling", "throttled", "throttle"])
        || (has(&["rate", "ratelimit"]) && (over || has(&["limit", "exceeded"])))
        || (has(&["many"]) && has(&["requests", "tokens"]))
    {
        let named = words::named(code);
        let verdict = Verdict {
            limit: named.limit,
            window: named.window,
            ..RATE
        };
        return Some(("a code of rate limiting", verdict));
    }
    // `daily_limit_reached`, `tokens_per_minute_exceeded`, `rpm_exceeded`.
    if over || has(&["limit"]) {
        let named = words::named(code);
        if named.window.is_some_and(|window| window != Month) || named.limit == Some(Concurrency) {
            let verdict = Verdict {
                limit: named.limit,
                window: named.window,
                ..RATE
            };
            return Some(("a code of a limit", verdict));
        }
    }
    if has(&["overloaded", "overload", "capacity", "busy"]) {
        return Some(("a code of overload", BUSY));
    }
    if has(&["quota"]) && over {
        let verdict = QUOTA.unless_timed().weak();
        let window = words::named(code).window;
        return Some(("a code of quota", Verdict { window, ..verdict }));
    }
    None
}

/// Whether a verdict may decide beside this status (`None` inside a success).
///
/// A code of billing, rate or load is stronger than any status; a code of a key or of a wrong call
/// only says more about a status of its own kind.
pub(crate) fn fits(verdict: &Verdict, status: Option<u16>) -> bool {
    let Some(status) = status else {
        return true;
    };
    match verdict.class {
        Class::QuotaExhausted => !verdict.weak || status < 500,
        Class::RateLimited | Class::Overloaded if verdict.weak => {
            matches!(status, 400 | 403 | 409 | 413 | 422 | 424 | 429 | 503)
                && !(verdict.class == Class::Overloaded && status == 403)
        }
        // S3 and OpenAI said "slow down" with a 503: then it is load.
        Class::RateLimited => status != 401 && status != 503,
        Class::Overloaded => status != 401,
        Class::Auth => matches!(status, 400 | 401 | 403 | 404 | 409 | 422),
        Class::InvalidRequest => !verdict.weak && matches!(status, 400 | 403..=424 | 446),
        Class::ServerError => matches!(status, 424 | 500 | 502),
        Class::Timeout => matches!(status, 408 | 500 | 502..=504),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_any_spelling() {
        for (code, class) in [
            ("RateLimitReached", Class::RateLimited),
            ("TPMRateLimitExceeded", Class::RateLimited),
            ("user_weekly_rate_limited", Class::QuotaExhausted),
            ("project_spend_limit_exceeded", Class::QuotaExhausted),
            ("ModelCapacityReached", Class::Overloaded),
            ("DeploymentNotFound", Class::InvalidRequest),
        ] {
            assert_eq!(common(code).map(|(_, v)| v.class), Some(class), "{code}");
        }
        assert_eq!(common("unknown_parameter"), None);
        assert_eq!(common("string_above_max_length"), None);
    }

    #[test]
    fn a_key_is_not_at_fault_on_a_429() {
        assert!(!fits(&AUTH, Some(429)));
        assert!(!fits(&WRONG, Some(429)));
        assert!(fits(&AUTH, Some(400)));
        assert!(fits(&QUOTA, Some(400)));
        assert!(!fits(&BROKEN, Some(503)));
    }
}
