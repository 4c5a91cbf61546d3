//! What the layers below tell the layers above.

use std::time::Duration;

use http::Response;

use crate::{Classification, Quota, StreamReport};

/// The one response extension: what a response means, what it says about limits, how long the call was
/// held before it was sent, and for how long the next one would be.
///
/// Absent on a plain success that is no event stream, says nothing about limits and was not held: then
/// judge by the status. (Every first insert into `http::Extensions` allocates three times, so an ordinary
/// success gets none.)
///
/// # Examples
///
/// ```
/// use http::Response;
/// use tollgate_core::{Class, Classification, Note};
///
/// let mut response = Response::new(());
/// Note::update(&mut response, |note| {
///     note.set_classification(Classification::new(Class::Overloaded));
/// });
/// let note = Note::of(&response).expect("just written");
/// assert_eq!(note.classification().unwrap().class(), Class::Overloaded);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    classification: Option<Classification>,
    quota: Quota,
    queued: Option<Duration>,
    gated: Option<Duration>,
    stream: Option<StreamReport>,
}

impl Note {
    /// The note on a response, if there is one.
    #[must_use]
    pub fn of<B>(response: &Response<B>) -> Option<&Self> {
        response.extensions().get()
    }

    /// Changes the note on a response, adding one where there is none.
    pub fn update<B>(response: &mut Response<B>, change: impl FnOnce(&mut Self)) {
        change(response.extensions_mut().get_or_insert_default());
    }

    /// What the response means. `None` on a success.
    #[must_use]
    pub const fn classification(&self) -> Option<&Classification> {
        self.classification.as_ref()
    }

    /// What the response says about limits; empty where it says nothing.
    #[must_use]
    pub const fn quota(&self) -> &Quota {
        &self.quota
    }

    /// How long a limiter held the call before it was sent. This time is nobody's slowness.
    #[must_use]
    pub const fn queued(&self) -> Option<Duration> {
        self.queued
    }

    /// How long a limiter below holds calls like this one back, where that covers the wait that this
    /// response states. A retry that is sent at once waits in that limiter's queue, in its turn, and is
    /// not earlier than stated.
    #[must_use]
    pub const fn gated(&self) -> Option<Duration> {
        self.gated
    }

    /// What becomes of the event stream that the body is; `None` where it is none, or nobody reads it.
    #[must_use]
    pub const fn stream(&self) -> Option<&StreamReport> {
        self.stream.as_ref()
    }

    /// Says what the response means.
    pub fn set_classification(&mut self, seen: Classification) {
        self.classification = Some(seen);
    }

    /// Says what the response says about limits.
    pub fn set_quota(&mut self, quota: Quota) {
        self.quota = quota;
    }

    /// Says how long the call was held.
    pub fn set_queued(&mut self, held: Duration) {
        self.queued = Some(held);
    }

    /// Says for how long, from now, a limiter below holds calls like this one back: at least for the
    /// wait that the response states.
    pub fn set_gated(&mut self, wait: Duration) {
        self.gated = Some(wait);
    }

    /// Says where the events of the body are reported.
    pub fn set_stream(&mut self, report: StreamReport) {
        self.stream = Some(report);
    }
}
