//! Falls back: a call that one LLM provider or model refuses is answered by the next best one.

mod attempt;
mod builder;
mod config;
mod cooldown;
mod decide;
mod endpoint;
mod event;
mod exhausted;
mod handle;
mod layer;
mod outcomes;
mod preference;
mod rewrite;
mod route;
mod run;
mod secret;
mod service;
mod site;
mod state;
mod table;
mod text;
mod wire;

pub mod future;
pub mod provider;
pub mod strategy;

pub use attempt::{Attempt, Served};
pub use builder::Builder;
pub use config::{ConfigError, Flaw};
pub use endpoint::{Endpoint, Price};
pub use event::Event;
pub use exhausted::Exhausted;
pub use handle::{Cooldown, Handle, Snapshot};
pub use layer::RouteLayer;
pub use outcomes::Outcome;
pub use preference::Preference;
pub use provider::{Auth, LimitScope, Provider};
pub use rewrite::{BadBody, BadRequest};
pub use route::Route;
pub use run::NoRoute;
pub use secret::{MissingKey, Secret};
pub use service::Router;
pub use wire::{Place, Wire};
