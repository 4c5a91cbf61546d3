//! What the sections `targets`, `routes` and `router` say.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    limit::Limits,
    units::{maybe_time, time},
};
use crate::route::{self, strategy};

/// A model of a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Target {
    /// The name of a provider of this file; must be said.
    pub provider: String,
    /// The model; without one, whatever model a call asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its share where a tier goes by weights, zero or more; 1 unless set.
    pub weight: f64,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// The most tokens it takes, prompt and answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// How often it is asked before a call goes on; once unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
    /// How long a call may wait for it while another healthy target is left; not at all unless set.
    #[serde(with = "time")]
    pub wait_budget: Duration,
    /// Its own limits, with each account of its provider, instead of those of the provider and of all.
    #[serde(skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
}

/// What a model costs, per million tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Price {
    /// Tokens of the prompt, zero or more.
    pub input: f64,
    /// Tokens of the answer, zero or more.
    pub output: f64,
}

/// How often a target is asked by one call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Tries {
    /// How often, 1 to 10.
    pub most: u32,
    /// After how long the second time, above zero and at most an hour; then it doubles.
    #[serde(with = "time")]
    pub base: Duration,
}

/// Targets a call may go to, in tiers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Route {
    /// The name that calls choose it by; must be said. The first route is for calls that choose none.
    pub name: String,
    /// Names of targets of this file: a first tier, tried in this order.
    pub targets: Vec<String>,
    /// Further tiers, each tried when nothing of the one before will do.
    pub tiers: Vec<Tier>,
    /// The name of a route that goes on where this one ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<String>,
}

/// Targets among which a strategy chooses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Tier {
    /// How it chooses; by order unless set.
    pub strategy: Strategy,
    /// Names of targets of this file.
    pub targets: Vec<String>,
    /// For `fastest`: the part of calls that goes to a target drawn by chance, 0 to 1; 0.05 unless set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explore: Option<f64>,
}

/// How a tier chooses among its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Strategy {
    /// In the order written down.
    #[default]
    Ordered,
    /// By chance, in proportion to the weights.
    Weighted,
    /// Who has most left of its limits.
    LeastLoaded,
    /// Who answers fastest.
    Fastest,
    /// Who costs least.
    Cheapest,
    /// What belongs together goes to one target: by the affinity of calls, else by `prompt_cache_key` or
    /// `user` of their body.
    Sticky,
}

/// What holds for all routes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Router {
    /// How long a call may wait for a target to return, at most 24 h; `None` (`"off"`) unless set: what the
    /// deadline of a call allows, and 120 s for a call without one.
    #[serde(with = "maybe_time")]
    pub max_wait: Option<Duration>,
    /// How many targets a call is sent to at most, 1 to 16; 8 unless set.
    pub attempts: usize,
    /// What becomes of an answer that refuses the key; [`OnAuth::GoOn`] unless set.
    pub on_auth: OnAuth,
    /// Headers of a call that may pass to every target.
    pub keep_headers: Vec<String>,
    /// Parts of a call's query that may pass to every target although they look like a secret or are
    /// an `api-version`.
    pub keep_query: Vec<String>,
    /// Obeys `x-tollgate-route` and its like on calls, for callers that are trusted; off unless set.
    pub listen_to_headers: bool,
    /// Says in headers of each response who served it; off unless set.
    pub response_headers: bool,
}

/// What becomes of an answer that refuses the key (401, 403).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OnAuth {
    /// Another account of the provider is asked, then another provider.
    GoOn,
    /// It is handed up at once.
    Deliver,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            provider: String::new(),
            model: None,
            weight: 1.0,
            price: None,
            context: None,
            tries: None,
            wait_budget: Duration::ZERO,
            limits: Limits::default(),
        }
    }
}

impl Default for Router {
    fn default() -> Self {
        Self {
            max_wait: None,
            attempts: 8,
            on_auth: OnAuth::GoOn,
            keep_headers: Vec::new(),
            keep_query: Vec::new(),
            listen_to_headers: false,
            response_headers: false,
        }
    }
}

impl Target {
    /// The target as a router takes it.
    pub(super) fn build(&self, provider: &route::Provider) -> route::Endpoint {
        let mut endpoint = match &self.model {
            Some(model) => provider.model(model.clone()),
            None => provider.any_model(),
        };
        endpoint = endpoint.weight(self.weight).wait_budget(self.wait_budget);
        if let Some(price) = &self.price {
            endpoint = endpoint.price(route::Price::new(price.input, price.output));
        }
        if let Some(tokens) = self.context {
            endpoint = endpoint.context(tokens);
        }
        if let Some(tries) = &self.tries {
            endpoint = endpoint.tries(tries.most, tries.base);
        }
        endpoint
    }
}

impl Tier {
    /// Adds this tier to a route.
    pub(super) fn add_to(
        &self,
        route: route::Route,
        targets: Vec<route::Endpoint>,
    ) -> route::Route {
        match self.strategy {
            Strategy::Ordered => route.ordered(targets),
            Strategy::Weighted => route.tier(strategy::Weighted, targets),
            Strategy::LeastLoaded => route.tier(strategy::LeastLoaded, targets),
            Strategy::Cheapest => route.tier(strategy::Cheapest, targets),
            Strategy::Sticky => route.tier(strategy::Sticky, targets),
            Strategy::Fastest => {
                let fastest = self.explore.map(strategy::Fastest::explore);
                route.tier(fastest.unwrap_or_default(), targets)
            }
        }
    }

    /// What is wrong with it, and with which key.
    pub(super) fn flaw(&self) -> Option<(&'static str, &'static str)> {
        match self.explore {
            None => None,
            Some(_) if self.strategy != Strategy::Fastest => {
                Some(("explore", "says nothing unless strategy = \"fastest\""))
            }
            Some(part) if !(0.0..=1.0).contains(&part) => Some(("explore", "must be from 0 to 1")),
            Some(_) => None,
        }
    }
}

impl Router {
    /// Puts the settings into a builder that has the routes.
    pub(super) fn set(&self, builder: route::Builder) -> route::Builder {
        let mut builder = builder.attempts(self.attempts);
        if let Some(wait) = self.max_wait {
            builder = builder.max_wait(wait);
        }
        for name in &self.keep_headers {
            builder = builder.keep_header(name.clone());
        }
        for name in &self.keep_query {
            builder = builder.keep_query(name.as_str());
        }
        if self.on_auth == OnAuth::Deliver {
            builder = builder.deliver_auth();
        }
        if self.listen_to_headers {
            builder = builder.listen_to_headers();
        }
        if self.response_headers {
            builder = builder.response_headers();
        }
        builder
    }
}
