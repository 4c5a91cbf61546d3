//! The details of a finding: limit, window, wait, model, scope.

use std::time::Duration;

use tollgate_core::{
    Class, Classification, Dimension, LimitKind, Quota, Scope, Window, retry_after,
};

use crate::{
    dialect::{Dialect, Finding},
    facts::Facts,
    quota,
    text::{model, waits, words::Named},
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
    let scope = scope(facts, &verdict, named, named_model.is_some());
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
    let mut named = Named {
        limit: told.limit.or(verdict.limit),
        window: told.window.or(verdict.window),
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
    let read = |headers| -> Quota { quota::read(headers, windows, || facts.answer.now()) };
    let of = |headers| quota::binding(&read(headers), named.limit, named.window);
    of(facts.answer.headers()).or_else(|| of(&facts.upstream))
}

/// The wait as told: header, body, reset of what is used up.
pub(super) fn wait(
    facts: &Facts<'_>,
    dialect: Option<&'static Dialect>,
    found: &Finding,
) -> Option<Duration> {
    let class = found.verdict.class;
    let now = facts.answer.now();
    let header = retry_after::wait(facts.answer.headers(), now)
        .or_else(|| retry_after::wait(&facts.upstream, now));
    if header.is_some() {
        return header;
    }
    // What a wrong call or a timeout says in numbers is no wait.
    if !matches!(
        class,
        Class::RateLimited | Class::QuotaExhausted | Class::Overloaded | Class::ServerError
    ) {
        return None;
    }
    let text = waits::wait(&facts.lower, || now);
    let body = facts.span.max(text).or(facts.moment);
    if body.is_some() {
        return body;
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

/// How far the answer reaches; in doubt, no further than the target.
fn scope(facts: &Facts<'_>, verdict: &Verdict, named: Named, model: bool) -> Scope {
    if let Some(scope) = verdict.scope {
        return scope;
    }
    match verdict.class {
        Class::Auth if model => Scope::Target,
        Class::Auth => Scope::Account,
        // A day of one model's free tier is not the account's credit.
        Class::QuotaExhausted if model && named.window != Some(Window::Month) => Scope::Target,
        Class::QuotaExhausted => Scope::Account,
        Class::RateLimited if !model && whole_account(facts) => Scope::Account,
        Class::RateLimited if named.limit.is_some() => Scope::Limit,
        // Overload is one model's more often than not, even as Anthropic's 529.
        _ => Scope::Target,
    }
}

/// The text makes the organisation's own limit the reason. Anthropic's text always does, but its
/// limits are per model: <https://docs.claude.com/en/api/rate-limits> (2026-09).
fn whole_account(facts: &Facts<'_>) -> bool {
    const WHO: [&str; 6] = [
        "organization max",
        "max organization",
        "in organization",
        "for your account",
        "for this api key",
        "for the virtual key",
    ];
    WHO.iter().any(|who| facts.says(who))
}
