//! Describes a provider.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tollgate_core::Usage;

use super::{
    Headers, Neighbour, Provider, Shared,
    config::{Config, Spread},
};
use crate::{Answer, Asked, Dialect, Fault, Quota, fault::Script};

/// Describes a [`Provider`]: made by [`Provider::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing before `build`"]
pub struct ProviderBuilder {
    config: Config,
}

impl ProviderBuilder {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            config: Config {
                dialect,
                quotas: Vec::new(),
                neighbours: Vec::new(),
                models: Vec::new(),
                latency: Spread::default(),
                travel: Spread::default(),
                pace: Duration::ZERO,
                headers: Headers::Dialect,
                script: Script::default(),
                text: "All clear at the gate.".into(),
                usage: None,
                edit: None,
                key: None,
                context: None,
                reserve: false,
                free_cache: false,
                wall: None,
                seed: 0,
            },
        }
    }

    /// Adds a limit. A call must fit all of them, or none counts it.
    pub fn quota(mut self, quota: Quota) -> Self {
        self.config.quotas.push(quota);
        self
    }

    /// Adds somebody else who uses the same limits.
    pub fn neighbour(mut self, neighbour: Neighbour) -> Self {
        self.config.neighbours.push(neighbour);
        self
    }

    /// Says how exact the quota headers are; as the dialect has them unless set.
    pub fn headers(mut self, headers: Headers) -> Self {
        self.config.headers = headers;
        self
    }

    /// Names the models there are; a call of another is answered with "not found". Without any,
    /// every model is there.
    pub fn models<M: Into<Box<str>>>(mut self, models: impl IntoIterator<Item = M>) -> Self {
        self.config
            .models
            .extend(models.into_iter().map(Into::into));
        self
    }

    /// How long the head of a success takes, from `mean - jitter` to `mean + jitter`. Errors do not
    /// take that time. Zero unless set.
    pub fn latency(mut self, mean: Duration, jitter: Duration) -> Self {
        self.config.latency = Spread { mean, jitter };
        self
    }

    /// How long a request and an answer are under way, each, from `mean - jitter` to
    /// `mean + jitter`: calls sent together then arrive in another order. Zero unless set.
    pub fn travel(mut self, mean: Duration, jitter: Duration) -> Self {
        self.config.travel = Spread { mean, jitter };
        self
    }

    /// The pause before each event of a stream but the first. Zero unless set.
    pub fn pace(mut self, pause: Duration) -> Self {
        self.config.pace = pause;
        self
    }

    /// Adds a fault. The first that strikes a call is the one it gets.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.config.script.push(fault);
        self
    }

    /// Adds faults that strike one call each: the first the first call, and so on.
    /// [`Fault::none`] lets a call through. Faults with a number of their own keep it.
    pub fn script(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.config.script.sequence(faults);
        self
    }

    /// Answers the first calls with these, one each, in turn.
    pub fn answers(self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.script(answers.into_iter().map(Fault::answer))
    }

    /// Sets the text of successes.
    pub fn text(mut self, text: impl Into<Box<str>>) -> Self {
        self.config.text = text.into();
        self
    }

    /// Says what a call uses. Without it: a quarter of the letters of the prompt, and one token for
    /// each word of the answer.
    pub fn usage(mut self, usage: impl Fn(&Asked) -> Usage + Send + Sync + 'static) -> Self {
        self.config.usage = Some(Arc::new(usage));
        self
    }

    /// Charges the prompt and the longest answer allowed (`max_tokens`) when a call arrives, and
    /// gives back the rest when it ends. Without it the prompt is charged when a call arrives, and
    /// the answer when it ends, even beyond a limit.
    pub fn reserve_output(mut self) -> Self {
        self.config.reserve = true;
        self
    }

    /// Does not charge the tokens of a prompt that come out of a cache ([`Usage::cached`]), as
    /// Anthropic does not. Without it they are charged like all others.
    pub fn free_cache_reads(mut self) -> Self {
        self.config.free_cache = true;
        self
    }

    /// Changes each answer before it is sent: headers that lie, for instance.
    pub fn edit(mut self, edit: impl Fn(&Asked, Answer) -> Answer + Send + Sync + 'static) -> Self {
        self.config.edit = Some(Arc::new(edit));
        self
    }

    /// Answers calls that do not carry this key with "unauthorized".
    pub fn key(mut self, key: impl Into<Box<str>>) -> Self {
        self.config.key = Some(key.into());
        self
    }

    /// Answers prompts of more than `most` tokens with "context too long".
    pub fn context(mut self, most: u64) -> Self {
        self.config.context = Some(most);
        self
    }

    /// The time of day of the first call; it then moves with tokio's clock. The machine's own unless
    /// set.
    pub fn starts_at(mut self, time: SystemTime) -> Self {
        self.config.wall = Some(time);
        self
    }

    /// The seed of everything that is drawn; 0 unless set.
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// The provider, with all counts at zero.
    #[must_use]
    pub fn build(self) -> Provider {
        Provider {
            shared: Arc::new(Shared::new(self.config)),
        }
    }
}

impl fmt::Debug for ProviderBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderBuilder")
            .field("dialect", &self.config.dialect)
            .field("quotas", &self.config.quotas)
            .finish_non_exhaustive()
    }
}
