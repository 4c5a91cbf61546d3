//! Phrases that more than one provider uses, in lower case.
//!
//! Read only where the status is not definite: a 400 may quote what the user wrote.

mod languages;
mod misfit;
mod money;

use tollgate_core::{
    Class,
    LimitKind::{Concurrency, Requests},
    Scope,
    Window::Month,
};

use crate::{
    text::start,
    verdict::{BROKEN, BUSY, LATE, QUOTA, RATE, Table, Verdict},
};

pub(crate) use misfit::{misfit, model_gate};

/// Phrases are looked for in the start of a text; what follows is a trace or an echo of the call.
const LONGEST: usize = 4 * 1024;

const MONEY: Table = &[
    ("budget for model", QUOTA.bare().hits(Scope::Target)),
    ("used all available credits", QUOTA.bare()),
    ("used all your credits", QUOTA.bare()),
    ("exceeded your monthly included credits", QUOTA),
    ("monthly spend limit", QUOTA.per(Month)),
    ("monthly spending limit", QUOTA.per(Month)),
    ("billing hard limit", QUOTA),
    ("hard limit has been reached", QUOTA),
    ("budget has been exceeded", QUOTA.bare()),
    ("exceeded budget", QUOTA.bare()),
    ("crossed budget", QUOTA.bare()),
    ("crossed spend", QUOTA.bare()),
    ("budget exceeded", QUOTA.bare()),
    ("over budget", QUOTA.bare()),
    ("weekly/monthly limit", QUOTA.bare()),
];

/// What follows from a plan or an account, in words that rate limits may use too.
const PLANS: Table = &[
    ("spending limit", QUOTA.unless_windowed()),
    ("spend limit", QUOTA.unless_windowed()),
    ("spending cap", QUOTA),
    ("exceeded your current quota", QUOTA),
    ("exceeded your monthly", QUOTA.per(Month)),
    ("payment required", QUOTA),
    ("payment failed", QUOTA),
    ("past due", QUOTA),
    ("unpaid invoice", QUOTA),
    ("please recharge", QUOTA),
    ("account is in arrears", QUOTA),
    ("trial has expired", QUOTA),
    ("trial has ended", QUOTA),
    ("trial expired", QUOTA),
    ("subscription has expired", QUOTA),
    ("subscription expired", QUOTA),
    ("subscription has ended", QUOTA),
    ("subscription is not active", QUOTA),
    ("no active subscription", QUOTA),
    ("plan has expired", QUOTA),
    ("hard cap", QUOTA),
    ("plan limit", QUOTA.unless_windowed()),
    ("limit of your plan", QUOTA.unless_windowed()),
    ("billing is disabled", QUOTA),
    ("billing is not active", QUOTA),
    ("billing is not enabled", QUOTA),
    ("billing to be enabled", QUOTA),
    ("usage quota exceeded", QUOTA.unless_windowed()),
    ("free quota", QUOTA.unless_windowed().hits(Scope::Target)),
    ("weekly limit", QUOTA),
    ("weekly usage limit", QUOTA),
    ("weekly quota", QUOTA),
    ("session limit", QUOTA.unless_windowed()),
    ("plan usage", QUOTA.unless_windowed()),
    ("5-hour limit", QUOTA),
    ("5-hour usage limit", QUOTA),
    ("five-hour limit", QUOTA),
    ("for 5 hour", QUOTA),
    ("monthly limit", QUOTA.per(Month)),
    ("monthly quota", QUOTA.per(Month)),
    ("monthly usage limit", QUOTA.per(Month)),
    ("monthly usage quota", QUOTA.per(Month)),
    ("monthly token quota", QUOTA.per(Month)),
    ("usage limit", QUOTA.unless_windowed()),
    ("usage cap", QUOTA.unless_windowed()),
];

/// A plan without this model: other models of the key are served.
const ENTITLED: Table = &[
    (
        "not available on the free",
        QUOTA.bare().hits(Scope::Target),
    ),
    ("not available on your", QUOTA.bare().hits(Scope::Target)),
    (
        "not available in your plan",
        QUOTA.bare().hits(Scope::Target),
    ),
    ("not included in your", QUOTA.bare().hits(Scope::Target)),
];

