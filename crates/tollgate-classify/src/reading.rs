//! The common reading: from facts to a classification.
//!
//! The order of proof: a dialect's own rule, a structured code, a phrase, a header, the status.

mod conflict;
mod details;
mod oversize;

use tollgate_core::{Class, Classification, Window};

use crate::{
    Answer, codes,
    dialect::{self, Dialect, Finding},
    facts::Facts,
    phrases,
    plan::{Plan, What, plan},
    scan::may_be_error,
    verdict::{BROKEN, LATE, MISFIT, Verdict},
};

/// What an answer means.
pub(crate) fn read(answer: &Answer<'_>) -> Classification {
    if is_blank(answer) {
        return Classification::new(Class::ServerError).with_evidence(BLANK);
    }
    let facts = Facts::read(answer);
    if answer.status().as_u16() < 400 && !(facts.says_error && is_shown(answer)) {
        return Classification::new(Class::Ok).with_evidence("status");
    }
    let known = answer.origin().and_then(dialect::of);
    let dialect = known.or_else(|| dialect::guess(&facts));
    let trusted = known.is_some();
    let mut found = decide(&facts, dialect, trusted);
    settle(&facts, dialect, &mut found);
    details::classification(&facts, dialect, found)
}

/// The evidence against a success that says nothing.
pub(crate) const BLANK: &str = "empty body";

/// A JSON success of nothing but white space. (One of nothing at all was perhaps not read.)
fn is_blank(answer: &Answer<'_>) -> bool {
    let json = || {
        let plan = plan(answer.status(), answer.headers(), || false);
        plan == Plan::Peek(What::Shape)
    };
    let body = answer.body();
    answer.status().is_success() && !body.is_empty() && body.trim_ascii().is_empty() && json()
}

/// Whether the layer would read so much of a success: of most JSON it reads only the first bytes.
fn is_shown(answer: &Answer<'_>) -> bool {
    let hides = || answer.origin().is_none_or(dialect::hides_errors);
    let plan = plan(answer.status(), answer.headers(), hides);
    plan != Plan::Peek(What::Shape) || may_be_error(answer.body())
}

fn decide(facts: &Facts<'_>, dialect: Option<&'static Dialect>, trusted: bool) -> Finding {
    // A guess opens the tables of all the others too.
    let known = dialect.filter(|_| trusted);
    dialect::plan(facts)
        .or_else(|| dialect?.read?(facts))
        .or_else(|| dialect::behind(dialect, facts)?.read?(facts))
        .or_else(|| dialect::edge(facts))
        .or_else(|| code(facts, dialect, known, false))
        .or_else(|| opening(facts, known))
        .or_else(|| phrase(facts, known))
        .or_else(|| code(facts, dialect, known, true))
        .unwrap_or_else(|| status(facts))
}

/// The code that weighs most: money before load before rate, and all of these before the rest.
fn code(
    facts: &Facts<'_>,
    dialect: Option<&'static Dialect>,
    known: Option<&'static Dialect>,
    weak: bool,
) -> Option<Finding> {
    let status = facts.status();
    let mut best: Option<(u8, Finding)> = None;
    for mark in &facts.marks {
        let special = dialect::speakers(known)
            .filter(|speaker| speaker.has_codes_for(dialect))
            .find_map(|speaker| codes::find(speaker.codes, &mark.value));
        let Some((name, verdict)) = special.or_else(|| codes::common(&mark.value)) else {
            continue;
        };
        if verdict.weak != weak || !codes::fits(&verdict, status) {
            continue;
        }
        let weight = weight(&verdict);
        if best.as_ref().is_none_or(|(other, _)| weight > *other) {
            let evidence = format!("{} = {name}", mark.path());
            best = Some((weight, Finding::new(verdict, evidence)));
        }
    }
    best.map(|(_, found)| found)
}

