//! Follows an LLM provider's own count of what may still be sent.
//!
//! A provider counts calls and tokens, and turns away what is too much. A client that knew this count
//! would send exactly what is left, and nothing would be turned away. This crate works the count out:
//! from limits a person configured, from the headers of answers, and, where neither is there, from
//! rejections. It is pure arithmetic: no clock, no queue, no timer, no I/O.
//!
//! # Its place
//!
//! ```text
//! call ──▶ Account::admit ──▶ Admitted(ticket) ──▶ the provider
//!              │   ▲                                    │
//!    NotBefore(time) └── answer / reject / settle / finish / refund, with the ticket
//! ```
//!
//! An [`Account`] holds one count for each limit of a key and decides over all of them at once: a call
//! takes its requests and its tokens, or nothing. [`Limit`] states what is known beforehand; nothing
//! need be.
//!
//! # The interval rule
//!
//! An answer says `remaining: 41`. That was so at one moment on the way, and calls overtake each other.
//! Of one's own calls some were certainly counted after that moment, and some perhaps:
//!
//! ```text
//!   sent ───────●──────●───●──[ this call ]──●───●────────●────────●──▶ now
//!                          └── 60 ms ──┴── 60 ms ──┘
//!        counted before    │  perhaps counted after │  certainly counted after
//!
//!   low  = remaining - (certainly + perhaps)  + what came back since
//!   high = remaining -  certainly             + what came back since
//! ```
//!
//! The count lies between. Where one's own figure does too, it stays as it is: it is the better one.
//! Above `high` it is lowered at once, below `low` it is raised if the call is the newest. Taking
//! `remaining` at its word instead turns each overtaking into calls of strangers that never were.
//!
//! Tokens have a second uncertainty: some providers count the answer's tokens beforehand, some when it
//! is complete. What is reserved for open answers is taken off `low` and left in `high`.
//!
//! # Kinds of limits
//!
//! | kind | what was taken comes back | `reset` is |
//! |---|---|---|
//! | bucket | evenly, up to a burst | the time until it is full |
//! | window | all at once, at its end | that end |
//! | sliding log | each unit one period later | the next free slot |
//!
//! Each is wrong for the others: a bucket's pace wastes half of a window. A client starts with the
//! sliding log of its own calls, which keeps to all three, and goes on when answers have proven a kind:
//! a bucket's resets agree on a rate, a window's on an end. Rounding to whole seconds only widens the
//! bounds that must agree.
//!
//! # Where nothing is told
//!
//! Without quota headers, or when a rejection claims that enough remained, calls go at a pace that
//! doubles until one is turned away. A short wait is a bucket's: its rate is what was accepted between
//! two rejections. A long one is a window's: its size is what was accepted within a minute. Only
//! requests are found in this way, not tokens.
//!
//! # Rejections
//!
//! A rejection closes a gate for all calls, or for those that take what it names, for as long as was
//! asked; then one call tries, and the others follow when it was served or no rejection comes.
//! Rejections of calls sent before that say nothing new.
//!
//! Two kinds of waits are not believed in full at once:
//!
//! - *More than a minute* is a claim. The gate stays closed, but one call tests the claim: after a
//!   minute, and then whenever as long again has passed. No other call goes before its answer. If the
//!   test is turned away and names the same moment, it is a fact, and the gate stays closed until then.
//!   Rejections of one moment can not confirm each other: "in an hour" names another end each time.
//! - *A provider that sends hints only now and then* is believed for 5 s, or a quarter of the time
//!   waited so far. So is no hint at all, for 0.5 s at first and then twice as long, up to 15 s.
//!
//! A wait of more than a day is no hint.
//!
//! # Others
//!
//! Where counts show that others use the same key, something is left to them. Several processes of
//! one's own do better with [`Limit::share`].
//!
//! # How well it does
//!
//! `tests/goodput` simulates providers of every kind and asserts, for the worst of five seeds, how much
//! longer than possible a burst of calls takes and how many are turned away. A burst of 1,750 calls
//! against 600 a minute, limits unknown, takes at most 2.3 % longer than the optimum with headers and
//! none is turned away; without headers it takes at most 5 % longer and about 3 in 100 are.
//!
//! # Not here
//!
//! Calls at the same time ([`LimitKind::Concurrency`](tollgate_core::LimitKind::Concurrency)) are not
//! counted over time; a limiter counts its permits.

mod account;
mod body;
mod builder;
mod calendar;
mod charge;
mod config;
mod drain;
mod estimate;
mod event;
mod follow;
mod gate;
mod gcra;
mod handle;
mod history;
mod key;
mod layer;
mod learn;
mod ledger;
mod lenient;
mod limit;
mod limiter;
mod limits;
mod local;
mod meter;
mod others;
mod outgoing;
mod pace;
mod pass;
mod queue;
mod ramp;
mod service;
mod slots;
mod sync;
mod ticket;
mod time;
mod usage;

pub mod future;

pub use account::{Account, Change, Closed, Counts, Ignored, Standing, saved::Saved};
pub use body::PermitBody;
pub use builder::Builder;
pub use config::ConfigError;
pub use estimate::{BytesPerToken, Estimate, Expected, Learned};
pub use event::Event;
pub use handle::{Handle, KeyState, Snapshot};
pub use key::KeyRef;
pub use layer::LimitLayer;
pub use limit::{Limit, LimitError};
pub use limiter::{Admit, Ask, Limiter, Outcome, Permit};
pub use limits::Limits;
pub use local::{Local, LocalPermit, Place};
pub use outgoing::Outgoing;
pub use service::LimitService;
pub use ticket::{Admission, Ticket, TooLarge};
pub use usage::UsageReader;