const QUOTAS: Table = &[
    ("quota exceeded", QUOTA.unless_timed()),
    ("quota has been exceeded", QUOTA.unless_timed()),
    ("exceeded quota", QUOTA.unless_timed()),
    ("exceeded your quota", QUOTA.unless_timed()),
    ("exceeded the quota", QUOTA.unless_timed()),
    ("quota limit", QUOTA.unless_timed()),
    ("quota exhausted", QUOTA.unless_timed()),
    ("quota reached", QUOTA.unless_timed()),
    ("out of quota", QUOTA.unless_timed()),
    ("exhausted your quota", QUOTA.unless_timed()),
];

const LOAD: Table = &[
    ("overloaded", BUSY),
    ("high demand", BUSY),
    ("high traffic", BUSY),
    ("high load", BUSY),
    ("heavy load", BUSY),
    ("heavy traffic", BUSY),
    ("peak load", BUSY),
    ("out of capacity", BUSY),
    ("no capacity", BUSY),
    ("at capacity", BUSY),
    ("at full capacity", BUSY),
    ("capacity exceeded", BUSY),
    ("capacity exhausted", BUSY),
    ("workers are busy", BUSY),
    ("a high volume of", BUSY),
    ("experiencing high volume", BUSY),
    ("insufficient capacity", BUSY),
    ("not enough capacity", BUSY),
    ("capacity constraints", BUSY),
    ("lack of capacity", BUSY),
    ("capacity temporarily exceeded", BUSY),
    ("too busy", BUSY),
    ("really busy", BUSY),
    ("very busy", BUSY),
    ("is currently busy", BUSY),
    ("system is busy", BUSY),
    ("server is busy", BUSY),
    ("server busy", BUSY),
    ("service is busy", BUSY),
    ("model is busy", BUSY),
    ("model busy", BUSY),
    ("currently loading", BUSY),
    ("loading model", BUSY),
    ("model is loading", BUSY),
    ("queue is full", BUSY),
    ("queue full", BUSY),
    ("waiting queue", BUSY),
    ("maximum pending requests", BUSY),
    ("too many requests at the moment", BUSY),
    ("service unavailable", BUSY),
    ("temporarily unavailable", BUSY),
];

const RATES: Table = &[
    ("rate limit", RATE),
    ("rate-limit", RATE),
    ("ratelimit", RATE),
    ("too many requests", RATE),
    ("too many tokens", RATE),
    ("request limit", RATE),
    ("limit reached", RATE),
    ("throttl", RATE),
];

/// What messages start with, at any provider and with any status; most are about money.
const OPENINGS: Table = &[
    ("insufficient balance", QUOTA),
    ("insufficient account balance", QUOTA),
    ("insufficient credit", QUOTA),
    ("insufficient fund", QUOTA),
    ("not enough balance", QUOTA),
    ("not enough credit", QUOTA),
    ("your credit balance is too low", QUOTA),
    ("your account balance is insufficient", QUOTA),
    ("sorry, your account balance is insufficient", QUOTA),
    ("you have insufficient credit", QUOTA),
    ("you have run out of credit", QUOTA),
    ("out of credits", QUOTA),
    // SGLang has lost its own room: the call was fine (Alishahryar1/free-claude-code#1543, 2026).
    ("invalid request: disaggregated request", BROKEN),
    // Engines that died blame the call too: vLLM has said `BadRequestError`, 400, since its
    // background loop (vllm-project/vllm, 2024 to 2026).
    ("enginecore encountered an issue", BROKEN),
    ("background loop has errored", BROKEN),
    ("background loop is not running", BROKEN),
    ("engine loop is not running", BROKEN),
    ("cuda out of memory", BROKEN),
    ("cuda error", BROKEN),
];

/// What is advice beside a rate limit, and the reason beside a status that tells of a key.
const BILLS: Table = &[
    ("top up your", QUOTA),
    ("no payment method", QUOTA),
    ("add a payment method", QUOTA),
    ("billing must be enabled", QUOTA),
    ("billing account for project is not found", QUOTA),
];

/// What a 403 starts with that is no matter of the key: GitHub, Google and API Management refuse
/// with it what others refuse with a 429.
const REFUSED: Table = &[
    ("quota exceeded", QUOTA.unless_timed()),
    ("quota has been exceeded", QUOTA.unless_timed()),
    ("quota is exceeded", QUOTA.unless_timed()),
    ("you have exceeded your quota", QUOTA.unless_timed()),
    ("rate limit exceeded", RATE),
    ("rate limit reached", RATE),
    ("rate limited", RATE),
    ("too many requests", RATE.limit(Requests)),
    ("request limit exceeded", RATE.limit(Requests)),
    ("you have exceeded the rate limit", RATE),
    ("you have exceeded your rate limit", RATE),
];

