//! The gateway over real sockets: one connection at a time, and with an SDK.

mod answer;
mod errors;
mod hand;
mod kit;
mod load;
mod models;
mod pair;
mod refusals;
mod sdk;
mod shutdown;
mod sizes;
mod streams;
