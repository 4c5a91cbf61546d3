//! What a call will cost, guessed before it is sent.

mod cache;
mod expected;
mod learned;
mod plain;

use tollgate_core::Cost;

use crate::Outgoing;

pub use expected::Expected;
pub use learned::Learned;
pub use plain::BytesPerToken;

/// Guesses what a call will take out of the limits.
///
/// The guess is a plain one: the limiter itself corrects the tokens of the prompt by the ratio it
/// learned from what answers told, for each key apart. A cost set on the
/// [`Call`](tollgate_core::Call) comes first, and is taken as it is.
///
/// Asked without a lock, once for each call; be quick. Closures are estimators too.
///
/// # Examples
///
/// The default reserves as much as the request allows the answer to have, unless the provider is
/// known to count what is written. For a server of one's own that does:
///
/// ```
/// use tollgate_core::Cost;
/// use tollgate_limit::{BytesPerToken, Estimate, Learned, Outgoing};
///
/// fn check(_: impl Estimate) {}
/// check(|request: &Outgoing<'_>, learned: &Learned| {
///     let cost = BytesPerToken::new().estimate(request, learned);
///     let usual = learned.output().unwrap_or(500);
///     cost.with_output_tokens(cost.output_tokens().min(usual))
/// });
/// ```
pub trait Estimate {
    /// What this request will cost.
    fn estimate(&self, request: &Outgoing<'_>, learned: &Learned) -> Cost;
}

impl<F: Fn(&Outgoing<'_>, &Learned) -> Cost> Estimate for F {
    fn estimate(&self, request: &Outgoing<'_>, learned: &Learned) -> Cost {
        self(request, learned)
    }
}

#[cfg(test)]
mod tests;
