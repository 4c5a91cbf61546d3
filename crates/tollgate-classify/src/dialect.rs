//! What single providers do differently, one small file each.
//!
//! A dialect adds to the common reading; it never repeats it. Every fact names its source.

mod anthropic;
mod azure;
mod bedrock;
mod cerebras;
mod china;
mod dashscope;
mod edge;
mod github;
mod google;
mod groq;
mod kimi;
mod litellm;
mod minimax;
mod mistral;
mod openai;
mod openrouter;
mod others;
mod portkey;
mod xai;
mod zhipu;

use std::{borrow::Cow, time::Duration};

use crate::{
    facts::Facts,
    quota::Windows,
    text::same,
    verdict::{Table, Verdict},
};

/// What one provider does differently.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// How routers call it.
    names: &'static [&'static str],
    /// Its hosts; a `*` in front stands for anything.
    hosts: &'static [&'static str],
    /// Hosts with a part of their own in the middle, by start and end.
    families: &'static [(&'static str, &'static str)],
    /// Its codes, types and reasons.
    pub(crate) codes: Table,
    /// Phrases its messages start with; they stand against any status.
    pub(crate) openings: Table,
    /// Phrases anywhere in its messages; read where the status is not definite.
    pub(crate) phrases: Table,
    /// What tables can not say. Asked first.
    pub(crate) read: Option<fn(&Facts<'_>) -> Option<Finding>>,
    /// Tells by its shape that an answer of an unknown host speaks this dialect.
    looks_like: fn(&Facts<'_>) -> bool,
    /// Windows its quota headers leave unsaid.
    pub(crate) windows: Option<Windows>,
    /// Hands on what other providers say.
    gateway: bool,
    /// Its codes are bare numbers, which mean nothing elsewhere.
    numbers: bool,
}

const PLAIN: Dialect = Dialect {
    names: &[],
    hosts: &[],
    families: &[],
    codes: &[],
    openings: &[],
    phrases: &[],
    read: None,
    looks_like: |_| false,
    windows: None,
    gateway: false,
    numbers: false,
};

/// What was found, and by what.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    pub(crate) evidence: Cow<'static, str>,
    /// A reset that belongs to the finding; ranks as a reset header.
    pub(crate) reset: Option<Duration>,
}

impl Finding {
    pub(crate) fn new(verdict: Verdict, evidence: impl Into<Cow<'static, str>>) -> Self {
        Self {
            verdict,
            evidence: evidence.into(),
            reset: None,
        }
    }

    /// Found by a phrase, which is ours and not the user's.
    pub(crate) fn phrase((phrase, verdict): (&'static str, Verdict)) -> Self {
        Self::new(verdict, format!("text \"{phrase}\""))
    }
}

static ALL: [&Dialect; 37] = [
    &openai::OPENAI,
    &openai::CODEX,
    &azure::AZURE,
    &anthropic::ANTHROPIC,
    &groq::GROQ,
    &google::GOOGLE,
    &github::REST,
    &github::MODELS,
    &kimi::KIMI,
    &minimax::MINIMAX,
    &mistral::MISTRAL,
    &cerebras::CEREBRAS,
    &xai::XAI,
    &openrouter::OPENROUTER,
    &zhipu::ZHIPU,
    &bedrock::BEDROCK,
    &litellm::LITELLM,
    &portkey::PORTKEY,
    &dashscope::DASHSCOPE,
    &china::ARK,
    &china::QIANFAN,
    &china::HUNYUAN,
    &edge::EDGE,
    &edge::VERCEL,
    &others::DEEPSEEK,
    &others::TOGETHER,
    &others::FIREWORKS,
    &others::PERPLEXITY,
    &others::COHERE,
    &others::FEATHERLESS,
    &others::HUGGING_FACE,
    &others::NEBIUS,
    &others::SAMBANOVA,
    &others::HYPERBOLIC,
    &others::DEEPINFRA,
    &others::OLLAMA,
    &others::ZEN,
];

/// The dialect of a provider's name or host.
pub(crate) fn of(origin: &str) -> Option<&'static Dialect> {
    let who = Who::of(origin);
    let found = ALL.iter().find(|d| d.is(who));
    found.copied()
}

/// The windows that a provider leaves unsaid. Asked about every success with quota headers, so it
/// looks only at those who do.
pub(crate) fn windows_of(origin: &str) -> Option<Windows> {
    let silent = ALL.iter().filter(|d| d.windows.is_some());
    let who = Who::of(origin);
    silent.copied().find(|d| d.is(who))?.windows
}

