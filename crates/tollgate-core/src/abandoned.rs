//! How the layer around a client tells of attempts whose caller left.

use tokio::time::Instant;

use crate::Target;

/// Whoever wants to hear of attempts that were dropped before any answer came.
///
/// A provider that hangs is left by the deadlines of its callers, and by callers who do not wait any
/// longer. The layers above see nothing then but a future that is dropped, and not whether the call was
/// sent or still queued. The layer of the time limits, directly around the client, sees that, and tells
/// the handles of a breaker and a router.
pub trait Abandoned: Send + Sync {
    /// An attempt at `target` that was sent at `sent` was dropped just now, before its head came. Called
    /// from a drop, without a lock: must neither block nor panic.
    fn abandoned(&self, target: &Target, sent: Instant);
}

impl<T: Abandoned + ?Sized> Abandoned for std::sync::Arc<T> {
    fn abandoned(&self, target: &Target, sent: Instant) {
        (**self).abandoned(target, sent);
    }
}
