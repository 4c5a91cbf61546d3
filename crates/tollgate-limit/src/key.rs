//! What calls are counted by.

use std::{
    hash::{Hash, Hasher},
    ptr,
};

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
#[derive(Debug, Clone, Copy)]
pub struct KeyRef<'a> {
    provider: &'a str,
    model: Option<&'a str>,
    account: Option<&'a str>,
    /// The target that it is, where there is one: so that names are shared rather than copied.
    whole: Option<&'a Target>,
}

impl<'a> KeyRef<'a> {
    /// A key from its parts.
    #[must_use]
    pub const fn new(provider: &'a str, model: Option<&'a str>, account: Option<&'a str>) -> Self {
        Self {
            provider,
            model,
            account,
            whole: None,
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
        if let Some(target) = self.whole {
            return target.clone();
        }
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
        Self {
            whole: Some(target),
            ..Self::new(target.provider(), target.model(), target.account())
        }
    }
}

impl PartialEq for KeyRef<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        same(self.provider, other.provider)
            && both(self.model, other.model)
            && both(self.account, other.account)
    }
}

impl Eq for KeyRef<'_> {}

impl Hash for KeyRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.provider.hash(state);
        self.model.hash(state);
        self.account.hash(state);
    }
}

/// Most are clones of one name.
#[inline]
fn same(a: &str, b: &str) -> bool {
    ptr::eq(a, b) || a == b
}

#[inline]
fn both(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => true,
        _ => false,
    }
}
