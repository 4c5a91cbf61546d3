//! Finds the model a text names.

/// A longer name is none, and is not looked at: "model:model:model:..." would take for ever.
const LONGEST: usize = 128;

/// The model in "for model `x`", "for gpt-4o in organization", "model: x", "Model x is".
pub(crate) fn named(text: &str, lower: &str) -> Option<Box<str>> {
    before_verb(text, lower)
        .or_else(|| in_brackets(text, lower))
        .or_else(|| after_model(text, lower))
        .or_else(|| after_for(text, lower))
        .filter(|name| name.len() <= LONGEST)
        .map(Box::from)
}

fn after_model<'a>(text: &'a str, lower: &str) -> Option<&'a str> {
    let ends = lower
        .match_indices("model")
        .map(|(at, word)| (at, at + word.len()));
    ends.filter(|&(at, _)| !lower[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-'))
        .filter(|&(at, _)| !lower[..at].ends_with("publisher "))
        .find_map(|(_, end)| {
            let rest = &text[end..];
            let rest = rest
                .strip_prefix(" group")
                .or_else(|| rest.strip_prefix(" ID"))
                .or_else(|| rest.strip_prefix(" id"))
                .or_else(|| rest.strip_prefix(" Group"))
                .or_else(|| rest.strip_prefix(" name"))
                .unwrap_or(rest);
            name(rest.trim_start_matches([' ', ':', '=']), rest)
        })
}

/// "the limit for the [doubao-pro] model", as Volcengine writes it.
fn in_brackets<'a>(text: &'a str, lower: &str) -> Option<&'a str> {
    let end = lower.find("] model")?;
    let start = text[..end].rfind('[')? + 1;
    let name = &text[start..end];
    plain(name).filter(|found| found.len() == name.len())
}

fn after_for<'a>(text: &'a str, lower: &str) -> Option<&'a str> {
    const OPENINGS: [&str; 10] = [
        "limit reached for ",
        "limit exceeded for ",
        "rate limit for ",
        "quota exceeded for ",
        "endpoints found for ",
        "output tokens for ",
        "request too large for ",
        "request body too large for ",
        "your requests to ",
        "for deployment ",
    ];
    OPENINGS.iter().find_map(|opening| {
        let at = lower.find(opening)?;
        subject(&text[at + opening.len()..])
    })
}

/// The model a text starts with, where the sentence goes on as it does behind a name.
fn subject(rest: &str) -> Option<&str> {
    const GOES_ON: [&str; 7] = [" in ", " on ", " for ", " (", " with ", " model", ","];
    let found = name(rest, " ")?;
    let after = rest[found.len()..].trim_start_matches(['`', '\'', '"']);
    let ends = after.is_empty() || after.starts_with('.');
    // "10KTPM-200RPM" is a limit.
    (!found.contains("TPM") && (ends || GOES_ON.iter().any(|on| after.starts_with(on))))
        .then_some(found)
}

/// "z-ai/glm-5 is temporarily rate-limited upstream", "gpt-4o is overloaded".
fn before_verb<'a>(text: &'a str, lower: &str) -> Option<&'a str> {
    const VERBS: [&str; 11] = [
        " is temporarily rate-limited",
        " is temporarily rate limited",
        " is currently overloaded",
        " is overloaded",
        " is currently loading",
        " is at capacity",
        " is over capacity",
        " is currently over capacity",
        " is not found",
        " is not a valid model",
        " is currently unavailable",
    ];
    let at = VERBS.iter().find_map(|verb| lower.find(verb))?;
    let start = text[..at].rfind([' ', '\n']).map_or(0, |i| i + 1);
    let name = text[start..at].trim_matches(['`', '\'', '"']);
    let name = name.strip_prefix("models/").unwrap_or(name);
    plain(name).filter(|found| found.len() == name.len())
}

/// The name a text starts with, in quotes or bare. `joint` is what stood between: some must.
fn name<'a>(text: &'a str, joint: &str) -> Option<&'a str> {
    if !joint.starts_with([' ', ':', '=']) {
        return None;
    }
    for quote in ['`', '\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote) {
            let inner = &inner[..crate::text::start(inner, LONGEST + 1).find(quote)?];
            let sound = !inner.is_empty() && !inner.contains([' ', '\n', '{', '<']);
            // A resource path is not the name people use.
            return (sound && !inner.starts_with("projects/")).then_some(inner);
        }
    }
    // "Group=claude": behind an equals sign any word is the name.
    let assigned = joint.starts_with('=') && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let named = |found: &&str| !found.eq_ignore_ascii_case("none") && *found != "null";
    plain(text).or_else(|| word(text).filter(|found| assigned && named(found)))
}

