//! What a request asks for, what it is expected to take, and what its answer says it took.

mod estimate;
mod lenient;
mod outgoing;
mod usage;

pub use estimate::{BytesPerToken, Estimate, Expected, Learned};
pub use outgoing::Outgoing;
pub use usage::UsageReader;
