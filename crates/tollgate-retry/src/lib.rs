//! Retries LLM calls: waits as long as the provider asks, and a little jitter, within a budget and a deadline.
//!
//! ```text
//! request ─▶ Retry ─▶ breaker ─▶ limiter ─▶ classify ─▶ client
//!              │ keeps one copy of the request
//!              │
//! response ◀───┤ success, or nothing more to do: handed over untouched
//!              └─ throttled or failed for a while: drop the response, sleep, send the copy
//! ```
//!
//! # The rules
//!
//! * What is retried: `RateLimited` and `Overloaded` (7 attempts in all), `ServerError`, `Timeout`
//!   and `Transport` (4). But what timed out is sent again once: the provider may still be at work on it,
//!   and may bill it. Never: an exhausted quota, a bad key, a bad request, what a layer below
//!   refused, and what the classifier says will not pass. `x-should-retry: true` or `false` decides
//!   before all that. Each kind's limit is compared with the number of all attempts made.
//! * A call whose reused connection broke before the answer ([`StaleConnection`](tollgate_core::StaleConnection))
//!   is sent again at once, up to three times. These attempts do not count, and cost no budget.
//! * A wait that the provider states is a floor: the sleep is that wait and a little jitter. A wait
//!   beyond the call's deadline, its wait budget or [`max_wait`](Builder::max_wait) is not slept at
//!   all; the response goes back at once, so that something else can be tried. A call that has
//!   neither a deadline nor a wait budget sleeps at most 120 s at a time, unless `max_wait` is set.
//! * A limiter below may have closed its gate for that very wait, and say so in the
//!   [`Note`](tollgate_core::Note) of a rate-limited response. Then the call does not sleep: the next
//!   attempt is sent at once and waits in the limiter's queue, where it keeps its turn. All else that
//!   bounds a retry holds as ever.
//! * When a told wait was in vain, the jitter on top of the next one grows like a backoff: a
//!   provider tells the same whole seconds to everybody, and a crowd that returns in step meets the
//!   same 429 together until its attempts are used up.
//! * Without a told wait the sleep is random, between zero and a bound that doubles. A told wait
//!   that is shorter than the backoff's base (above all "0") gets a part of that bound on top, the
//!   larger the shorter it is, so that a crowd does not come back at once, again and again.
//! * Each host has a [`Budget`] of retries. When it is used up, responses go back as they came.
//!
//! All numbers are settings of the [`Builder`]; the rules are laid out case by case in the crate's
//! `tests/policy.jsonl`.
//!
//! # Examples
//!
//! ```
//! use std::{convert::Infallible, sync::atomic::{AtomicU32, Ordering::Relaxed}};
//!
//! use http::{Request, Response};
//! use tollgate_retry::RetryLayer;
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let attempts = AtomicU32::new(0);
//! let provider = service_fn(|_: Request<String>| async {
//!     let throttled = Response::builder().status(429).header("retry-after", "2");
//!     Ok::<_, Infallible>(match attempts.fetch_add(1, Relaxed) {
//!         0 => throttled.body("slow down").unwrap(),
//!         _ => Response::new("hello"),
//!     })
//! });
//!
//! let client = RetryLayer::new().layer(provider);
//! let answer = client.oneshot(Request::new("hi".to_owned())).await.unwrap();
//! assert_eq!((*answer.body(), attempts.into_inner()), ("hello", 2));
//! # }
//! ```
//!
//! # Alone, or above others
//!
//! It needs nothing below: it then judges by status and `Retry-After`. A classifier below leaves a
//! [`Note`](tollgate_core::Note) that says more: an exhausted quota behind a 429, a wait in the body,
//! an error inside a 200. A limiter below says in it how long the call was queued, and whether it holds
//! the next attempt. The request body must be [`Replay`](tollgate_core::Replay): send
//! `Full<Bytes>`, or put [`ReplayLayer`](tollgate_core::ReplayLayer) outermost. A body that can be
//! sent only once is sent once, and the observer hears of it.
//!
//! It reads the request's [`Call`](tollgate_core::Call) where there is one: its target names the
//! budget, its deadline and wait budget bound every sleep. A resend carries a `Call` with the number
//! of the attempt, the arrival of the first one, and what is left of the wait budget.
//!
//! # Readiness
//!
//! As the inner service's; see [`Retry`]. While it sleeps, a call holds no readiness, no permit and
//! no connection of the service below, and it makes that ready anew for each attempt. That wait is
//! the one its deadline does not end; put a timeout outside where a service may never become ready.
//!
//! # Sharing
//!
//! Clones of a [`RetryLayer`] and of its services share budgets and jitter. No call shares its
//! jitter with another.
//!
//! # Cancellation
//!
//! Dropping the future drops what it holds: the attempt, or the sleep. What a planned retry took
//! from the budget stays taken.
//!
//! # Order
//!
//! Outside whatever limits calls, so that each attempt takes a token; inside whatever changes the
//! target. Do not stack two: their attempts multiply, and so do the sleeps within a wait budget.
//!
//! An error of tower's `Timeout` below this layer is a [`Transport`](tollgate_core::Class::Transport)
//! failure, unless the feature `tower` of `tollgate-core` is on; both are retried alike. A date in
//! `Retry-After` is held against the response's own `Date`, else against the machine's clock.
//!
//! # Events
//!
//! [`Event`] tells of every retry, of every failure that is handed up with the reason, and of calls
//! that succeeded late.

mod backoff;
mod budget;
mod budgets;
mod builder;
mod config;
mod event;
mod handle;
mod judge;
mod kept;
mod layer;
mod live;
mod plan;
mod run;
mod service;

pub mod future;

pub use backoff::Backoff;
pub use budget::Budget;
pub use builder::Builder;
pub use config::ConfigError;
pub use event::{Event, Why};
pub use handle::Handle;
pub use layer::RetryLayer;
pub use service::Retry;
