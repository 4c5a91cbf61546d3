//! Worlds can be repeated, are judged as `judge.rs` says, and the limiter does no more harm than it did.

mod harm;
mod judging;
mod repeated;
