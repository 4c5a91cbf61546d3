//! The rules that hold now.

use std::sync::{Arc, PoisonError, RwLock};

use crate::{Budget, budgets::Budgets, config::Policy};

/// What a call goes by from its start to its end.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) policy: Policy,
    pub(crate) budgets: Option<Arc<Budgets>>,
}

/// The rules for calls that begin now.
#[derive(Debug)]
pub(crate) struct Live(RwLock<Arc<Rules>>);

impl Live {
    pub(crate) fn new(policy: Policy, budget: Option<Budget>) -> Self {
        let budgets = budget.map(|rules| Arc::new(Budgets::new(rules)));
        Self(RwLock::new(Arc::new(Rules { policy, budgets })))
    }

    #[inline]
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Other rules from now on. Budgets stay as they are, unless theirs are others.
    pub(crate) fn set(&self, policy: Policy, budget: Option<Budget>) {
        let mut place = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let budgets = budget.map(|rules| match &place.budgets {
            Some(budgets) if *budgets.rules() == rules => budgets.clone(),
            _ => Arc::new(Budgets::new(rules)),
        });
        *place = Arc::new(Rules { policy, budgets });
    }
}