/// What stands for words of money that are no fixed phrase.
const SPENT: &str = "money ... used up";

/// What a message about money starts with. A status that tells of a key or of a wrong call in general
/// leaves room for more than the fixed phrases.
pub(crate) fn opening(message: &str, status: Option<u16>) -> Option<(&'static str, Verdict)> {
    let fixed = OPENINGS
        .iter()
        .find(|(phrase, _)| message.starts_with(phrase));
    let open = matches!(status, Some(400..=403));
    if let Some(fixed) = fixed {
        return Some(*fixed);
    }
    if !open {
        return None;
    }
    let words = money::own_words(message);
    // A 400 may quote the user in later sentences. With 401 to 403 every sentence is the provider's.
    let spent = if status == Some(400) {
        money::spent_at_start(message)
    } else {
        money::spent(words)
    };
    let plan = || find(PLANS, words).or_else(|| find(BILLS, words));
    let plan = || plan().filter(|_| status != Some(400));
    let refused = || {
        let mut table = REFUSED.iter().filter(|_| status == Some(403));
        table
            .find(|(phrase, _)| message.starts_with(phrase))
            .copied()
    };
    spent
        .then_some((SPENT, QUOTA))
        .or_else(plan)
        .or_else(|| find(languages::MONEY, words))
        .or_else(refused)
}

/// What the text says, by what is worth more: money, concurrency, quota, load, rate.
pub(crate) fn common(lower: &str, concurrency: bool) -> Option<(&'static str, Verdict)> {
    find(MONEY, lower)
        .or_else(|| money::spent(lower).then_some((SPENT, QUOTA)))
        .or_else(|| find(PLANS, lower))
        .or_else(|| find(ENTITLED, lower))
        .or_else(|| find(languages::MONEY, lower))
        .or_else(|| concurrency.then(|| ("concurrent", RATE.limit(Concurrency))))
        .or_else(|| {
            // "Rate limit exceeded ... high demand": the reason is no verdict.
            let limit = ["rate limit exceeded", "rate limit reached", "rate limited"];
            let opens = limit.iter().any(|start| lower.starts_with(start));
            load(lower).filter(|_| !opens)
        })
        .or_else(|| find(QUOTAS, lower))
        .or_else(|| find(languages::QUOTAS, lower))
        .or_else(|| find(RATES, lower))
        .or_else(|| find(languages::RATES, lower))
}

fn load(lower: &str) -> Option<(&'static str, Verdict)> {
    find(LOAD, lower).or_else(|| find(languages::LOAD, lower))
}

/// What a text of a server error says; only about load and time.
pub(crate) fn of_fault(lower: &str) -> Option<(&'static str, Verdict)> {
    const TIME: Table = &[
        ("deadline exceeded", LATE),
        ("request timed out", LATE),
        ("gateway time-out", LATE),
        ("gateway timeout", LATE),
    ];
    load(lower).or_else(|| find(TIME, lower))
}

/// The first phrase of a table that the text holds.
pub(crate) fn find(table: Table, lower: &str) -> Option<(&'static str, Verdict)> {
    let lower = start(lower, LONGEST);
    // Most texts are ASCII: that leaves out most of the phrases of other languages.
    let ascii = lower.is_ascii();
    let mut table = table.iter();
    table
        .find(|(phrase, _)| (!ascii || phrase.is_ascii()) && lower.contains(phrase))
        .copied()
}

/// The class that a number of a Cloudflare page stands for: "error code: 1015".
pub(crate) fn cloudflare(lower: &str) -> Option<Verdict> {
    let at = lower.find("error code: 1")?;
    let number = lower.get(at + 12..at + 16)?;
    let ends = |c: char| !c.is_ascii_digit();
    if lower[at + 16..].starts_with(|c| !ends(c)) {
        return None;
    }
    Some(match number {
        // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/ (2026-09)
        "1015" => RATE,
        "1006" | "1007" | "1008" | "1009" | "1010" | "1012" | "1020" => Verdict::of(Class::Auth),
        _ => return None,
    })
}
