//! What a prompt holds besides its text.

use memchr::memmem;

use super::blobs::Blobs;

/// What a JSON body says about parts of the prompt that are not in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PromptContents {
    /// Images, sound and documents, whether they are in the body or elsewhere.
    pub blobs: u64,
    /// Bytes of the body that those inside of it fill: strings of base64, of 1 KiB or more.
    pub blob_bytes: u64,
    /// The prompt asks for a cache. Where it does not, Anthropic uses none.
    pub cache: bool,
    /// A part of the prompt is not in the body: files, links, what tools of the provider will find.
    pub elsewhere: bool,
}

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A cache is asked for.
    Cache,
    /// Its value names one file, if it is a string.
    File,
    /// Its value links to an image, if it is a URL.
    Image,
    /// Its value links to a file, if it is an object of the type `url`.
    Source,
    /// Its value names something of unknown size, if it is no schema.
    Store,
    /// Its value names a tool, if it begins like one of [`TOOLS`].
    Tool,
}

/// Tools that the provider runs: their names go on with a version.
const TOOLS: [&[u8]; 2] = [b"\"web_search", b"\"web_fetch"];

impl Mark {
    /// What a key means. By its length first: nearly every key is none of these.
    #[inline(always)]
    fn of(key: &[u8]) -> Option<Self> {
        match key.len() {
            4 if key == b"type" => Some(Self::Tool),
            6 if key == b"source" => Some(Self::Source),
            7..=16 if b"cifsvmgu".contains(&key[0]) => Self::of_long(key),
            _ => None,
        }
    }

    fn of_long(key: &[u8]) -> Option<Self> {
        Some(match key {
            // Anthropic. (Bedrock's converse has another word, but reserves prompts whole.)
            b"cache_control" => Self::Cache,
            // Chat completions and responses; messages; Gemini; converse.
            b"image_url" => Self::Image,
            b"file_id" | b"file_url" | b"fileUri" | b"file_uri" => Self::File,
            b"s3Location" => Self::Store,
            // Prompts that were cached beforehand: Gemini.
            b"cachedContent" | b"cached_content" => Self::Store,
            // Tools of providers: what they find becomes a part of the prompt.
            b"vector_store_ids" | b"server_url" | b"mcp_servers" => Self::Store,
            b"googleSearch" | b"google_search" | b"urlContext" | b"url_context" => Self::Store,
            _ => return None,
        })
    }
}

impl PromptContents {
    /// A key of the prompt, and all that follows its closing quote.
    #[inline(always)]
    pub(super) fn key(&mut self, key: &[u8], after: &[u8]) {
        if let Some(mark) = Mark::of(key) {
            self.note(mark, after);
        }
    }

    /// A long text of the prompt.
    pub(super) fn long_text(&mut self, text: &[u8]) {
        let found = Blobs::of(text);
        self.blobs += found.count;
        self.blob_bytes += found.bytes;
        self.elsewhere |= found.count > 0;
    }

    fn note(&mut self, mark: Mark, after: &[u8]) {
        let Some(value) = value(after) else { return };
        // In the schema of a tool the value of a property is an object with a type.
        let is_schema = || value.starts_with(b"{") && has(value, b"\"type\"");
        let (found, files) = match mark {
            Mark::Cache => {
                self.cache = true;
                (false, 0)
            }
            Mark::File => (value.starts_with(b"\""), 1),
            Mark::Image => (has(value, b"\"http") || has(value, b"\"file_id\""), 1),
            Mark::Source => (value.starts_with(b"{") && has(value, b"\"url\""), 1),
            Mark::Store => (!value.starts_with(b"null") && !is_schema(), 0),
            Mark::Tool => (TOOLS.iter().any(|tool| value.starts_with(tool)), 0),
        };
        if found {
            self.elsewhere = true;
            self.blobs += files;
        }
    }
}

/// The beginning of the value whose key ends here; `None` where that was no key.
fn value(after: &[u8]) -> Option<&[u8]> {
    /// As much as `"type": "url", "url": "http` needs.
    const NEAR: usize = 48;
    let after = after.trim_ascii_start().strip_prefix(b":")?;
    let after = after.trim_ascii_start();
    Some(&after[..after.len().min(NEAR)])
}

fn has(value: &[u8], part: &[u8]) -> bool {
    memmem::find(value, part).is_some()
}

#[cfg(test)]
mod tests;
