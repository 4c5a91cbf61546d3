//! Reads what a call took, where the limiter's reader is there to do it.

#[cfg(feature = "limit")]
use tollgate_limit::UsageReader;

use http::HeaderMap;
use tollgate_core::Usage;

/// Reads the usage out of a passing body; with the feature `limit` only.
#[derive(Debug, Default)]
pub(super) struct Reader {
    // Only for a success: nothing else was used.
    #[cfg(feature = "limit")]
    inner: Option<Box<UsageReader>>,
}

#[cfg_attr(
    not(feature = "limit"),
    expect(
        unused_variables,
        clippy::unused_self,
        reason = "nothing is read without it"
    )
)]
impl Reader {
    pub(super) fn new(headers: &HeaderMap) -> Self {
        Self {
            #[cfg(feature = "limit")]
            inner: Some(Box::new(UsageReader::new(headers))),
        }
    }

    pub(super) fn read(&mut self, data: &[u8]) {
        #[cfg(feature = "limit")]
        if let Some(reader) = &mut self.inner {
            reader.read(data);
        }
    }

    /// What the answer told so far.
    pub(super) fn told(&self) -> Option<Usage> {
        #[cfg(feature = "limit")]
        return self.inner.as_ref()?.told();
        #[cfg(not(feature = "limit"))]
        None
    }
}
