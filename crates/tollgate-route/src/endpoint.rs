//! One target of a route, with what is known about it.

use std::{sync::Arc, time::Duration};

use tollgate_core::Cost;

use crate::Provider;

/// What a model costs, per million tokens, in whatever currency all prices here are in.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Price {
    /// Per million tokens of the prompt; zero or more.
    pub input: f64,
    /// Per million tokens of the answer; zero or more.
    pub output: f64,
}

impl Price {
    /// Per million tokens of the prompt and of the answer.
    #[must_use]
    pub const fn new(input: f64, output: f64) -> Self {
        Self { input, output }
    }

    /// What a call costs.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "money is not counted to 16 digits"
    )]
    pub fn of(&self, cost: &Cost) -> f64 {
        let (input, output) = (cost.input_tokens() as f64, cost.output_tokens() as f64);
        (input * self.input + output * self.output) / 1e6
    }
}

/// A model of a provider as a target of a route; made by [`Provider::model`].
///
/// Where the provider has several accounts it stands for one target per account, in their order.
///
/// # Examples
///
/// ```
/// use tollgate_route::{Price, provider::preset};
///
/// let groq = preset::groq().key("gsk_not_a_real_key");
/// let small = groq.model("llama-3.1-8b-instant").context(131_072).price(Price::new(0.05, 0.08));
/// # let _ = small;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Endpoint {
    pub(crate) provider: Provider,
    pub(crate) model: Option<Arc<str>>,
    pub(crate) weight: f64,
    pub(crate) price: Option<Price>,
    pub(crate) context: Option<u64>,
    pub(crate) wait_budget: Option<Duration>,
    pub(crate) tries: (u32, Duration),
}

impl Endpoint {
    pub(crate) const fn new(provider: Provider, model: Option<Arc<str>>) -> Self {
        Self {
            provider,
            model,
            weight: 1.0,
            price: None,
            context: None,
            wait_budget: None,
            tries: (1, Duration::ZERO),
        }
    }

    /// Its share where a strategy goes by weights: zero or more, finite; 1 unless set. With zero it
    /// is used only when nothing else is left.
    pub const fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// What it costs. Without it, a strategy that goes by price tries it last.
    pub const fn price(mut self, price: Price) -> Self {
        self.price = Some(price);
        self
    }

    /// The most tokens it takes, prompt and answer together. A call that is too long for one target
    /// goes on only to a target for which more is declared.
    pub const fn context(mut self, tokens: u64) -> Self {
        self.context = Some(tokens);
        self
    }

    /// Asks it up to so many times, 1 to 10, before the call goes on: after `base`, above zero and at
    /// most an hour, then after twice that, and so on. Only where the same call may succeed there, and
    /// only where it does not say to wait for longer. 1 unless set.
    pub const fn tries(mut self, most: u32, base: Duration) -> Self {
        self.tries = (most, base);
        self
    }

    /// How long the layers below may sleep and queue for this target while another healthy one is
    /// left; zero unless set.
    pub const fn wait_budget(mut self, time: Duration) -> Self {
        self.wait_budget = Some(time);
        self
    }
}
