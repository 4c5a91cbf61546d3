//! The gateway over real sockets: one connection at a time, and with an SDK.

mod answer;
mod calls;
mod errors;
mod hand;
mod kit;
mod leaving;
mod load;
mod models;
mod pair;
mod refusals;
mod sdk;
mod settings;
mod shutdown;
mod sizes;
mod state;
mod streams;
