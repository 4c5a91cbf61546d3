//! Reads what a call took out of its passing answer.

mod counts;
mod encoded;
mod find;
mod keys;
mod object;
mod place;
mod scan;
mod seen;

use http::{HeaderMap, HeaderValue, header};
use tollgate_core::{Cost, Usage};

use crate::{Expected, Learned};
use counts::Counts;
use scan::{Form, Scan};
use seen::Seen;

/// Reads the usage out of an answer's body while it passes.
///
/// Nothing is held back, and nothing is kept but at most 4 KiB: the usage object, while it comes. It
/// is read from documents, events, lines and the binary frames of AWS, as any of these
/// providers report it, and only in the place where they report it: text that a model or a user wrote
/// is never read as usage.
///
/// | who | where |
/// |---|---|
/// | OpenAI, and all with chat completions, responses or embeddings | `usage`, `response.usage`, `choices[].usage` |
/// | Anthropic | `usage`; `message.usage` at the start of a stream |
/// | Gemini, Vertex | `usageMetadata`, `response.usageMetadata` |
/// | Groq, Cloudflare, gateways | `x_groq.usage`, `result.usage`, `data.usage` |
/// | Cohere | `usage`, `delta.usage`, `meta.billed_units` |
/// | Bedrock | `usage`, `amazon-bedrock-invocationMetrics` (in base64), `x-amzn-bedrock-*` headers |
/// | Ollama | `prompt_eval_count`, `eval_count` |
///
/// Many report nothing in a stream unless asked (`stream_options.include_usage`), and a stream may be
/// given up midway. So the text that comes is counted too, four bytes to a token: only the text, not
/// the JSON around it, which is most of such a stream, and only once where a stream repeats it.
/// Thoughts that are not sent are not counted. A body that is encoded (`content-encoding`) is not
/// read.
///
/// It costs 1.6 instructions a byte of numbers, and 4,000 for an event of a chat stream. It allocates
/// only where an object of usage is cut in two, or base64 has to be decoded.
///
/// # Examples
///
/// ```
/// use http::HeaderMap;
/// use tollgate_core::{Cost, Usage};
/// use tollgate_limit::UsageReader;
///
/// let mut reader = UsageReader::new(&HeaderMap::new());
/// reader.read(br#"{"choices":[{"message":{"content":"Yes."}}],"usage":{"prompt_to"#);
/// reader.read(br#"kens":12,"completion_tokens":2,"total_tokens":14}}"#);
/// assert_eq!(reader.told(), Some(Usage::new(12, 2)));
/// ```
#[derive(Debug)]
pub struct UsageReader {
    seen: Seen,
    scan: Scan,
    /// A document reports its usage once; a stream may report it before its end.
    stream: bool,
    /// It cannot be read.
    closed: bool,
}

impl UsageReader {
    /// A reader for the answer with these headers.
    #[must_use]
    pub fn new(headers: &HeaderMap) -> Self {
        let mut form = Some(Form::Document);
        let mut closed = false;
        let mut seen = Seen::default();
        for (name, value) in headers {
            if name == header::CONTENT_TYPE {
                form = form_of(value);
            } else if name == header::CONTENT_ENCODING {
                closed |= !value.as_bytes().eq_ignore_ascii_case(b"identity");
            } else if name.as_str().starts_with("anthropic-ratelimit-") {
                seen.counts_written();
            } else if let Some(counts) = in_header(name.as_str(), value) {
                seen.report(&counts);
            }
        }
        Self {
            seen,
            scan: Scan::new(form.unwrap_or(Form::Document)),
            stream: matches!(form, Some(Form::Events | Form::Frames)),
            closed: closed || form.is_none(),
        }
    }

    /// Reads the next bytes of the body. They may be cut anywhere.
    pub fn read(&mut self, chunk: &[u8]) {
        if !self.closed {
            self.scan.read(chunk, &mut self.seen);
        }
    }

    /// The usage that the answer reported so far; `None` if nothing. Counts that it left out are 0.
    /// The prompt is whole: tokens from a cache are included, whether limits count them or not.
    #[must_use]
    pub fn told(&self) -> Option<Usage> {
        let Counts {
            input,
            cached,
            output,
            ..
        } = *self.seen.reported();
        if input.is_none() && output.is_none() {
            return None;
        }
        Some(Usage::new(input.unwrap_or(0), output.unwrap_or(0)).with_cached(cached))
    }

    /// The best that is known of what the call took out of limits: the reported usage, and
    /// the tokens of text that came since; without one, the tokens of the text that came; without text
    /// either, the estimate.
    ///
    /// Tokens of the prompt that came out of a cache are left out where the provider does not count
    /// them: Anthropic, Bedrock and Groq.
    #[must_use]
    pub fn usage(&self, estimate: &Cost) -> Usage {
        let reported = self.seen.reported();
        let since = if self.stream { self.seen.since() } else { 0 };
        let output = match reported.output {
            Some(output) => output.saturating_add(since),
            // An answer of numbers, as for embeddings, has no output to tell.
            None if reported.input.is_some() && !self.stream => 0,
            None => self.seen.delivered().unwrap_or(estimate.output_tokens()),
        };
        let Some(input) = reported.input else {
            return Usage::new(estimate.input_tokens(), output);
        };
        let counted = input.saturating_sub(reported.free);
        Usage::new(counted, output).with_cached(reported.cached.saturating_sub(reported.free))
    }

    /// Lets an answer that came to its end teach how far the estimate was off, and how long answers
    /// are.
    pub fn teach(&self, expected: &Expected, learned: &mut Learned) {
        let usage = self.usage(expected.cost());
        let reported = self.seen.reported();
        if reported.counts_written {
            learned.learn_counting();
        }
        if let Some(input) = reported.input {
            learned.learn_input(expected, input);
            learned.learn_cache(expected, usage.input(), reported.free, reported.written);
        } else {
            learned.forget();
        }
        if self.told().is_some() || self.seen.delivered().is_some() {
            learned.learn_output(usage.output());
        }
    }
}

/// How an answer of this type comes; `None` for sound and pictures.
fn form_of(content_type: &HeaderValue) -> Option<Form> {
    let is = |prefix: &str| {
        let start = content_type.as_bytes().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if is("text/event-stream") {
        Some(Form::Events)
    } else if is("application/vnd.amazon.eventstream") {
        Some(Form::Frames)
    } else if is("audio/") || is("image/") || is("video/") {
        None
    } else {
        Some(Form::Document)
    }
}

/// What Bedrock's invoke tells in headers:
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html>.
fn in_header(name: &str, value: &HeaderValue) -> Option<Counts> {
    let prompt = match name.strip_prefix("x-amzn-bedrock-")? {
        "input-token-count" => true,
        "output-token-count" => false,
        _ => return None,
    };
    let tokens = value.to_str().ok()?.trim().parse().ok()?;
    Some(Counts::one(prompt, tokens))
}

#[cfg(test)]
mod tests;
