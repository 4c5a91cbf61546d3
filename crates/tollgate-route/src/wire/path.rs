//! The path of a request: a base that is known, and behind it the whole operation.
//!
//! A path is never matched by its end: `/fim/completions` ends like `/completions` and is another
//! call.

use super::Wire;

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation<'a> {
    /// What follows the base, and the model where the path has it.
    pub(crate) path: &'a str,
    pub(crate) kind: Kind,
}

/// Which operation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One of the dialect, as it is listed here.
    Known(&'static str),
    /// One that a server adds.
    Added,
    /// None: the path is not understood.
    Unknown,
}

/// Bases as the libraries of providers write them; `{}` is any one segment. The presets have no
/// others: a test compares them.
const fn bases(wire: Wire) -> &'static [&'static str] {
    match wire {
        Wire::OpenAi => &[
            "/v1",
            "",
            "/openai/v1",
            "/api/v1",
            "/openai/deployments/{}",
            "/openai",
            "/v1beta/openai",
            "/v1/openai",
            "/inference/v1",
            "/inference",
            "/compatibility/v1",
            "/compatible-mode/v1",
            "/api/paas/v4",
            "/api/coding/paas/v4",
            "/api/v3",
            "/v2",
            "/v1/projects/{}/locations/{}/endpoints/openapi",
            "/v1beta1/projects/{}/locations/{}/endpoints/openapi",
        ],
        Wire::Anthropic => &[
            "/v1",
            "",
            "/anthropic/v1",
            "/api/v1",
            "/api/anthropic/v1",
            "/apps/anthropic/v1",
        ],
        Wire::Gemini => &[
            "/v1beta",
            "/v1",
            "",
            "/v1alpha",
            "/v1/projects/{}/locations/{}/publishers/{}",
            "/v1beta1/projects/{}/locations/{}/publishers/{}",
        ],
        Wire::Converse => &[""],
        // What it calls version 1 is another dialect.
        Wire::Cohere => &["/v2", ""],
    }
}

/// The operations of a dialect; those of single providers among them, which others refuse.
pub(super) const fn operations(wire: Wire) -> &'static [&'static str] {
    match wire {
        Wire::OpenAi => &[
            "/chat/completions",
            "/responses",
            "/embeddings",
            "/completions",
            "/moderations",
            "/images/generations",
            "/images/edits",
            "/images/variations",
            "/audio/speech",
            "/audio/transcriptions",
            "/audio/translations",
            "/rerank",
            "/responses/compact",
            "/responses/input_tokens",
            "/responses/{}",
            "/responses/{}/cancel",
            "/responses/{}/input_items",
            // Mistral: https://docs.mistral.ai/api/endpoint/fim
            "/fim/completions",
            // DeepSeek: https://api-docs.deepseek.com/api/create-completion
            "/beta/completions",
            "/beta/chat/completions",
            // Perplexity: https://docs.perplexity.ai/api-reference/async-sonar-post
            "/async/chat/completions",
            "/async/chat/completions/{}",
        ],
        Wire::Anthropic => &[
            "/messages",
            "/messages/count_tokens",
            "/messages/batches",
            "/messages/batches/{}",
            "/messages/batches/{}/cancel",
            "/messages/batches/{}/results",
            "/complete",
        ],
        Wire::Gemini => &[
            ":generateContent",
            ":streamGenerateContent",
            ":countTokens",
            ":embedContent",
            ":batchEmbedContents",
        ],
        Wire::Converse => &["/converse", "/converse-stream"],
        Wire::Cohere => &["/chat", "/embed", "/rerank"],
    }
}

pub(super) fn find<'a>(wire: Wire, path: &'a str, own: &[Box<str>]) -> Option<Operation<'a>> {
    let path = one_slash(path);
    if let Some(found) = plain(wire, path, own) {
        return Some(found);
    }
    let own = own.iter().map(|base| &**base);
    let all = || bases(wire).iter().copied().chain(own.clone());
    let known = |base| {
        let rest = behind_model(wire, behind(path, base)?)?;
        let mut operations = operations(wire).iter();
        let one = operations.find(|one| behind(rest, one) == Some(""))?;
        Some(Operation {
            path: rest,
            kind: Kind::Known(one),
        })
    };
    all().find_map(known).or_else(|| {
        // Servers of one's own have calls of their own, in OpenAI's dialect and below a base.
        let has_more = wire == Wire::OpenAi;
        let rests = all().filter(|base| has_more && !base.is_empty());
        let rest = rests.filter_map(|base| behind(path, base));
        // The longest base: what it holds is no part of the call.
        let rest = rest
            .filter(|rest| is_plain(rest))
            .min_by_key(|rest| rest.len())?;
        Some(Operation {
            path: rest,
            kind: Kind::Added,
        })
    })
}

/// The ordinary case, which each call is: an operation and a base without names in them.
fn plain<'a>(wire: Wire, path: &'a str, own: &[Box<str>]) -> Option<Operation<'a>> {
    if matches!(wire, Wire::Gemini | Wire::Converse) {
        return None;
    }
    let known = |base: &str| bases(wire).contains(&base) || own.iter().any(|one| **one == *base);
    let mut all = operations(wire).iter();
    let one = all.find(|one| path.strip_suffix(**one).is_some_and(known))?;
    Some(Operation {
        path: &path[path.len() - one.len()..],
        kind: Kind::Known(one),
    })
}

/// Without a slash at the end, and with one at the start: a base that ends in a slash makes two.
fn one_slash(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut path = path;
    while path.starts_with("//") {
        path = &path[1..];
    }
    path
}

/// What follows a pattern of whole segments.
fn behind<'a>(path: &'a str, pattern: &str) -> Option<&'a str> {
    // A method of Gemini is no segment.
    if pattern.starts_with(':') {
        return path.strip_prefix(pattern);
    }
    let mut rest = path;
    for segment in pattern.split('/').skip(1) {
        let tail = rest.strip_prefix('/')?;
        let end = tail.find('/').unwrap_or(tail.len());
        let fits = match segment {
            "{}" => is_name(&tail[..end]),
            own => tail[..end] == *own,
        };
        if !fits {
            return None;
        }
        rest = &tail[end..];
    }
    Some(rest)
}

/// What follows the model, where the dialect has it in the path.
fn behind_model(wire: Wire, rest: &str) -> Option<&str> {
    match wire {
        Wire::OpenAi | Wire::Anthropic | Wire::Cohere => Some(rest),
        Wire::Gemini => {
            let tail = rest.strip_prefix("/models/")?;
            let at = tail.rfind(':').filter(|at| *at > 0)?;
            (!tail.contains('/')).then(|| &tail[at..])
        }
        Wire::Converse => behind(rest, "/model/{}"),
    }
}

/// It may be the name of something in a path, and is no step up.
fn is_name(segment: &str) -> bool {
    const STEPS: [&str; 6] = [".", "..", "%2e", "%2e%2e", ".%2e", "%2e."];
    !segment.is_empty() && !STEPS.iter().any(|step| segment.eq_ignore_ascii_case(step))
}

/// Words only: nothing in it could be read as anything else than a path below the base.
fn is_plain(path: &str) -> bool {
    let word = |segment: &str| {
        !segment.is_empty()
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    path.strip_prefix('/')
        .is_some_and(|path| path.split('/').all(word))
}

#[cfg(test)]
mod tests;
