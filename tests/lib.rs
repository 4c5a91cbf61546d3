//! Holds the tests together; see the folders beside this file. The README's examples are run as this
//! crate's own.
#![cfg_attr(doctest, doc = include_str!("../README.md"))]

use std::{env, process::Command};

/// Cargo without the variables that describe the package under test. They make build scripts run again.
#[must_use]
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let package =
        |name: &String| name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_PKG_");
    for name in names.filter(package) {
        cargo.env_remove(name);
    }
    cargo
}
