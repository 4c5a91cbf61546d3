//! Tells what an LLM provider's answer means.

mod body;
mod builder;
mod builtin;
mod chain;
mod classifier;
mod error;
mod event;
mod layer;
mod origin;
mod peek;
mod plan;
mod scan;
mod service;
mod settings;
mod shared;

pub mod future;

pub use body::PeekBody;
pub use builder::ClassifyBuilder;
pub use builtin::Builtin;
pub use classifier::{Answer, Classifier};
pub use error::ConfigError;
pub use event::{Classified, Cut};
pub use layer::ClassifyLayer;
pub use service::Classify;
