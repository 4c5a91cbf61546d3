//! Placeholder until the layer exists.
fn main() {}
