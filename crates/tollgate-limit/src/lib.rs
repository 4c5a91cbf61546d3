//! Sends calls as fast as a provider's limits allow, and hardly one that it would turn away.
//!
//! A provider counts calls and tokens, and turns away what is too much. A client that knew this count
//! would send exactly what is left, and nothing would be turned away. This layer works the count out:
//! from limits a person configured, from the headers of answers, and, where neither is there, from
//! rejections. Calls that may not go yet wait in a fair queue, inside their futures.
//!
//! ```text
//! request ─▶ retry ─▶ breaker ─▶ Limit ─▶ classify ─▶ client
//!                                 │ by target: reserve 1 request, the tokens expected, 1 place
//!                                 │ not yet: wait in order · not in time: Rejected, with the time
//!                                 │
//! response ◀──────────────────────┤ head: what it says of limits; a rejection holds calls back
//!          ◀──────────────────────┘ last byte of the body: settle with what was used
//! ```
//!
//! # Examples
//!
//! ```
//! use std::{convert::Infallible, time::Duration};
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tokio::time::Instant;
//! use tollgate_limit::{Limit, LimitLayer};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let provider = service_fn(|_: Request<Full<Bytes>>| async {
//!     Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("hello"))))
//! });
//!
//! let minute = Duration::from_secs(60);
//! let layer = LimitLayer::builder()
//!     .limit(Limit::requests(60, minute).fixed())
//!     .max_wait(2 * minute)
//!     .build()?;
//! let client = layer.layer(provider);
//!
//! let start = Instant::now();
//! for _ in 0..61 {
//!     client.clone().oneshot(Request::new(Full::default())).await?;
//! }
//! assert!(start.elapsed() >= minute, "the last one waited for the next window");
//! # Ok(())
//! # }
//! ```
//!
//! # What is counted
//!
//! Requests, tokens (in all, of prompts, of answers) and images over any time, calls on their way at
//! the same time, and the time between two starts: a call takes its part of all of them, or waits and
//! takes nothing. The key is the [`Call`](tollgate_core::Call)'s target, else host and model; the
//! [`Builder`] has other ways. What is configured is never exceeded; what is not is learned.
//!
//! Tokens are reserved before they are known: those of the [`Call`](tollgate_core::Call)'s cost, else
//! those an [`Estimate`] guesses. The answer's own usage, read while it passes, corrects the account,
//! and the next guess. A call that was turned away, or not served, gives its tokens back; one that
//! never reached the provider gives everything back.
//!
//! # Waiting
//!
//! First come, first served, within the classes of [`Priority`](tollgate_core::Priority). A retry has
//! the arrival of its first attempt and so returns to the front. A large call is not overtaken by
//! small ones. What can not go within `max_wait` (60 s), its wait budget or its deadline is refused at
//! once, with the time at which it could; what is larger than a limit, always. Where the wait depends
//! on when others end, that is found out by waiting. A rejection that closes the gate for too long
//! refuses those who wait as soon as it comes.
//!
//! A grant that is not fetched within a second, because nobody polls the future, goes to the next;
//! its owner keeps its turn. There is one timer for each key, whatever the number of waiters.
//!
//! # Alone, or with others
//!
//! It needs nothing below. A classifier below leaves a [`Note`](tollgate_core::Note) on the response:
//! with its quota headers, limits are learned before they are met. Without one only status and
//! `Retry-After` are read. A call that was held has its waiting time in the note of its response.
//!
//! Request bodies must be [`Replay`](tollgate_core::Replay): model and prompt are read from them.
//! Where both target and cost are in the call, nothing is read.
//!
//! # Readiness
//!
//! See [`LimitService`]. A call that waits holds no readiness and no place of the service below. One
//! that was admitted and waits for that service to be ready holds its permit meanwhile.
//!
//! # Sharing
//!
//! Clones of a [`LimitLayer`] and of its services share one count of each key. At most 10,000 keys
//! are kept; what is not used for ten minutes is forgotten, but never while something of it is taken.
//! When all are in use, further keys share one count. A [`Handle`] shows and changes limits, pauses,
//! and writes down what outlives a process. A layer may outlive a runtime.
//!
//! # Cancellation
//!
//! Dropping a future gives up its place, or what it reserved: all of it before the call is sent, its
//! output after that. Dropping a body gives up what is left of it.
//!
//! # Order
//!
//! Inside whatever sends calls again, so that each attempt is counted; outside of a classifier.
//!
//! # Events
//!
//! [`Event`] tells of every decision, of what was learned, and of [`Event::OverAdmitted`]: a call that
//! was admitted and turned away all the same. Their number says how good all this is.
//!
//! # Elsewhere
//!
//! The decision is a [`Limiter`]. [`Local`] makes it in this process; another may ask a shared store.
//!
//! # The account
//!
//! What follows is how the count is worked out: pure arithmetic, without a clock, a queue or a timer.
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
//! ## The interval rule
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
//! ## Kinds of limits
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
//! ## Where nothing is told
//!
//! Without quota headers, or when a rejection claims that enough remained, calls go at a pace that
//! doubles until one is turned away. A short wait is a bucket's: its rate is what was accepted between
//! two rejections. A long one is a window's: its size is what was accepted within a minute. Only
//! requests are found in this way, not tokens.
//!
//! ## Rejections
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
//! ## Others
//!
//! Where counts show that others use the same key, something is left to them. Several processes of
//! one's own do better with [`Limit::share`].
//!
//! ## How well it does
//!
//! `tests/goodput` simulates providers of every kind and asserts, for the worst of five seeds, how much
//! longer than possible a burst of calls takes and how many are turned away. A burst of 1,750 calls
//! against 600 a minute, limits unknown, takes at most 2.3 % longer than the optimum with headers and
//! none is turned away; without headers it takes at most 5 % longer and about 3 in 100 are.

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
