//! The details of a finding: limit, window, wait, model, scope.

use std::time::Duration;

use tollgate_core::{Class, Classification, Dimension, LimitKind, Scope, Window, retry_after};

use crate::{
    dialect::{Dialect, Finding},
    facts::Facts,
    phrases,
    quota::{self, Whose},
    text::{
        model,
        words::{self, Named},
    },
    verdict::Verdict,
};

pub(super) fn classification(
    facts: &Facts<'_>,
    dialect: Option<&'static Dialect>,
    found: Finding,
) -> Classification {
    let verdict = found.verdict;
    let limited = matches!(verdict.class, Class::RateLimited | Class::QuotaExhausted);
    let named = if limited {
        named(facts, dialect, &verdict)
    } else {
        Named::default()
    };
    let named_model = facts
        .model
        .clone()
        .or_else(|| model::named(&facts.text, &facts.lower));
    let wait = wait(facts, dialect, &found);
    let model = named_model.is_some() || phrases::model_gate(&facts.lower);
    let scope = scope(facts, &verdict, named, model);
    let mut seen = Classification::new(verdict.class)
        .with_limit(named.limit)
        .with_window(named.window)
        .with_wait(wait)
        .with_model(named_model)
        .with_scope(scope)
        .with_evidence(found.evidence);
    // RFC 9110, 15.5.14: a 413 with Retry-After is temporary.
    let temporary = facts.status() == Some(413) && verdict.class == Class::InvalidRequest;
    if let Some(yes) = verdict
        .retry_same
        .or((temporary && wait.is_some()).then_some(true))
    {
        seen = seen.with_retry_same(yes);
    }
    if let Some(yes) = verdict.try_elsewhere {
        seen = seen.with_try_elsewhere(yes);
    }
    seen
}

/// The limit that was met: by the text and structured fields, the verdict, the headers.
pub(super) fn named(
    facts: &Facts<'_>,
    dialect: Option<&'static Dialect>,
    verdict: &Verdict,
) -> Named {
    if verdict.bare {
        return Named {
            limit: verdict.limit,
            window: verdict.window,
        };
    }
    let told = facts.named();
    let header = in_header(facts);
    let mut named = Named {
        limit: told.limit.or(verdict.limit).or(header.limit),
        window: told.window.or(verdict.window).or(header.window),
    };
    // The status in words says less than a header that shows which limit is used up.
    let aside = facts
        .is_reason_phrase()
        .then(|| named.limit.take())
        .flatten();
    let binding = binding(facts, dialect, named);
    if let Some(dimension) = binding.filter(|_| facts.status() == Some(429)) {
        let same = named.limit.is_none_or(|limit| limit == dimension.kind);
        named.limit = named.limit.or(Some(dimension.kind));
        // A concurrency limit has no window, and one limit's window is not another's.
        if same && named.limit != Some(LimitKind::Concurrency) {
            named.window = named.window.or(dimension.window);
        }
    }
    named.limit = named.limit.or(aside);
    named
}

/// The dimension the headers show as used up: the answer's own, else those the body repeats.
fn binding(
    facts: &Facts<'_>,
    dialect: Option<&'static Dialect>,
    named: Named,
) -> Option<Dimension> {
    let windows = dialect.and_then(|dialect| dialect.windows);
    let of = |headers| {
        let read = |whose| quota::read(headers, windows, whose, || facts.answer.now());
        let account = read(Whose::Account);
        quota::exhausted(&account, named.limit, named.window)
            .or_else(|| quota::exhausted(&read(Whose::Part), named.limit, named.window))
            .or_else(|| quota::lone(&account, named.limit))
    };
    of(facts.answer.headers()).or_else(|| of(&facts.upstream))
}

/// The limit that a header names: Azure's "DeploymentRatelimit-Token" (openai/openai-python#937),
/// "`UserByModelByDay`" of GitHub Models.
fn in_header(facts: &Facts<'_>) -> Named {
    let value = |name| facts.answer.headers().get(name)?.to_str().ok();
    let policy = value("policy-id").unwrap_or_default();
    let mut named = words::named(value("x-ratelimit-type").unwrap_or_default());
    named.limit = named.limit.or_else(|| match policy {
        _ if policy.ends_with("-Token") => Some(LimitKind::Tokens),
        _ if policy.ends_with("-Call") => Some(LimitKind::Requests),
        _ => None,
    });
    named
}

/// The wait as told: by header and body, else the reset of what is used up.
pub(super) fn wait(
    facts: &Facts<'_>,
    dialect: Option<&'static Dialect>,
    found: &Finding,
) -> Option<Duration> {
    let class = found.verdict.class;
    let now = facts.answer.now();
    let header = retry_after::wait(facts.answer.headers(), now)
        .or_else(|| retry_after::wait(&facts.upstream, now));
    // What a wrong call or a timeout says in numbers is no wait.
    if !matches!(
        class,
        Class::RateLimited | Class::QuotaExhausted | Class::Overloaded | Class::ServerError
    ) {
        return header;
    }
    let body = facts.span.max(facts.wait_in_text()).or(facts.moment);
    if let Some(wait) = agreed(header, body, class) {
        return Some(wait);
    }
    // On a success or a fault, resets are news for the limiter only.
    let refused = class == Class::RateLimited || class == Class::QuotaExhausted;
    if !refused || !matches!(facts.status(), Some(400..=499)) {
        return None;
    }
    found.reset.or_else(|| {
        let named = named(facts, dialect, &found.verdict);
        binding(facts, dialect, named)?.reset
    })
}