/// The characters of a model's name.
fn word(text: &str) -> Option<&str> {
    let mut bytes = text.bytes().take(LONGEST + 1);
    let end = bytes.position(|b| !matches!(b, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-'..=b'/' | b':' | b'_' | b'@'));
    let end = end.or((text.len() <= LONGEST).then_some(text.len()))?;
    let word = text[..end].trim_end_matches(['.', ':', '-', '/']);
    (word.len() >= 2).then_some(word)
}

/// A bare word that looks like a model: letters, and a digit, hyphen or slash among them.
fn plain(text: &str) -> Option<&str> {
    let word = word(text)?;
    // Workers AI names its models "@cf/...".
    let letters = word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
        && word.bytes().any(|b| b.is_ascii_alphabetic());
    let marked = word.contains(|c: char| c.is_ascii_digit() || c == '-' || c == '/');
    let common = [
        "per-minute",
        "rate-limit",
        "on-demand",
        "pre-trained",
        "rate-limited",
        "n/a",
    ];
    (letters && marked && !is_owner(word) && !word.contains("//") && !common.contains(&word))
        .then_some(word)
}

/// Whose limit it is, not which model's: "for org-abc", "for tier-1", a host, an address, a UUID.
fn is_owner(word: &str) -> bool {
    const OWNERS: [&str; 22] = [
        "org",
        "organization",
        "proj",
        "project",
        "workspace",
        "user",
        "team",
        "group",
        "tenant",
        "account",
        "client",
        "customer",
        "key",
        "ak",
        "sk",
        "req",
        "ip",
        "tier",
        "plan",
        "free",
        "endpoint",
        "region",
    ];
    let first = word.split('-').next().unwrap_or(word);
    let end = word.rsplit('.').next().unwrap_or_default();
    let host = end.len() < word.len() && end.bytes().all(|b| b.is_ascii_alphabetic());
    let hex = |also: u8| word.bytes().all(|b| b.is_ascii_hexdigit() || b == also);
    let uuid = word.len() == 36 && hex(b'-');
    let address = word.contains(':') && hex(b':');
    OWNERS.contains(&first) || (host && !word.contains('/')) || uuid || address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_in_prose() {
        for (text, want) in [
            (
                "Rate limit reached for gpt-4o in organization org-x on tokens",
                "gpt-4o",
            ),
            (
                "Rate limit reached for model `llama` in organization",
                "llama",
            ),
            ("Request too large for gpt-5 in organization", "gpt-5"),
            (
                "Your requests to gpt-4.1-nano for gpt-4.1-nano in Sweden Central",
                "gpt-4.1-nano",
            ),
            (
                "(org: 0, model: claude-opus-4-6). For details",
                "claude-opus-4-6",
            ),
            (
                "specific to this model deepseek-ai/DeepSeek-R1. The maximum",
                "deepseek-ai/DeepSeek-R1",
            ),
            (
                "per_base_model with base model: gemini-pro. Please",
                "gemini-pro",
            ),
            (
                "Model tiiuae/falcon-7b-instruct is currently loading",
                "tiiuae/falcon-7b-instruct",
            ),
            (
                "z-ai/glm-5.3-flash is temporarily rate-limited upstream.",
                "z-ai/glm-5.3-flash",
            ),
            (
                "Received Model Group=azure-gpt-4o-mini Available",
                "azure-gpt-4o-mini",
            ),
            ("Received Model Group=claude Available", "claude"),
            (
                "the limit for the [doubao-pro-7] model, and",
                "doubao-pro-7",
            ),
            ("qwen-9-max is over capacity. Please", "qwen-9-max"),
            ("limit reached for gpt-5 (for limit gpt-5) in", "gpt-5"),
            (
                "tokens per minute rate limit for vendor-sonnet-4.",
                "vendor-sonnet-4",
            ),
            ("No endpoints found for foo/bar-7b.", "foo/bar-7b"),
            ("No such model @cf/foo/bar or task", "@cf/foo/bar"),
            (
                "Rate limit reached for ft:gpt-4o:org::abc in organization",
                "ft:gpt-4o:org::abc",
            ),
            (
                "Your requests to o-1 for o-1 in Sweden exceed the rate limit for your tier",
                "o-1",
            ),
            (
                "Invocation of model ID anthropic.claude-v1:0 with on-demand",
                "anthropic.claude-v1:0",
            ),
        ] {
            let got = named(text, &text.to_ascii_lowercase());
            assert_eq!(got.as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn no_model() {
        for text in [
            "Rate limit reached for requests",
            "Rate limit reached for 10KTPM-200RPM in organization org-x",
            "This model's maximum context length is 128000 tokens.",
            "your model-specific rate limit",
            "The model is overloaded",
            "Model rate limit exceeded. RPM limit=60",
            "exceeded model token limit: 262144",
            "model `projects/p/models/x` is not available",
            "Passed model=None. pre-call-checks=False",
            "Rate limit exceeded for user-429abc. Please try again",
            "Rate limit reached for org-1 on requests",
            "Rate limit exceeded for 2001:db8::7",
            "Rate limit exceeded for tier-1. Retry later",
            "Rate limit exceeded for api-v2.example.com",
            "Rate limit exceeded for 0e8400aa-e29b-41d4-a716-446655440000.",
            "Rate limit exceeded for endpoint /v1/chat/completions",
            "the rate limit for your organization",
            "first message with z-ai\nis overloaded",
        ] {
            assert_eq!(named(text, &text.to_ascii_lowercase()), None, "{text}");
        }
    }
}
