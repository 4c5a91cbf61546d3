//! Tokens through the layer: reserved when a call goes, settled when its answer is over.

mod learned;
mod settled;
mod support;
