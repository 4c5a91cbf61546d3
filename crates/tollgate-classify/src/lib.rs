//! Tells what an LLM provider's answer means.

mod classifier;

pub use classifier::{Answer, Classifier};
