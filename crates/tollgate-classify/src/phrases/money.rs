//! Finds out whether a text says that money, credits or a budget are used up.
//!
//! Providers and gateways word it in hundreds of ways: "Your prepaid balance is too low", "This key
//! has exceeded its monthly budget of $50", "You have no credits remaining". What they share is a noun
//! of money and a word of being used up, close to each other in one sentence. Advice ("Add credits to
//! raise your limit") has the noun alone.

use crate::text::start;

/// A longer text is not about money in its tail.
const LONGEST: usize = 4 * 1024;

/// The text says that money is used up. `lower` is in lower case.
pub(crate) fn spent(lower: &str) -> bool {
    sentences(start(lower, LONGEST)).any(|text| sentence(text, false))
}

/// The message starts with such a sentence, and what a user may have written is not in it.
pub(crate) fn spent_at_start(message: &str) -> bool {
    let mut sentences = sentences(own_words(message));
    sentences.next().is_some_and(|text| sentence(text, true))
}

/// The start of a message, up to the first quotation: that may be the user's text.
pub(crate) fn own_words(message: &str) -> &str {
    let start = start(message, 160);
    let quote = start.char_indices().find(|&(at, c)| {
        let before = start[..at].chars().next_back();
        let opens = before.is_none_or(|c| c.is_whitespace() || matches!(c, ':' | '(' | '=' | '：'));
        matches!(c, '\'' | '"' | '`' | '{' | '“' | '「') && opens
    });
    &start[..quote.map_or(start.len(), |(at, _)| at)]
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(". ")
        .flat_map(|part| part.split(['!', '?', ';', '\n', '|']))
}

/// The most words of a sentence that are looked at.
const WORDS: usize = 64;

/// `wrong` beside a status that tells of a wrong call: there a budget of tokens is a parameter.
fn sentence(text: &str, wrong: bool) -> bool {
    let mut words = [""; WORDS];
    let mut count = 0;
    let gap = |c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '_' | '.' | '-' | '$'));
    for word in text.split(gap) {
        let word = word.trim_matches(['.', '\'', '-']);
        if count < WORDS && !word.is_empty() {
            words[count] = word;
            count += 1;
        }
    }
    let words = &words[..count];
    (0..count).any(|at| {
        let width = noun(words, at, wrong);
        width > 0 && (used_up_before(&words[..at]) || used_up_after(&words[at + width..]))
    })
}

/// How many words the noun of money takes that starts at `at`.
fn noun(words: &[&str], at: usize, wrong: bool) -> usize {
    let before = at.checked_sub(1).map_or("", |at| words[at]);
    let next = words.get(at + 1).copied().unwrap_or_default();
    match words[at] {
        "credit" if next == "card" => 0,
        // Not of a load balancer, nor the tokens a model may think with.
        "balance" if before == "load" => 0,
        "budget"
            if matches!(before, "thinking" | "reasoning" | "context" | "latency")
                || (wrong && before == "token") =>
        {
            0
        }
        "spend" | "spending"
            if matches!(
                before,
                "maximum" | "max" | "monthly" | "daily" | "weekly" | "total"
            ) =>
        {
            1
        }
        "credit" | "credits" | "balance" | "budget" | "budgets" | "funds" | "wallet" | "money" => 1,
        "spend" | "spending" | "billing" | "cost" | "usd" | "dollar" | "expense" | "payment"
            if matches!(
                next,
                "limit" | "limits" | "cap" | "caps" | "threshold" | "quota" | "allowance"
            ) =>
        {
            2
        }
        _ => 0,
    }
}

/// Advice: what stands on its other side says nothing about the noun.
const ADVICE: [&str; 16] = [
    "add",
    "adding",
    "buy",
    "purchase",
    "purchasing",
    "raise",
    "increase",
    "upgrade",
    "unlock",
    "get",
    "set",
    "enable",
    "check",
    "higher",
    "manage",
    "please",
];

/// Words behind which the noun belongs to something else: "the rate limit for accounts with credits".
const ASIDE: [&str; 9] = [
    "for", "with", "without", "than", "until", "unless", "rate", "requests", "tokens",
];

