//! The layer around services that answer in every framing, at every pace.

mod api;
mod builtin;
mod events;
mod framing;
mod harmless;
mod late;
mod origin;
mod pace;
mod property;
mod quota;
mod service;
mod stream;
mod success;
mod support;
