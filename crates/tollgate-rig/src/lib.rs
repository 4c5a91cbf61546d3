//! rig over a tollgate stack.

mod client;
mod form;
mod read;

pub use client::RigClient;
