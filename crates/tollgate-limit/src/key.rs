//! What calls are counted by.

use tollgate_core::Target;

/// A [`Target`] that need not exist: what a limiter looks for in its map without an allocation.
///
/// # Examples
///
/// ```
/// use tollgate_core::Target;
/// use tollgate_limit::KeyRef;
///
/// let target = Target::new("groq", "llama-3.1-8b-instant");
/// let key = KeyRef::new("groq", Some("llama-3.1-8b-instant"), None);
/// assert_eq!(key, KeyRef::from(&target));
/// assert_eq!(key.to_target(), target);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyRef<'a> {
    provider: &'a str,
    model: Option<&'a str>,
    account: Option<&'a str>,
}

impl<'a> KeyRef<'a> {
    /// A key from its parts.
    #[must_use]
    pub const fn new(provider: &'a str, model: Option<&'a str>, account: Option<&'a str>) -> Self {
        Self {
            provider,
            model,
            account,
        }
    }

    /// The provider, or the host.
    #[must_use]
    pub const fn provider(&self) -> &'a str {
        self.provider
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> Option<&'a str> {
        self.model
    }

    /// The alias of the account.
    #[must_use]
    pub const fn account(&self) -> Option<&'a str> {
        self.account
    }

    /// The target it stands for.
    #[must_use]
    pub fn to_target(&self) -> Target {
        let target = match self.model {
            Some(model) => Target::new(self.provider, model),
            None => Target::provider_only(self.provider),
        };
        match self.account {
            Some(account) => target.with_account(account),
            None => target,
        }
    }
}

impl<'a> From<&'a Target> for KeyRef<'a> {
    fn from(target: &'a Target) -> Self {
        Self::new(target.provider(), target.model(), target.account())
    }
}