/// Those who put errors into JSON successes: Gemini an array, MiniMax, Zhipu, Baidu and Tencent a
/// code, OpenRouter what its upstream said, Bedrock an exception, proxies their own words.
static HIDING: [&Dialect; 8] = [
    &google::GOOGLE,
    &minimax::MINIMAX,
    &openrouter::OPENROUTER,
    &zhipu::ZHIPU,
    &bedrock::BEDROCK,
    &china::QIANFAN,
    &china::HUNYUAN,
    &edge::EDGE,
];

/// Whether a provider puts errors into JSON successes. Asked about every one of them.
pub(crate) fn hides_errors(origin: &str) -> bool {
    let who = Who::of(origin);
    HIDING.iter().any(|d| d.is(who))
}

/// The dialect an answer seems to speak.
pub(crate) fn guess(facts: &Facts<'_>) -> Option<&'static Dialect> {
    ALL.iter().find(|d| (d.looks_like)(facts)).copied()
}

/// The dialect of whoever stands behind a gateway.
pub(crate) fn behind(
    known: Option<&'static Dialect>,
    facts: &Facts<'_>,
) -> Option<&'static Dialect> {
    if !known?.gateway {
        return None;
    }
    let upstream = |d: &&&Dialect| !d.gateway && (d.looks_like)(facts);
    ALL.iter().find(upstream).copied()
}

/// The dialects whose words may occur: the one that is known, or all where anybody may speak.
pub(crate) fn speakers(known: Option<&'static Dialect>) -> impl Iterator<Item = &'static Dialect> {
    let open = known.is_none_or(|dialect| dialect.gateway);
    let all = ALL.iter().copied().filter(move |_| open);
    known.into_iter().chain(all)
}

/// Reads the headers of a plan, also when a proxy forwards them.
pub(crate) fn plan(facts: &Facts<'_>) -> Option<Finding> {
    anthropic::plan(facts).or_else(|| openai::plan(facts))
}

/// What a proxy in front of any provider says.
pub(crate) fn edge(facts: &Facts<'_>) -> Option<Finding> {
    edge::EDGE.read?(facts)
}

/// Whether a proxy refused the size of the call before the provider saw it.
pub(crate) fn too_large_for_proxy(facts: &Facts<'_>) -> bool {
    edge::too_large(facts)
}

impl Dialect {
    /// Whether this is its name or one of its hosts.
    fn is(&self, who: Who<'_>) -> bool {
        match who {
            Who::Name(origin) => {
                // Cheap first: all names begin with a letter, and none has many separators.
                let first = origin.bytes().next().map(|b| b.to_ascii_lowercase());
                let near = |name: &str| {
                    name.bytes().next() == first && name.len().abs_diff(origin.len()) <= 3
                };
                let mut names = self.names.iter();
                names.any(|name| near(name) && same(name, origin))
            }
            Who::Host(host) => {
                let hosts = self.hosts.iter();
                let mut families = self.families.iter();
                hosts
                    .copied()
                    .any(|pattern| is_host(pattern.as_bytes(), host))
                    || families.any(|(start, end)| {
                        host.len() >= start.len() + end.len()
                            && ends(host, end.as_bytes())
                            && host[..start.len()].eq_ignore_ascii_case(start.as_bytes())
                    })
            }
        }
    }

    /// Whether its codes may be looked up for an answer of this dialect.
    pub(crate) fn has_codes_for(&self, known: Option<&'static Self>) -> bool {
        !self.numbers || known.is_some_and(|known| std::ptr::eq(known, self))
    }
}

/// Who answered.
#[derive(Clone, Copy)]
enum Who<'a> {
    Name(&'a str),
    Host(&'a [u8]),
}

impl<'a> Who<'a> {
    /// Only a host has a point.
    fn of(origin: &'a str) -> Self {
        let bytes = origin.as_bytes();
        if bytes.contains(&b'.') {
            Self::Host(bytes)
        } else {
            Self::Name(origin)
        }
    }
}

fn is_host(pattern: &[u8], host: &[u8]) -> bool {
    match pattern {
        [b'*', end @ ..] => ends(host, end),
        exact => exact.eq_ignore_ascii_case(host),
    }
}

fn ends(host: &[u8], end: &[u8]) -> bool {
    let start = host.len().checked_sub(end.len());
    start.is_some_and(|start| host[start..].eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests;
