//! The words the tollgate layers share, and a request body that can be sent twice.
//!
//! No layer of tollgate knows another. They meet here:
//!
//! | direction | type | who writes it | who reads it |
//! |---|---|---|---|
//! | down, with the request | [`Call`] (one extension) | the router, the user, retry on a resend | every layer |
//! | up, with the response | [`Note`] (one extension) | classify, limit | retry, breaker, router |
//! | up, as an error | [`Rejected`] | limit, breaker, router | whoever is above; [`find_error`] finds it |
//! | up, with the body | [`StreamReport`] (in the note) | classify | breaker, time limits, router |
//! | sideways | [`Outlook`] | the handles of limit and breaker | the router |
//! | sideways | [`Evict`] | the breaker | the handle of limit |
//! | out | [`Observe`] | every layer | people |
//!
//! This crate holds data and one body type. It decides nothing: no waiting, no retrying, no list of
//! providers.
//!
//! # Examples
//!
//! A layer reads what a response means without knowing who classified it:
//!
//! ```
//! use http::{Response, StatusCode};
//! use std::time::Duration;
//! use tollgate_core::{Class, Classification};
//!
//! let response = Response::builder()
//!     .status(StatusCode::TOO_MANY_REQUESTS)
//!     .header("retry-after", "7")
//!     .body(())
//!     .unwrap();
//! let seen = Classification::of(&response);
//! assert_eq!(seen.class(), Class::RateLimited);
//! assert_eq!(seen.wait(), Some(Duration::from_secs(7)));
//! ```
//!
//! # Features
//!
//! * `tower`: lets [`Class::of_error`] know the error of tower's `Timeout`. Off by default.

mod attempt_listener;
mod call;
mod call_error;
mod class;
mod classification;
mod clock;
mod cost;
mod evict;
mod json;
mod model;
mod note;
mod observe;
mod outlook;
mod priority;
mod quota;
mod random;
mod rejected;
mod sleepers;
mod stack;
mod stale;
mod stream_report;
mod target;
mod timed_out;
mod usage_report;
mod usual;

pub mod replay;
pub mod retry_after;

pub use attempt_listener::AttemptListener;
pub use call::Call;
pub use call_error::{CallError, error_chain, find_error};
pub use class::{Class, as_error};
pub use classification::{Classification, LimitKind, Scope, Window};
pub use clock::{SystemClock, WallClock};
pub use cost::{Cost, Usage};
pub use evict::Evict;
pub use json::{FieldPlace, JsonField, JsonRequest, PromptContents};
pub use model::model_of;
pub use note::Note;
pub use observe::Observe;
pub use outlook::{Outlook, View};
pub use priority::Priority;
pub use quota::{Dimension, Quota};
pub use random::Random;
pub use rejected::{Reason, Rejected};
pub use replay::{Replay, ReplayBody, ReplayLayer};
pub use sleepers::{Nap, Sleepers, Sleeping};
pub use stack::{check, check_resend};
pub use stale::StaleConnection;
pub use stream_report::StreamReport;
pub use target::{Target, authority_of, host_in, host_of};
pub use timed_out::{TimeLimit, TimedOut};
pub use usage_report::UsageReport;
pub use usual::Usual;

/// The error type of layers that can refuse a call: any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
