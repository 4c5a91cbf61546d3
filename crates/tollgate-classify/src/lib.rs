//! Tells what an LLM provider's answer means.

mod builtin;
mod classifier;

pub use builtin::Builtin;
pub use classifier::{Answer, Classifier};