const fn weight(verdict: &Verdict) -> u8 {
    match verdict.class {
        Class::QuotaExhausted => 5,
        Class::Overloaded => 4,
        Class::RateLimited => 3,
        Class::Auth => 2,
        _ => 1,
    }
}

/// A phrase that a message starts with, whatever the status.
fn opening(facts: &Facts<'_>, known: Option<&'static Dialect>) -> Option<Finding> {
    if facts.status().is_some_and(|status| status >= 500) {
        return None;
    }
    let mut openings = dialect::speakers(known).flat_map(|speaker| speaker.openings);
    let own = openings
        .find(|(phrase, _)| facts.opens_with(phrase))
        .copied();
    let common = || {
        let mut messages = facts.messages();
        messages.find_map(|message| phrases::opening(message, facts.status()))
    };
    own.or_else(common).map(Finding::phrase)
}

/// A phrase anywhere in the text, where the status leaves room for it.
fn phrase(facts: &Facts<'_>, known: Option<&'static Dialect>) -> Option<Finding> {
    let found = match facts.status() {
        _ if facts.is_definite() => None,
        // The status says it all.
        Some(402 | 404 | 408 | 498 | 504 | 524 | 529) => None,
        Some(500..) => phrases::of_fault(&facts.lower),
        _ => dialect::speakers(known)
            .find_map(|speaker| phrases::find(speaker.phrases, &facts.lower))
            .or_else(|| {
                let kind = facts.named().limit;
                phrases::common(
                    &facts.lower,
                    kind == Some(tollgate_core::LimitKind::Concurrency),
                )
            }),
    };
    found.map(Finding::phrase)
}

fn status(facts: &Facts<'_>) -> Finding {
    let Some(status) = facts.status() else {
        return Finding::new(BROKEN, "an error inside a success");
    };
    let verdict = match status {
        // Portkey's guardrails, which another target may not have; a model that is gone.
        446 | 410 => MISFIT,
        408 => LATE,
        // A failed dependency: the model, behind whoever answers.
        424 => BROKEN,
        _ => {
            let status = http::StatusCode::from_u16(status).unwrap_or_default();
            Verdict::of(Class::of_status(status))
        }
    };
    let evidence = if facts.answer.status().as_u16() != status {
        format!("status {status} in the body")
    } else {
        format!("status {status}")
    };
    Finding::new(verdict, evidence)
}

/// What the rest of the answer does to a verdict.
fn settle(facts: &Facts<'_>, dialect: Option<&'static Dialect>, found: &mut Finding) {
    let verdict = &mut found.verdict;
    match verdict.class {
        Class::QuotaExhausted => {
            let short = details::named(facts, dialect, verdict);
            let windowed = short.window.is_some_and(|window| window != Window::Month)
                || short.limit == Some(tollgate_core::LimitKind::Concurrency);
            let timed = verdict.yields_to_wait && details::wait(facts, dialect, found).is_some();
            let verdict = &mut found.verdict;
            if (verdict.yields_to_window && windowed)
                || (timed && short.window != Some(Window::Month))
            {
                verdict.class = Class::RateLimited;
            }
        }
        // A month is a plan.
        Class::RateLimited
            if details::named(facts, dialect, verdict).window == Some(Window::Month) =>
        {
            verdict.class = Class::QuotaExhausted;
        }
        Class::InvalidRequest if verdict.try_elsewhere.is_none() => {
            let elsewhere = facts.status() == Some(404)
                || phrases::misfit(&facts.lower)
                || dialect::too_large_for_proxy(facts);
            verdict.try_elsewhere = Some(elsewhere);
        }
        _ => {}
    }
    let verdict = &mut found.verdict;
    let conflict = verdict.class == Class::InvalidRequest && facts.status() == Some(409);
    if conflict && verdict.retry_same.is_none() && conflict::clears(facts) {
        verdict.retry_same = Some(true);
    }
    if found.verdict.class == Class::RateLimited {
        oversize::settle(facts, &mut found.verdict);
    }
}
