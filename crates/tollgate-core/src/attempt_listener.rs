//! How the layer around a client reports attempts whose end no response head shows.

use tokio::time::Instant;

use crate::{Classification, Target};

/// Receives what becomes of attempts where no response head shows it.
///
/// A caller that waits no longer drops the future of its call, and a provider that fails in the middle of a
/// stream has already returned a 200. The layers above see neither whether a dropped call was sent or still
/// queued, nor what a stream carries. The layer of the time limits, directly around the client, sees both,
/// and calls the handles of a breaker and a router.
///
/// Both methods are called without a lock: they must neither block nor panic.
pub trait AttemptListener: Send + Sync {
    /// An attempt at `target` that was sent at `sent` was dropped just now, before its head came. Called
    /// from a drop.
    fn abandoned(&self, target: &Target, sent: Instant);

    /// A stream of `target` carried this error event after it had begun well. Does nothing unless
    /// implemented.
    fn stream_failed(&self, target: &Target, error: &Classification) {
        let _ = (target, error);
    }
}

impl<T: AttemptListener + ?Sized> AttemptListener for std::sync::Arc<T> {
    fn abandoned(&self, target: &Target, sent: Instant) {
        (**self).abandoned(target, sent);
    }

    fn stream_failed(&self, target: &Target, error: &Classification) {
        (**self).stream_failed(target, error);
    }
}
