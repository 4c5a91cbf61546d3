//! What a prompt holds besides its text.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use memchr::{memchr_iter, memmem};

use super::blobs::Blobs;

/// What a JSON body says about parts of the prompt that are not in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Contents {
    /// Images, sound and documents, whether they are in the body or elsewhere.
    pub(crate) blobs: u64,
    /// Bytes of the body that those inside of it fill.
    pub(crate) blob_bytes: u64,
    /// The prompt asks for a cache. Where it does not, Anthropic uses none.
    pub(crate) cache: bool,
    /// A part of the prompt is not in the body: files, links, what tools of the provider will find.
    pub(crate) elsewhere: bool,
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
    /// A tool that the provider runs, if it is the value of `type`.
    Tool,
}

/// What is searched for. The quotes of what is written in a text are escaped, so that these are
/// keys, or values of keys.
const MARKS: [(&str, Mark); 19] = [
    // Anthropic. (Bedrock's converse has another word, but reserves prompts whole.)
    ("\"cache_control\"", Mark::Cache),
    // Chat completions and responses; messages; Gemini; converse.
    ("\"image_url\"", Mark::Image),
    ("\"file_id\"", Mark::File),
    ("\"file_url\"", Mark::File),
    ("\"source\"", Mark::Source),
    ("\"fileUri\"", Mark::File),
    ("\"file_uri\"", Mark::File),
    ("\"s3Location\"", Mark::Store),
    // Prompts that were cached beforehand: Gemini.
    ("\"cachedContent\"", Mark::Store),
    ("\"cached_content\"", Mark::Store),
    // Tools of providers: what they find becomes a part of the prompt.
    ("\"vector_store_ids\"", Mark::Store),
    ("\"server_url\"", Mark::Store),
    ("\"mcp_servers\"", Mark::Store),
    ("\"googleSearch\"", Mark::Store),
    ("\"google_search\"", Mark::Store),
    ("\"urlContext\"", Mark::Store),
    ("\"url_context\"", Mark::Store),
    ("\"web_search", Mark::Tool),
    ("\"web_fetch", Mark::Tool),
];

/// Looks at many bytes at once; not there where the machine cannot.
static FINDER: LazyLock<Option<Searcher>> =
    LazyLock::new(|| Searcher::new(MARKS.map(|(mark, _)| mark)));

impl Contents {
    /// Finds them in a body.
    pub(super) fn of(body: &[u8]) -> Self {
        let blobs = Blobs::of(body);
        let mut contents = Self {
            blobs: blobs.count,
            blob_bytes: blobs.bytes,
            elsewhere: blobs.count > 0,
            ..Self::default()
        };
        let mut note = |mark: usize, start: usize| {
            let (text, mark) = MARKS[mark];
            contents.note(mark, &body[..start], &body[start + text.len()..]);
        };
        match &*FINDER {
            Some(finder) => finder
                .find_iter(body)
                .for_each(|found| note(found.pattern().as_usize(), found.start())),
            None => memchr_iter(b'"', body).for_each(|quote| {
                let is = |(mark, _): &(&str, _)| body[quote..].starts_with(mark.as_bytes());
                if let Some(mark) = MARKS.iter().position(is) {
                    note(mark, quote);
                }
            }),
        }
        contents
    }

    fn note(&mut self, mark: Mark, before: &[u8], after: &[u8]) {
        if mark == Mark::Tool {
            self.elsewhere |= is_value_of(before, b"\"type\"");
            return;
        }
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
            Mark::Tool => (false, 0),
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

/// Whether what follows is the value of this key.
fn is_value_of(before: &[u8], key: &[u8]) -> bool {
    let before = before.trim_ascii_end().strip_suffix(b":");
    before.is_some_and(|before| before.trim_ascii_end().ends_with(key))
}

#[cfg(test)]
mod tests;
