//! How close to a provider's limit a client gets that only follows the ledger: the yardstick, in a
//! simulated world.

mod provider;
mod rows;
mod scenario;
mod world;
