//! The common reading: from facts to a classification.
//!
//! The order of proof: a dialect's own rule, a structured code, a phrase, a header, the status.

mod details;
mod oversize;

use tollgate_core::{Class, Classification, Window};

use crate::{
    Answer, codes,
    dialect::{self, Dialect, Finding},
    facts::Facts,
    phrases,
    verdict::{BROKEN, LATE, MISFIT, Verdict},
};

/// What an answer means.
pub(crate) fn read(answer: &Answer<'_>) -> Classification {
    let facts = Facts::read(answer);
    if answer.status().as_u16() < 400 && !facts.says_error {
        return Classification::new(Class::Ok).with_evidence("status");
    }
    let known = answer.origin().and_then(dialect::of);
    let dialect = known.or_else(|| dialect::guess(&facts));
    let trusted = known.is_some();
    let mut found = decide(&facts, dialect, trusted);
    settle(&facts, dialect, &mut found);
    details::classification(&facts, dialect, found)
}

fn decide(facts: &Facts<'_>, dialect: Option<&'static Dialect>, trusted: bool) -> Finding {
    // A guess opens the tables of all the others too.
    let known = dialect.filter(|_| trusted);
    let own = dialect.and_then(|dialect| dialect.read?(facts));
    own.or_else(|| dialect::behind(dialect, facts)?.read?(facts))
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
    let openings = dialect::speakers(known).flat_map(|speaker| speaker.openings);
    let mut openings = openings.chain(phrases::OPENINGS);
    let found = openings.find(|(phrase, _)| facts.opens_with(phrase))?;
    Some(Finding::phrase(*found))
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
    let evidence = if facts.answer.status().as_u16() < 400 {
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
            let elsewhere = facts.status() == Some(404) || phrases::misfit(&facts.lower);
            verdict.try_elsewhere = Some(elsewhere);
        }
        _ => {}
    }
    if found.verdict.class == Class::RateLimited {
        oversize::settle(facts, &mut found.verdict);
    }
}