/// "insufficient account credits", "exceeded its monthly budget", "out of credits".
fn used_up_before(words: &[&str]) -> bool {
    const WORDS: [&str; 27] = [
        "insufficient",
        "inadequate",
        "no",
        "zero",
        "lacks",
        "lacking",
        "exceeded",
        "exceeds",
        "exceed",
        "exceeding",
        "reached",
        "hit",
        "crossed",
        "over",
        "surpassed",
        "exhausted",
        "depleted",
        "used",
        "consumed",
        "spent",
        "maxed",
        "negative",
        "expired",
        "overdrawn",
        "unpaid",
        "reaching",
        "exhausts",
    ];
    let near = &words[words.len().saturating_sub(6)..];
    for (at, word) in near.iter().enumerate().rev() {
        if ADVICE.contains(word) || ASIDE.contains(word) {
            return false;
        }
        let before = &near[at.saturating_sub(3)..at];
        let last = before.last().copied().unwrap_or_default();
        let negated = || {
            before
                .iter()
                .any(|word| *word == "not" || word.ends_with("n't"))
        };
        let pair = match *word {
            "enough" | "sufficient" | "any" => negated(),
            "of" => matches!(last, "out" | "short"),
            "0" => matches!(last, "have" | "has"),
            "more" => matches!(last, "requires" | "require" | "needs"),
            _ => false,
        };
        // "... for accounts with no credits".
        if last == "with" && matches!(*word, "no" | "zero") {
            return false;
        }
        if pair || WORDS.contains(word) {
            return true;
        }
    }
    false
}

/// "balance is too low", "budget of $50 has been exceeded", "credits remaining: 0".
fn used_up_after(words: &[&str]) -> bool {
    const WORDS: [&str; 21] = [
        "exceeded",
        "exceeds",
        "exhausted",
        "depleted",
        "insufficient",
        "reached",
        "expired",
        "empty",
        "negative",
        "low",
        "crossed",
        "surpassed",
        "overdrawn",
        "consumed",
        "hit",
        "inadequate",
        "spent",
        "zero",
        "below",
        "maxed",
        "$0.00",
    ];
    for (at, word) in words.iter().take(9).enumerate() {
        if ADVICE.contains(word) {
            return false;
        }
        let next = words.get(at + 1).copied().unwrap_or_default();
        let pair = matches!(
            (*word, next),
            ("used", "up")
                | ("run" | "ran", "out")
                | ("not", "enough" | "sufficient")
                | ("remaining" | "is" | "left", "0" | "$0")
        );
        if pair || WORDS.contains(word) {
            return true;
        }
        if matches!(*word, "rate" | "requests" | "tokens") {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_that_is_used_up() {
        for text in [
            "your prepaid balance is too low",
            "this api key has exceeded its monthly budget of $50",
            "you have no credits remaining",
            "you do not have enough credits for this call",
            "your team doesn't have any credits yet",
            "you have run out of credits",
            "you don't have enough money",
            "maximum spend of $100 reached for organization acme",
            "your credits have run out",
            "insufficient account balance",
            "project proj-1 has reached its spend limit",
            "the organization's spending limit has been reached",
            "workspace spend cap hit",
            "budget of 20.00 usd exceeded for team a",
            "crossed budget for provider x",
            "your prepayment credits are depleted",
            "your credit limit of $100 has been exceeded",
            "you have used all of your free credits",
            "account balance is negative",
            "your wallet is empty",
            "remaining balance is 0",
            "monthly cost limit exceeded",
            "this model requires more credits",
            "you are over budget",
            "all included credits of your plan are used up",
            "team has exhausted its credit allotment",
        ] {
            assert!(spent(text), "{text}");
            assert!(spent_at_start(text), "{text}");
        }
    }

    #[test]
    fn what_is_not_about_money() {
        for text in [
            "too many requests: 3 per minute without a card. raise your spending limit to get more.",
            "rate limit exceeded: free-models-per-day. add 10 credits to unlock 1000 free model requests",
            "rate limit reached, please add credits to raise it",
            "rate limit exceeded for accounts with few credits",
            "the rate limit of accounts with no credits is 5 per minute",
            "your credits allow 60 requests per minute, which you exceeded",
            "you exceeded your current quota, please check your plan and billing details",
            "the thinking budget exceeds max_tokens",
            "the context budget is exceeded",
            "the load balancer has reached its limit",
            "load balance limit reached",
            "max_credits is over 9",
            "add a credit card: limit reached",
            "free credits temporarily have rate limits in place",
            "upgrade your balance",
            "",
        ] {
            assert!(!spent(text), "{text}");
        }
    }

    #[test]
    fn a_quotation_is_the_users() {
        assert!(!spent_at_start("invalid value: 'insufficient credits'"));
        assert!(!spent_at_start("could not read \"out of credits\""));
        assert!(!spent_at_start("the call is wrong. out of credits"));
        assert!(spent_at_start("user's credit limit is insufficient"));
        assert!(spent("the token budget is exhausted"));
        assert!(!spent_at_start("the token budget is exceeded"));
    }
}
