//! The error of a body that the caller breaks off.

use std::{error::Error, fmt};

use crate::BoxError;

/// The caller's own request body broke while it was sent: nobody else's fault.
///
/// A [`ReplayBody`](super::ReplayBody) marks the errors of the body it was made of with it, so that they
/// are known wherever they come back from a client: they are of class
/// [`InvalidRequest`](crate::Class::InvalidRequest), which a breaker does not count, retry does not
/// retry, and a router does not take to another target.
#[derive(Debug)]
pub struct UploadError(BoxError);

impl UploadError {
    pub(super) fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into())
    }

    /// What the body failed with.
    #[must_use]
    pub fn into_inner(self) -> BoxError {
        self.0
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request body broke while it was sent")
    }
}

impl Error for UploadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}
