//! Follows an LLM provider's own count of what may still be sent.

mod account;
mod calendar;
mod charge;
mod drain;
mod gate;
mod gcra;
mod history;
mod learn;
mod ledger;
mod limit;
mod meter;
mod others;
mod pace;
mod ramp;
mod ticket;
mod time;

pub use account::Account;
pub use limit::{Limit, LimitError};
pub use ticket::{Admission, Ticket, TooLarge};