/// The wait of header and body: the longer one. The header also where they differ by no more than
/// rounding, for it is the finer one more often than not.
fn agreed(header: Option<Duration>, body: Option<Duration>, class: Class) -> Option<Duration> {
    const HOUR: Duration = Duration::from_secs(3_600);
    const DAY: Duration = Duration::from_secs(24 * 3_600);
    let (Some(header), Some(body)) = (header, body) else {
        return header.or(body);
    };
    let (short, long) = (header.min(body), header.max(body));
    // Days against minutes: one of them is something else than a wait, such as the length of a
    // window. A plan may well say both.
    if long > DAY && short < HOUR && !short.is_zero() && class != Class::QuotaExhausted {
        return Some(short);
    }
    let rounded = body < header + header / 10 + Duration::from_secs(1);
    Some(if rounded && !header.is_zero() {
        header
    } else {
        long
    })
}

/// How far the answer reaches; in doubt, no further than the target.
fn scope(facts: &Facts<'_>, verdict: &Verdict, named: Named, model: bool) -> Scope {
    if let Some(scope) = verdict.scope {
        return scope;
    }
    match verdict.class {
        Class::Auth if model => Scope::Target,
        Class::Auth => Scope::Account,
        // A day of one model's free tier is not the account's credit.
        Class::QuotaExhausted if model && of_model(verdict, named) => Scope::Target,
        Class::QuotaExhausted => Scope::Account,
        // Every key behind the address is blocked.
        Class::RateLimited if of_address(facts) => Scope::Provider,
        Class::RateLimited if !model && whole_account(facts) => Scope::Account,
        Class::RateLimited if named.limit.is_some() => Scope::Limit,
        // Overload is one model's more often than not, even as Anthropic's 529.
        _ => Scope::Target,
    }
}

/// What is used up may be the model's: a limit or a quota, not money.
fn of_model(verdict: &Verdict, named: Named) -> bool {
    named.window != Some(Window::Month)
        && (named.limit.is_some() || named.window.is_some() || verdict.yields_to_window)
}

/// The limit is that of an address.
fn of_address(facts: &Facts<'_>) -> bool {
    const ADDRESS: [&str; 6] = [
        "rate limit your ip",
        "from your ip",
        "for your ip",
        "this ip address",
        "per ip address",
        "requests per ip",
    ];
    ADDRESS.iter().any(|words| facts.says(words))
}

/// The text makes the organisation's own limit the reason. Anthropic's text always does, but its
/// limits are per model: <https://docs.claude.com/en/api/rate-limits> (2026-09).
fn whole_account(facts: &Facts<'_>) -> bool {
    const WHO: [&str; 19] = [
        "organization max",
        "max organization",
        "in organization",
        "for your account",
        "for this api key",
        "for the virtual key",
        "for your api key",
        "per api key",
        "for this key",
        "limit for key",
        // The descriptors of LiteLLM's limiter: "Rate limit exceeded for api_key: ... Limit type: ...".
        "exceeded for api_key:",
        "exceeded for team:",
        "exceeded for user:",
        "exceeded for organization:",
        "for virtual key",
        "across all models",
        "account-wide",
        "organization-wide",
        "reached project ",
    ];
    WHO.iter().any(|who| facts.says(who))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_body() {
        let seconds = |s: f64| Duration::from_secs_f64(s);
        let rows = [
            // Header, body, wait.
            (5.0, 20.0, 20.0),
            (60.0, 20.0, 60.0),
            // Rounded.
            (2.87, 3.0, 2.87),
            (7.0, 7.66, 7.0),
            (287.0, 300.0, 287.0),
            (0.0, 0.6, 0.6),
            (0.0, 60.0, 60.0),
            // Absurd.
            (60.0, 100_000.0, 60.0),
            (100_000.0, 60.0, 60.0),
            (0.0, 100_000.0, 100_000.0),
            (7_200.0, 100_000.0, 100_000.0),
            (60.0, 86_400.0, 86_400.0),
        ];
        for (header, body, want) in rows {
            let got = agreed(
                Some(seconds(header)),
                Some(seconds(body)),
                Class::RateLimited,
            );
            assert_eq!(got, Some(seconds(want)), "{header} {body}");
        }
        let days = Some(seconds(259_200.0));
        let plan = agreed(Some(seconds(60.0)), days, Class::QuotaExhausted);
        assert_eq!(plan, days, "a plan may be used up for days");
        assert_eq!(agreed(None, days, Class::RateLimited), days);
        assert_eq!(agreed(days, None, Class::RateLimited), days);
    }
}
