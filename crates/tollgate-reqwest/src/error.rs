//! reqwest's errors, as the layers understand them.

use std::{error::Error, fmt, io};

use reqwest::Url;
use tollgate_core::{BoxError, find_error};

/// What reqwest said, wherever it is in a chain of errors.
///
/// # Examples
///
/// ```
/// use tollgate_reqwest::reqwest_error;
///
/// let unreachable = reqwest::Client::new().get("http://").build().unwrap_err();
/// let found = reqwest_error(&unreachable).expect("it is one");
/// assert!(found.is_builder());
/// ```
#[must_use]
pub fn reqwest_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a reqwest::Error> {
    find_error(error)
}

/// Boxes an error so that a time-out is seen to be one by those who do not know reqwest.
pub(crate) fn boxed(mut error: reqwest::Error) -> BoxError {
    if let Some(url) = error.url_mut() {
        *url = without_secrets(url.clone());
    }
    if error.is_timeout() {
        io::Error::new(io::ErrorKind::TimedOut, Late(error)).into()
    } else {
        error.into()
    }
}

/// Without what may be a key: the query, a user name and a password.
pub(crate) fn without_secrets(mut url: Url) -> Url {
    url.set_query(None);
    // These fail only where an address can have neither.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// A time-out. A link of its own, so that the sources of the I/O error around it go on with what
/// reqwest said.
#[derive(Debug)]
struct Late(reqwest::Error);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer in time")
    }
}

impl Error for Late {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
