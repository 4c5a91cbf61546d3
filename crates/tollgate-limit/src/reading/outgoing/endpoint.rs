//! What a path says about a call.

/// The kind of a call, by the path it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Endpoint {
    /// Whether its provider reserves the cap of the answer when the call arrives; `None` where the
    /// path does not tell. Else it counts what was written (October 2026):
    ///
    /// * Anthropic: <https://platform.claude.com/docs/en/api/rate-limits>, "`max_tokens` does not
    ///   factor into OTPM".
    /// * Gemini counts prompts only: <https://ai.google.dev/gemini-api/docs/rate-limits>.
    /// * Bedrock reserves the cap, and what may come out of a cache:
    ///   <https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html>.
    pub(crate) reserves_cap: Option<bool>,
    /// It only asks how many tokens a prompt has; or hands over a batch for later, which limits of
    /// its own count: <https://platform.claude.com/docs/en/api/rate-limits>, "Message Batches API".
    pub(crate) takes_no_tokens: bool,
    /// Its answer has no tokens.
    pub(crate) answers_in_numbers: bool,
    /// Its answer is images.
    pub(crate) makes_images: bool,
    /// Gemini counts each of a batch of embeddings as a request; everybody else counts one call,
    /// whatever its input holds.
    pub(crate) counts_batched: bool,
}

impl Endpoint {
    pub(crate) fn of(path: &str) -> Self {
        let path = path.as_bytes();
        let (mut bedrock, mut gemini, mut images) = (false, false, false);
        // The last segment so far, and the one before it.
        let (mut second, mut last): (&[u8], &[u8]) = (b"", b"");
        // Byte by byte: to prepare a search takes longer than a path is.
        let mut start = 1;
        for end in 1..=path.len() {
            if end < path.len() && path[end] != b'/' {
                continue;
            }
            match last {
                b"model" => bedrock = true,
                b"openai" => gemini |= second == b"v1beta",
                b"images" => images = true,
                _ => {}
            }
            (second, last) = (last, &path[start..end]);
            start = end + 1;
        }
        let colon = last.iter().rposition(|byte| *byte == b':');
        let method = colon.map_or(&b""[..], |colon| &last[colon + 1..]);
        let counts_written = gemini
            || last == b"messages"
            || matches!(method, b"generateContent" | b"streamGenerateContent");
        Self {
            reserves_cap: match (bedrock, counts_written) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            },
            takes_no_tokens: match last {
                b"count_tokens" | b"tokenize" | b"count-tokens" | b"count-tokens:rawPredict" => {
                    true
                }
                b"batches" => matches!(second, b"messages" | b"v1"),
                _ => matches!(
                    method,
                    b"countTokens" | b"batchGenerateContent" | b"asyncBatchEmbedContent"
                ),
            },
            answers_in_numbers: match last {
                b"embeddings" | b"embed" | b"rerank" | b"moderations" => true,
                _ => matches!(method, b"embedContent" | b"batchEmbedContents"),
            },
            makes_images: images,
            counts_batched: method == b"batchEmbedContents",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_by_their_paths() {
        let plain = Endpoint::default();
        let reserves = |reserves| Endpoint {
            reserves_cap: Some(reserves),
            ..plain
        };
        let no_tokens = Endpoint {
            takes_no_tokens: true,
            ..plain
        };
        let numbers = Endpoint {
            answers_in_numbers: true,
            ..plain
        };
        for (path, kind) in [
            ("/v1/chat/completions", plain),
            ("/model", plain),
            ("/images", plain),
            ("", plain),
            ("/v1/batches/batch_1", plain),
            ("/v1/files/messages/", plain),
            ("/model/anthropic.claude-v2%3A0/converse", reserves(true)),
            ("/v1/messages", reserves(false)),
            (
                "/v1beta/models/gemini-2.0-flash:generateContent",
                reserves(false),
            ),
            ("/v1beta/models/g:streamGenerateContent", reserves(false)),
            ("/v1beta/openai/chat/completions", reserves(false)),
            ("/v1/messages/count_tokens", no_tokens),
            ("/v1beta/models/g:countTokens", no_tokens),
            ("/v1/messages/batches", no_tokens),
            ("/v1/batches", no_tokens),
            (
                "/publishers/anthropic/models/count-tokens:rawPredict",
                no_tokens,
            ),
            ("/v1/embeddings", numbers),
            ("/v2/rerank", numbers),
            ("/v1beta/models/g:embedContent", numbers),
            (
                "/v1beta/models/g:batchEmbedContents",
                Endpoint {
                    counts_batched: true,
                    ..numbers
                },
            ),
            (
                "/v1/images/generations",
                Endpoint {
                    makes_images: true,
                    ..plain
                },
            ),
        ] {
            assert_eq!(Endpoint::of(path), kind, "{path}");
        }
    }
}
