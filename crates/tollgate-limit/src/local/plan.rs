//! What was configured, for all keys and for some.

use tollgate_core::Target;

use super::waiting::Waiting;
use crate::{ConfigError, Limits};

/// The rules of every key, and how calls wait.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) rules: Limits,
    /// Later ones come first; a target with a model is more precise than one without.
    pub(crate) special: Vec<(Target, Limits)>,
    /// The part of every limit that is one's own.
    pub(crate) share: Option<f64>,
    /// Keys learn nothing. Stays as the layer was built.
    pub(crate) configured_only: bool,
    pub(crate) waiting: Waiting,
    /// New keys begin paused.
    pub(crate) paused: bool,
}

impl Plan {
    /// The rules of a key: those for exactly it, else those for its provider and account, else those
    /// for its provider, else those for all. And the target that they are written for.
    pub(crate) fn rules(&self, target: &Target) -> (Option<&Target>, &Limits) {
        let of = |fits: &dyn Fn(&Target) -> bool| {
            let mut special = self.special.iter().rev();
            let found = special.find(|(named, _)| fits(named));
            found.map(|(named, rules)| (Some(named), rules))
        };
        let provider =
            |named: &Target| named.provider() == target.provider() && named.model().is_none();
        of(&|named| named == target)
            .or_else(|| of(&|named| provider(named) && named.account() == target.account()))
            .or_else(|| of(&|named| provider(named) && named.account().is_none()))
            .unwrap_or((None, &self.rules))
    }

    /// Other rules for all keys, or for some.
    ///
    /// # Errors
    ///
    /// When they make no sense; nothing has changed then.
    pub(crate) fn set(
        &mut self,
        target: Option<&Target>,
        rules: Limits,
    ) -> Result<(), ConfigError> {
        let rules = rules.share(self.share);
        rules.check()?;
        let Some(target) = target else {
            self.rules = rules;
            return Ok(());
        };
        self.special.retain(|(named, _)| named != target);
        self.special.push((target.clone(), rules));
        Ok(())
    }
}
