//! Calls that are larger than the limit itself: they never succeed unchanged.
//!
//! "Limit 30000, Requested 31538" (OpenAI), "Limit 6000, Used 0, Requested ~12903" (Groq,
//! danielmiessler/Fabric#364, 2024).

use tollgate_core::Class;

use crate::{facts::Facts, verdict::Verdict};

pub(super) fn settle(facts: &Facts<'_>, verdict: &mut Verdict) {
    if facts.status() == Some(413) || facts.opens_with("request too large") {
        verdict.retry_same = Some(false);
    }
    let (Some(limit), Some(requested)) = (
        number(&facts.lower, "limit"),
        number(&facts.lower, "requested"),
    ) else {
        return;
    };
    if limit == 0 {
        // No quota at all, for this model and key.
        verdict.class = Class::QuotaExhausted;
    } else if requested > limit {
        verdict.retry_same = Some(false);
    }
}

/// The number behind a word: "limit 30000", "limit: 30,000", "requested ~12903".
fn number(lower: &str, word: &str) -> Option<u64> {
    lower.match_indices(word).find_map(|(at, _)| {
        let rest = lower[at + word.len()..].trim_start_matches([' ', ':', '~', '=']);
        let end = rest
            .find(|c: char| !c.is_ascii_digit() && c != ',')
            .unwrap_or(rest.len());
        let digits: String = rest[..end].chars().filter(char::is_ascii_digit).collect();
        // "limit: 0.5" is not zero.
        let fraction = rest[end..].starts_with('.')
            && rest[end + 1..].starts_with(|c: char| c.is_ascii_digit());
        digits.parse().ok().filter(|_| !fraction)
    })
}
