//! A look at the budgets from outside, and a hand on the settings.

use std::sync::Arc;

use tokio::time::Instant;
use tollgate_core::{Sleepers, Sleeping};

use crate::{Builder, ConfigError, live::Live};

/// Shows the retry budgets of a layer, host by host, and changes its settings. Clones show the same.
///
/// # Examples
///
/// ```
/// use tollgate_retry::RetryLayer;
///
/// let (layer, handle) = RetryLayer::builder().build_with_handle()?;
/// assert_eq!(handle.budget("api.groq.com"), Some(100.0));
/// assert!(handle.budgets().is_empty(), "all are full");
/// # let _ = layer;
/// # Ok::<_, tollgate_retry::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Handle {
    live: Arc<Live>,
    sleepers: Sleepers,
}

impl Handle {
    pub(crate) const fn new(live: Arc<Live>, sleepers: Sleepers) -> Self {
        Self { live, sleepers }
    }

    /// The calls that sleep before their next attempt: the host or provider, the class of the last result, and
    /// the end. With a [shared list](Builder::sleepers), as in a stack, the calls of all its layers.
    #[must_use]
    pub fn sleeping(&self) -> Vec<Sleeping> {
        self.sleepers.list()
    }

    /// Takes over all settings of a builder but its source of chance and its observer. A call that has
    /// begun goes on by the settings it began with. Budgets stay as they are; with other rules for them
    /// all begin full.
    ///
    /// # Errors
    ///
    /// As [`Builder::build`]; nothing has changed then.
    pub fn apply<O>(&self, builder: &Builder<O>) -> Result<(), ConfigError> {
        let (policy, budget) = builder.rules()?;
        self.live.set(policy, budget);
        Ok(())
    }

    /// The tokens left for a host (or for the provider named in a call's target), zero to the size
    /// of the budget; `None` if the layer has no budget.
    #[must_use]
    pub fn budget(&self, host: &str) -> Option<f64> {
        let rules = self.live.rules();
        let budgets = rules.budgets.as_ref()?;
        let host = host.to_ascii_lowercase();
        Some(budgets.left(&host, Instant::now()))
    }

    /// The hosts whose budget is not full, each with the tokens left, in no order.
    #[must_use]
    pub fn budgets(&self) -> Vec<(Arc<str>, f64)> {
        let rules = self.live.rules();
        let budgets = rules.budgets.as_ref();
        budgets.map_or_else(Vec::new, |budgets| budgets.snapshot(Instant::now()))
    }
}
