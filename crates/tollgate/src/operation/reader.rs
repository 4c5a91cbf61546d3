//! Reads what a call took, where the limiter's reader is there to do it.

#[cfg(feature = "limit")]
use tollgate_limit::UsageReader;

use http::{HeaderMap, Request};
use tollgate_core::Usage;
#[cfg(feature = "limit")]
use tollgate_core::{Call, UsageReport};

/// What a limiter below may tell of the answer; with the feature `limit` only.
#[derive(Debug, Default)]
pub(super) struct Report {
    #[cfg(feature = "limit")]
    inner: Option<UsageReport>,
}

impl Report {
    /// Asks for it, where the request has a [`Call`] to ask with.
    #[cfg_attr(
        not(feature = "limit"),
        expect(unused_variables, reason = "nobody could tell")
    )]
    pub(super) fn asked<B>(request: &mut Request<B>) -> Self {
        #[cfg(feature = "limit")]
        if let Some(call) = request.extensions_mut().get_mut::<Call>() {
            let report = UsageReport::default();
            *call = std::mem::take(call).with_usage_report(report.clone());
            return Self {
                inner: Some(report),
            };
        }
        Self::default()
    }
}

/// Reads the usage out of a passing body; with the feature `limit` only.
#[derive(Debug, Default)]
pub(super) struct Reader {
    // Only for a success: nothing else was used.
    #[cfg(feature = "limit")]
    inner: Option<Source>,
}

#[cfg(feature = "limit")]
#[derive(Debug)]
enum Source {
    /// The limiter reads it anyway.
    Below(UsageReport),
    Own(Box<UsageReader>),
}

#[cfg_attr(
    not(feature = "limit"),
    allow(
        unused_variables,
        clippy::unused_self,
        clippy::needless_pass_by_value,
        reason = "nothing is read without it"
    )
)]
impl Reader {
    /// For the answer with these headers, whose body begins.
    pub(super) fn new(headers: &HeaderMap, report: Report) -> Self {
        Self {
            #[cfg(feature = "limit")]
            inner: Some(match report.inner {
                Some(report) if report.is_read() => Source::Below(report),
                _ => Source::Own(Box::new(UsageReader::new(headers))),
            }),
        }
    }

    pub(super) fn read(&mut self, data: &[u8]) {
        #[cfg(feature = "limit")]
        if let Some(Source::Own(reader)) = &mut self.inner {
            reader.read(data);
        }
    }

    /// What the answer told so far.
    pub(super) fn told(&self) -> Option<Usage> {
        #[cfg(feature = "limit")]
        return match self.inner.as_ref()? {
            Source::Below(report) => report.told(),
            Source::Own(reader) => reader.told(),
        };
        #[cfg(not(feature = "limit"))]
        None
    }
}
