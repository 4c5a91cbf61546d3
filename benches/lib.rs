//! Measures what a service costs per call: allocations, instructions and time.
//!
//! Allocations and instructions are exact and repeat from run to run; times on a shared machine are
//! not, so the least of several rounds is shown, and only ratios within one run mean anything.

mod callgrind;
mod measure;
mod mock;
mod report;

pub use measure::{Figures, Row};
pub use mock::{Mock, request};
pub use report::run;
