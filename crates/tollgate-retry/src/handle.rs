//! A look at the budgets from outside.

use std::sync::Arc;

use tokio::time::Instant;

use crate::budgets::Budgets;

/// Shows the retry budgets of a layer, host by host. Clones show the same.
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
    budgets: Option<Arc<Budgets>>,
}

impl Handle {
    pub(crate) const fn new(budgets: Option<Arc<Budgets>>) -> Self {
        Self { budgets }
    }

    /// The tokens left for a host (or for the provider named in a call's target), zero to the size
    /// of the budget; `None` if the layer has no budget.
    #[must_use]
    pub fn budget(&self, host: &str) -> Option<f64> {
        let budgets = self.budgets.as_ref()?;
        let host = host.to_ascii_lowercase();
        Some(budgets.left(&host, Instant::now()))
    }

    /// The hosts whose budget is not full, each with the tokens left, in no order.
    #[must_use]
    pub fn budgets(&self) -> Vec<(Arc<str>, f64)> {
        let budgets = self.budgets.as_ref();
        budgets.map_or_else(Vec::new, |budgets| budgets.snapshot(Instant::now()))
    }
}
