//! What an answer says that its call took, read once for all who want to know.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use crate::Usage;

/// Hands up what a layer below reads out of the body of an answer, so that a layer above need not read
/// the body once more.
///
/// A layer that wants to know puts one into the [`Call`](crate::Call); the limiter of tollgate, where it
/// reads the body, tells it.
///
/// # Sharing
///
/// Clones are the same report.
///
/// # Examples
///
/// ```
/// use tollgate_core::{Call, Usage, UsageReport};
///
/// let report = UsageReport::default();
/// let call = Call::new().with_usage_report(report.clone());
/// // Below, where a body begins, tells, and ends:
/// let below = call.usage_report().expect("somebody asks");
/// below.begin();
/// assert!(report.is_read());
/// below.tell(Usage::new(12, 2));
/// below.end();
/// assert_eq!(report.told(), Some(Usage::new(12, 2)));
/// ```
#[derive(Debug, Clone, Default)]
pub struct UsageReport(Arc<Report>);

#[derive(Debug, Default)]
struct Report {
    readers: AtomicUsize,
    told: Mutex<Option<Usage>>,
}

impl UsageReport {
    /// Marks that a reader of the body will report its usage here.
    pub fn begin(&self) {
        *self.lock() = None;
        self.0.readers.fetch_add(1, Ordering::Relaxed);
    }

    /// That body is over.
    pub fn end(&self) {
        self.0.readers.fetch_sub(1, Ordering::Relaxed);
    }

    /// What the answer says so far. The last one stays.
    pub fn tell(&self, usage: Usage) {
        *self.lock() = Some(usage);
    }

    /// A body is being read.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.0.readers.load(Ordering::Relaxed) > 0
    }

    /// What the last answer that was read said; `None` where it did not.
    #[must_use]
    pub fn told(&self) -> Option<Usage> {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Usage>> {
        // A number is never half written.
        self.0.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Equal where they are the same one.
impl PartialEq for UsageReport {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for UsageReport {}
