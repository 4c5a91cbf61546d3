//! The account of one key: what it admits, when, and what it shows.

mod exact;
mod paces;
mod properties;
mod share;
mod spared;
mod untold;
mod view;
