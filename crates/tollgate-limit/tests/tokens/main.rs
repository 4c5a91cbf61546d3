//! Tokens through the layer: reserved when a call goes, settled when its answer is over.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]

mod learned;
mod settled;
mod support;
