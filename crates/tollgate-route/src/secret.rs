//! A key that shows itself to nobody but the provider it is for.

use std::{env, error::Error, fmt, sync::Arc};

/// A key of a provider.
///
/// `Debug` shows that there is one, there is no `Display`, and nothing in this crate hands it out
/// again: it leaves only in the request to its own provider, in a header that is marked sensitive
/// (or in the query, where a provider wants it there).
///
/// # Examples
///
/// ```
/// use tollgate_route::Secret;
///
/// let key = Secret::new("gsk_not_a_real_key");
/// assert_eq!(format!("{key:?}"), "Secret(..)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// A key.
    #[must_use]
    pub fn new(key: impl Into<Arc<str>>) -> Self {
        Self(key.into())
    }

    /// The key in an environment variable, without the white space around it.
    ///
    /// # Errors
    ///
    /// [`MissingKey`] names the variable when it is not set, is empty, or is not text.
    pub fn from_env(variable: impl Into<String>) -> Result<Self, MissingKey> {
        let variable = variable.into();
        match env::var(&variable) {
            Ok(key) if !key.trim().is_empty() => Ok(Self::new(key.trim())),
            _ => Err(MissingKey { variable }),
        }
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(key: &str) -> Self {
        Self::new(key)
    }
}

impl From<String> for Secret {
    fn from(key: String) -> Self {
        Self::new(key)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// There is no key in an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingKey {
    pub(crate) variable: String,
}

impl MissingKey {
    /// The variable that was looked at; empty where a provider has none of its own.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }
}

impl fmt::Display for MissingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.variable.as_str() {
            "" => f.write_str("this provider has no usual environment variable for its key"),
            variable => write!(f, "the environment variable {variable} holds no key"),
        }
    }
}

impl Error for MissingKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_names_its_variable() {
        let error = Secret::from_env("TOLLGATE_NO_SUCH_KEY").expect_err("it is not set");
        assert_eq!(error.variable(), "TOLLGATE_NO_SUCH_KEY");
        let said = "the environment variable TOLLGATE_NO_SUCH_KEY holds no key";
        assert_eq!(error.to_string(), said);
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(
            format!("{:?}", Some(Secret::from("abc"))),
            "Some(Secret(..))"
        );
    }
}
