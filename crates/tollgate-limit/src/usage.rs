//! Reads what a call took out of its passing answer.

mod counts;
mod encoded;
mod keys;
mod object;
mod scan;
mod seen;

use http::{HeaderMap, HeaderValue, header};
use tollgate_core::{Cost, Usage};

use crate::{Expected, Learned};
use counts::Counts;
use scan::Scan;
use seen::Seen;

/// Reads the usage out of an answer's body while it passes.
///
/// Nothing is held back, and nothing is kept but at most 4 KiB: the usage object, while it comes. It
/// is found in documents, events, lines and the binary frames of AWS, for all who tell it as one of
/// these do:
///
/// | who | where |
/// |---|---|
/// | OpenAI, and who speaks chat completions, responses or embeddings | `usage` |
/// | Anthropic | `usage`, at the start and at the end of a stream |
/// | Gemini, Vertex | `usageMetadata` |
/// | Cohere | `usage`, `meta.billed_units` |
/// | Bedrock | `usage`, `amazon-bedrock-invocationMetrics` (in base64), `x-amzn-bedrock-*` headers |
/// | Ollama | `prompt_eval_count`, `eval_count` |
///
/// Many tell nothing in a stream unless asked (`stream_options.include_usage`), and a stream may be
/// given up midway. So the text that comes is counted too, four bytes to a token: only the text, not
/// the JSON around it, which is most of such a stream. Thoughts that are not sent are not counted.
/// In a body that is encoded (`content-encoding`) nothing is read.
///
/// It costs 1.2 instructions a byte where no key is found, and 2,000 for an event of a chat stream.
/// It allocates only where an object of usage is cut in two, or base64 has to be decoded.
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
    /// A document tells its usage once; a stream may tell it before its end.
    stream: bool,
    /// It can not be read.
    closed: bool,
}

impl UsageReader {
    /// A reader for the answer with these headers.
    #[must_use]
    pub fn new(headers: &HeaderMap) -> Self {
        let mut kind = Form::Document;
        let mut closed = false;
        let mut seen = Seen::default();
        for (name, value) in headers {
            if name == header::CONTENT_TYPE {
                kind = Form::of(value);
            } else if name == header::CONTENT_ENCODING {
                closed |= !value.as_bytes().eq_ignore_ascii_case(b"identity");
            } else if let Some(counts) = in_header(name.as_str(), value) {
                seen.tell(&counts);
            }
        }
        Self {
            seen,
            scan: Scan::new(kind == Form::Frames),
            stream: matches!(kind, Form::Events | Form::Frames),
            closed: closed || kind == Form::Other,
        }
    }

    /// Reads the next bytes of the body. They may be cut anywhere.
    pub fn read(&mut self, chunk: &[u8]) {
        if !self.closed {
            self.scan.read(chunk, &mut self.seen);
        }
    }

    /// What the answer told of its usage so far; `None` if nothing. What it did not tell of it is 0.
    #[must_use]
    pub fn told(&self) -> Option<Usage> {
        let Counts {
            input,
            cached,
            output,
        } = *self.seen.told();
        if input.is_none() && output.is_none() {
            return None;
        }
        Some(Usage::new(input.unwrap_or(0), output.unwrap_or(0)).with_cached(cached))
    }

    /// The best that is known of what the call took: what the answer told, and the tokens of text
    /// that came since; where nothing was told, those of the text that came; where no text came
    /// either, the estimate.
    #[must_use]
    pub fn usage(&self, estimate: &Cost) -> Usage {
        let told = self.seen.told();
        let since = if self.stream { self.seen.since() } else { 0 };
        let output = match told.output {
            Some(output) => output.saturating_add(since),
            // An answer of numbers, as for embeddings, has no output to tell.
            None if told.input.is_some() && !self.stream => 0,
            None => self.seen.delivered().unwrap_or(estimate.output_tokens()),
        };
        let input = told.input.unwrap_or(estimate.input_tokens());
        Usage::new(input, output).with_cached(told.cached)
    }

    /// Lets an answer that came to its end teach how far the estimate was off, and how long answers
    /// are.
    pub fn teach(&self, expected: &Expected, learned: &mut Learned) {
        let usage = self.usage(expected.cost());
        if self.seen.told().input.is_some() {
            learned.learn_input(expected, usage.input());
        }
        if self.told().is_some() || self.seen.delivered().is_some() {
            learned.learn_output(usage.output());
        }
    }
}

/// How an answer comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Whole, or in lines.
    Document,
    /// As server-sent events.
    Events,
    /// In the binary frames of AWS.
    Frames,
    /// As sound or pictures.
    Other,
}

impl Form {
    fn of(content_type: &HeaderValue) -> Self {
        let is = |prefix: &str| {
            let start = content_type.as_bytes().get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        };
        if is("text/event-stream") {
            Self::Events
        } else if is("application/vnd.amazon.eventstream") {
            Self::Frames
        } else if is("audio/") || is("image/") || is("video/") {
            Self::Other
        } else {
            Self::Document
        }
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
