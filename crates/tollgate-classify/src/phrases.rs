//! Phrases that more than one provider uses, in lower case.
//!
//! Read only where the status is not definite: a 400 may quote what the user wrote.

use tollgate_core::{Class, LimitKind::Concurrency, Window::Month};

use crate::verdict::{BUSY, LATE, QUOTA, RATE, Table, Verdict};

const MONEY: Table = &[
    ("insufficient balance", QUOTA),
    ("insufficient account balance", QUOTA),
    ("insufficient credit", QUOTA),
    ("insufficient fund", QUOTA),
    ("not enough credit", QUOTA),
    ("credit balance is too low", QUOTA),
    ("no credits remaining", QUOTA),
    ("out of credits", QUOTA),
    ("run out of credits", QUOTA),
    ("ran out of credits", QUOTA),
    ("credits are depleted", QUOTA),
    ("credits have been depleted", QUOTA),
    ("credits are exhausted", QUOTA),
    ("credits have been exhausted", QUOTA),
    ("exceeded your monthly included credits", QUOTA),
    ("used all available credits", QUOTA.bare()),
    ("used all your credits", QUOTA.bare()),
    ("no remaining credits", QUOTA),
    ("monthly spend limit", QUOTA.per(Month)),
    ("monthly spending limit", QUOTA.per(Month)),
    ("spending limit", QUOTA.unless_windowed()),
    ("spend limit", QUOTA.unless_windowed()),
    ("spending cap", QUOTA),
    ("hard limit has been reached", QUOTA),
    ("billing hard limit", QUOTA),
    ("budget has been exceeded", QUOTA.bare()),
    ("exceeded budget", QUOTA.bare()),
    ("crossed budget", QUOTA.bare()),
    ("budget exceeded", QUOTA.bare()),
    ("over budget", QUOTA.bare()),
    ("exceeded your current quota", QUOTA),
    ("exceeded your monthly", QUOTA.per(Month)),
    ("payment required", QUOTA),
    ("please recharge", QUOTA),
    ("account is in arrears", QUOTA),
    ("balance is insufficient", QUOTA),
    ("not enough balance", QUOTA),
    ("not enough fund", QUOTA),
    ("余额不足", QUOTA),
    ("欠费", QUOTA),
    ("usage quota exceeded", QUOTA.unless_windowed()),
    ("free quota", QUOTA.unless_windowed()),
    ("weekly limit", QUOTA),
    ("weekly usage limit", QUOTA),
    ("weekly/monthly limit", QUOTA.bare()),
    ("5-hour limit", QUOTA),
    ("for 5 hour", QUOTA),
    ("monthly limit", QUOTA.per(Month)),
    ("monthly quota", QUOTA.per(Month)),
    ("monthly usage limit", QUOTA.per(Month)),
    ("usage limit", QUOTA.unless_windowed()),
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
    ("insufficient capacity", BUSY),
    ("not enough capacity", BUSY),
    ("capacity constraints", BUSY),
    ("lack of capacity", BUSY),
    ("capacity temporarily exceeded", BUSY),
    ("too busy", BUSY),
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
    ("访问量过大", BUSY),
    ("系统繁忙", BUSY),
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
    ("限流", RATE),
    ("速率限制", RATE),
];

/// What messages about money start with, at any provider and with any status.
pub(crate) const OPENINGS: Table = &[
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
];

/// What the text says, by what is worth more: money, concurrency, quota, load, rate.
pub(crate) fn common(lower: &str, concurrency: bool) -> Option<(&'static str, Verdict)> {
    find(MONEY, lower)
        .or_else(|| concurrency.then(|| ("concurrent", RATE.limit(Concurrency))))
        .or_else(|| {
            // "Rate limit exceeded ... high demand": the reason is no verdict.
            let limit = ["rate limit exceeded", "rate limit reached", "rate limited"];
            let opens = limit.iter().any(|start| lower.starts_with(start));
            find(LOAD, lower).filter(|_| !opens)
        })
        .or_else(|| find(QUOTAS, lower))
        .or_else(|| find(RATES, lower))
}

/// What a text of a server error says; only about load and time.
pub(crate) fn of_fault(lower: &str) -> Option<(&'static str, Verdict)> {
    const TIME: Table = &[
        ("deadline exceeded", LATE),
        ("request timed out", LATE),
        ("gateway time-out", LATE),
        ("gateway timeout", LATE),
    ];
    find(LOAD, lower).or_else(|| find(TIME, lower))
}

/// The first phrase of a table that the text holds.
pub(crate) fn find(table: Table, lower: &str) -> Option<(&'static str, Verdict)> {
    table
        .iter()
        .find(|(phrase, _)| lower.contains(phrase))
        .copied()
}

/// What makes a refused call fit for another model: its length, or the model's name.
pub(crate) fn misfit(lower: &str) -> bool {
    const SIGNS: [&str; 33] = [
        "maximum context length",
        "context length",
        "context window",
        "context size",
        "maximum sequence length",
        "prompt is too long",
        "prompt too long",
        "input is too long",
        "input too long",
        "input length",
        "maximum number of tokens",
        "maximum number of input tokens",
        "exceeded model token limit",
        "maximum prompt length",
        "too many input tokens",
        "max_total_tokens",
        "max_input_tokens",
        "range of input length",
        "model not found",
        "unknown model",
        "no such model",
        "model not exist",
        "not a valid model",
        "model has been decommissioned",
        "has been deprecated",
        "on-demand throughput",
        "model identifier is invalid",
        "contextwindowexceedederror",
        "max_new_tokens must be",
        "too many tokens",
        "invalid model",
        "specified model",
        "模型不存在",
    ];
    // "`inputs` must have less than 1024 tokens", "Max size: 8000 tokens", but not "max_tokens".
    let sized = [
        "less than",
        "fewer than",
        "at most",
        "maximum",
        "max size",
        "exceed",
        "<=",
    ];
    SIGNS.iter().any(|sign| lower.contains(sign))
        || (lower.contains(" tokens") && sized.iter().any(|sign| lower.contains(sign)))
        || (lower.contains("model")
            && [
                "does not exist",
                "not supported",
                "is not available",
                "not found",
            ]
            .iter()
            .any(|sign| lower.contains(sign)))
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
