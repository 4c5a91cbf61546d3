//! What becomes of an event stream after its head.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use crate::Classification;

/// What an event stream turned out to be, while and after it passes.
///
/// The head of a stream says that the provider has begun to answer, not that it finishes: an error may
/// come as an event after the first one. The classifier reads the events as they pass and writes here
/// what it finds. Layers above take a clone from the [`Note`](crate::Note) of the response and look at it
/// after each frame.
///
/// Clones share one report. Writing and reading take no lock.
///
/// # Examples
///
/// ```
/// use tollgate_core::{Class, Classification, StreamReport};
///
/// let report = StreamReport::default();
/// let reader = report.clone();
/// report.count_event();
/// assert_eq!((reader.events(), reader.error()), (1, None));
/// report.fail(Classification::new(Class::Overloaded));
/// assert_eq!(reader.error().map(Classification::class), Some(Class::Overloaded));
/// ```
#[derive(Debug, Clone, Default)]
pub struct StreamReport(Arc<Report>);

#[derive(Debug, Default)]
struct Report {
    events: AtomicU64,
    progress: AtomicU64,
    has_begun: AtomicBool,
    error: OnceLock<Classification>,
}

impl StreamReport {
    /// How many events have passed so far. Comments and keep-alives are not events.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.0.events.load(Ordering::Relaxed)
    }

    /// A number that grows with each frame that shows that the provider is at work: one with an event, a
    /// keep-alive, or a part of an event. Comments alone do not.
    #[must_use]
    pub fn progress(&self) -> u64 {
        self.0.progress.load(Ordering::Relaxed)
    }

    /// Whether an event, or a part of one, has passed.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.has_begun.load(Ordering::Relaxed)
    }

    /// The first error event, once it has passed.
    #[must_use]
    pub fn error(&self) -> Option<&Classification> {
        self.0.error.get()
    }

    /// Counts an event.
    pub fn count_event(&self) {
        self.0.events.fetch_add(1, Ordering::Relaxed);
        self.count_part();
    }

    /// Counts a part of an event that is not complete.
    pub fn count_part(&self) {
        self.0.has_begun.store(true, Ordering::Relaxed);
        self.count_keep_alive();
    }

    /// Counts a keep-alive.
    pub fn count_keep_alive(&self) {
        self.0.progress.fetch_add(1, Ordering::Relaxed);
    }

    /// Records an error event. Only the first one is kept.
    pub fn fail(&self, error: Classification) {
        let _ = self.0.error.set(error);
    }
}

/// Two reports are equal if they are of the same stream.
impl PartialEq for StreamReport {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for StreamReport {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;

    #[test]
    fn the_first_error_stays() {
        let report = StreamReport::default();
        let same = report.clone();
        report.fail(Classification::new(Class::ServerError));
        same.fail(Classification::new(Class::RateLimited));
        let error = report.error().map(Classification::class);
        assert_eq!(error, Some(Class::ServerError));
        assert_eq!(report, same);
        assert_ne!(report, StreamReport::default());
    }
}
