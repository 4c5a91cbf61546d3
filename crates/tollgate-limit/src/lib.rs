//! A rate limiter for LLM calls: it keeps calls within a provider's limits, and does no harm to calls
//! below them.
//!
//! Providers limit requests and tokens over time, and reject calls above a limit with status 429. This
//! layer keeps calls within the limits that you configure, the limits that response headers report, and
//! the limits that only rejections show. A call that may not go yet waits in a fair queue, inside its
//! future. No setting is required.
//!
//! ```text
//! request ─▶ retry ─▶ breaker ─▶ Limit ─▶ classify ─▶ client
//!                                 │ per key: reserve 1 request, the expected tokens, 1 slot
//!                                 │ no room yet: wait in the queue, until the call's deadline
//!                                 │
//! response ◀──────────────────────┤ head: read the quota headers; a rejection holds the next calls
//!          ◀──────────────────────┘ end of the body: replace the estimate by the reported usage
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
//!     .build()?;
//! let client = layer.layer(provider);
//!
//! let start = Instant::now();
//! for _ in 0..61 {
//!     client.clone().oneshot(Request::new(Full::default())).await?;
//! }
//! assert!(start.elapsed() >= minute, "the last call waited for the next window");
//! # Ok(())
//! # }
//! ```
//!
//! # Policy: do no harm
//!
//! Providers reject a call within a round trip, even where an answer takes a minute. So the limiter never
//! waits for answers. It sends a few calls; if no rejection comes back within a round trip, it sends
//! more, and the rate keeps growing. A limit that the limiter only suspects is a point at which it starts
//! this again with one call. What holds calls for longer is a fact, or was measured: see [the
//! table](#what-holds-a-call-and-for-how-long).
//!
//! ## What a call meets
//!
//! | the key | what the limiter does |
//! |---|---|
//! | is new | The first 6 calls go at once. If none is rejected within 50 ms (later: within the time that rejections take, 300 ms at most), the rest follow at a growing rate: 300 calls are out within half a second, 1,000 within a little more than a second. Without a rejection the rate doubles every quarter of a second after that. |
//! | sent no call for a second | 6 calls go at once again. |
//! | has headers that report room | The call goes at once. The limiter subtracts the calls that it sent since. |
//! | has headers that report no room | If the headers proved a token bucket, calls wait for its refill. If the window ends within a second, and was stated to last longer than three, calls wait for its end. Otherwise one call goes, and the others follow if the provider does not reject it. |
//! | had a rejection that states a wait | Calls wait until the stated time, plus up to 0.1 s of jitter. If the rejection names a limit, such as tokens, only calls that take some of it wait; and of them only those for which its headers report too few. |
//! | had a rejection that states no wait | Calls pause for 0.5 s, or for one interval of a measured pace, and three times as long after each further rejection without an accepted call in between, up to 20 s, or up to a few seconds while there were few rejections. Where the provider has shown windows of a minute, calls pause until that minute is over. |
//! | had a rejection that names concurrency and no wait | While other calls are in flight no call pauses: the next one goes when another one ends, see [below](#concurrency-and-spacing). With none in flight, as after a rejection that names nothing. |
//! | had two rejections at a steady pace | The provider refills evenly. Time in which no call came does not count. Calls go 1.5 % below the measured pace, 4.5 % below it where it is slower than 3 a second. The pace grows until the next rejection, and ends after 90 s without one. |
//! | had a rejection at the end of a window | After the wait one call goes, then a growing number. After as many calls as the provider accepted before the rejection, or as its headers allow, the limiter starts again with one call. |
//! | had an overload (503, 529) | Nothing. An overload holds no other call: retry and circuit breaker handle it. |
//! | had no call for 10 minutes | As a new key. |
//!
//! The provider's statements have bounds. While a stated wait of more than a minute lasts, one call tests
//! it after 15 s, another one 30 s later, and then one a minute; if the provider serves one, the wait is
//! over for all calls. A second rejection that names the same time ends the tests. A provider that states
//! waits only in some of its rejections is tested after 2 s. A stated wait of more than a day counts as
//! none. If the headers of a rejection report enough requests for the rejected call and it names nothing
//! else, or if the provider keeps rejecting calls for which its headers had room, the limiter ignores the
//! headers for a minute.
//!
//! ## What holds a call, and for how long
//!
//! [`KeyState::held`] says why the first call of a queue waits:
//!
//! | [`Held`] | the first call waits |
//! |---|---|
//! | `Start` | some hundred milliseconds at most, while a burst is spread |
//! | `Configured` | until the configured limit has room |
//! | `Spacing` | until the configured time since the last start is over |
//! | `Stated` | as long as the provider stated |
//! | `Pause` | 20 s at most |
//! | `Pace` | one interval of the measured pace |
//! | `Concurrency` | until another call ends: a rejection named concurrency, or calls were accepted only as others ended |
//! | `Headers` | until a proven bucket has refilled, 60 s at most; or until a window ends, 1 s at most |
//!
//! A call behind others in the queue waits for each of them in turn. Where a configured
//! `concurrency` is used up, or somebody paused the key, `held` is `None`: the call waits until another call ends, or until
//! [`resume`](Handle::resume).
//!
//! ## What rejects a call
//!
//! | [`Reason`](tollgate_core::Reason) | when |
//! |---|---|
//! | `DeadlineExceeded`, `WaitTooLong` | The deadline, the wait budget or [`max_wait`](Builder::max_wait) of the call is over. Before that only facts reject a call, at once and with the earliest possible time: a limit with a shape, `spacing`, and a stated wait. |
//! | `WaitTooLong` | [`shed`](Builder::shed) is set and the call would have to wait, unless only a burst is spread. |
//! | `QueueFull` | [`queue`](Builder::queue) calls wait for the key already. |
//! | `TooLarge` | The [`Call`](tollgate_core::Call) states a cost above a whole limit with a shape, and cannot go at once. An estimated cost never rejects a call: the provider decides. |
//! | `CircuitOpen` | A circuit breaker above opened while the call waited. |
//!
//! Without `shed`, plain limits, quota headers, pauses, measured paces and estimates reject no call. It
//! waits in the queue, and goes if there is room before its deadline.
//!
//! ## What a configured limit means
//!
//! | you write | meaning |
//! |---|---|
//! | nothing | The limiter works with headers and rejections alone. |
//! | `requests_per_minute(600)`, [`Limit::requests`] | **Plain**: what you know about the provider. The limiter counts a bucket of 600 that refills at 600 a minute. If the provider's headers report more, or a stated wait ends, the bucket is refilled. |
//! | `.bucket(b)`, `.fixed()`, `.sliding()`, `.day_in(zone)`, a [`share`](Builder::share) | **With a shape**: exact. The limiter never exceeds it, except by one call that takes more than the whole limit. Only the provider's own headers and stated waits tell when a `.fixed()` window ends. |
//!
//! A correct plain limit saves the rejections that show a limit otherwise, and is not meant to make any
//! call later than no limit does. A plain limit above the provider's own has little effect: headers and
//! rejections count beside it, and [`Event::BelowConfigured`] reports the difference. A rejection does not
//! lower what is left of a plain limit, because it may have another reason; it lowers that of an exact one. A limit below the provider's own holds calls back. A call that takes more than
//! a whole limit goes when the limit is full, and the limiter owes the rest.
//!
//! ## What it never does
//!
//! * It never waits for the answer of one call before it sends the next. Only `concurrency`
//!   does that, configured or named by a rejection.
//! * It never rejects a call because of an estimate or, without `shed`, of something that it learned.
//! * It never sends a call before a stated wait is over, except for the tests above.
//! * It never sends requests of its own: every test is a call that somebody made.
//! * It never changes status, headers or body of a response, and never turns a 429 into an error.
//!
//! # Tokens
//!
//! The limiter counts tokens where you configure a token limit or headers report one. It reserves tokens
//! before a call goes: those of the [`Call`](tollgate_core::Call)'s cost, else those that an [`Estimate`]
//! expects. For the answer that is its cap (`max_tokens`) where the provider reserves the cap, else the
//! usual length of answers. The part of a prompt that usually comes from a cache is left out where the
//! provider does not count it.
//!
//! While the answer passes, the limiter reads its usage. At the end it replaces the reservation by the
//! usage, and corrects the next estimates for this key:
//!
//! | the call | what it costs in the end |
//! |---|---|
//! | was served | the reported usage; without one, the text that came, four bytes to a token; else the estimate |
//! | was rejected, or never reached the provider | nothing |
//! | failed at the provider (400, 500) | one request, no tokens |
//! | broke off after it was sent, or its caller gave up | one request, the tokens of the prompt and those that arrived |
//!
//! # Concurrency and spacing
//!
//! [`concurrency`](Builder::concurrency) limits the calls that are in flight, from sending to the last
//! byte of the answer. Without it there is no limit until a rejection names concurrency: then as many
//! calls may be in flight as the provider accepted, and one more after that many successes, 10 s after the
//! rejection at the earliest. [`spacing`](Builder::spacing) keeps a minimum time between two starts.
//!
//! # Queue and deadlines
//!
//! Each key has one queue. It is ordered by [`Priority`](tollgate_core::Priority), then by arrival: while
//! a call of a higher class waits, no call of a lower class goes. A retry keeps the arrival of its first
//! attempt, so it goes before calls that came later. A call is admitted as a whole, with its requests, its
//! tokens and its slot. Small calls overtake a large one only where the provider rejected it for want of
//! tokens, stated a wait, and reported too few for it but enough for them; and not once it has waited for a
//! minute.
//!
//! A call waits until its deadline or its wait budget ends; [`Builder::max_wait`] shortens that. A call
//! without any of them waits as long as its limits require. One timer serves the whole queue.
//!
//! If nobody polls the future of an admitted call for a second, the admission goes to the next call; the
//! future keeps its place. When a circuit breaker opens, it ends the calls that wait for its target,
//! through the [`Handle`] ([`Evict`](tollgate_core::Evict)). After a rejection the
//! [`Note`](tollgate_core::Note) of the response says how long the limiter holds calls, if that covers the
//! stated wait: a retry layer above then sends the call again at once, and it waits here in its turn.
//!
//! # Fleets and tenants
//!
//! Processes that use one API key do not see each other's calls. Configure the limit of the key in each of
//! them, with a [`share`](Builder::share): each process then keeps to its part exactly. Without a
//! configured limit each process learns by itself, with more rejections.
//!
//! Limits of your own, such as those of your tenants, are not the provider's. A layer with
//! `configured_only()` keeps to its configured limits and ignores headers and rejections. Put it outside
//! of the layer for the provider, with the tenant as its [`key`](Builder::key).
//!
//! # Alone, or with others
//!
//! The layer needs nothing below it. Without a classifier below it reads the status and `Retry-After`
//! only. A classifier leaves a [`Note`](tollgate_core::Note) on the response, with its quota headers and
//! with waits that only the body states. The limiter adds to this note how long it held the call.
//!
//! Request bodies must be [`Replay`](tollgate_core::Replay), because the limiter reads the model and the
//! prompt from them. If the [`Call`](tollgate_core::Call) has a target and a cost, it reads nothing. The
//! key of a call is the call's target, else host and model; the [`Builder`] has other ways.
//!
//! # Readiness
//!
//! See [`LimitService`]. A waiting call holds no readiness and no place of the service below. An admitted
//! call that waits for that service to become ready holds its permit meanwhile.
//!
//! # Sharing
//!
//! Clones of a [`LimitLayer`] and of its services share one count per key. The layer keeps at most 10,000
//! keys and forgets a key that was not used for ten minutes, unless calls of it wait or are in flight, a
//! gate is closed, or a configured limit is not full. When the map is full, the least recently used
//! idle key goes; when none is idle, calls of further keys share one count ([`Builder::keys`]). A [`Handle`] shows and changes limits, pauses keys, and saves
//! what outlives a process. A layer may outlive a runtime.
//!
//! # Cancellation
//!
//! Dropping a future gives up its place in the queue, or its reservation: all of it before the call is
//! sent, the tokens of the answer after that. Dropping a body ends its call.
//!
//! # Order
//!
//! Below every layer that sends calls again, so that the limiter counts each attempt; above a classifier.
//!
//! # Events
//!
//! The observer receives one [`Event`] per decision. [`Event::OverAdmitted`] reports a call that the
//! limiter admitted and the provider rejected: their number shows how well the limiter works.
//!
//! # Other limiters
//!
//! The decision is a [`Limiter`]. [`Local`] decides in this process; another implementation may ask a
//! shared store.
//!
//! # The account
//!
//! An [`Account`] is the count of one key, as pure arithmetic without a clock, a queue or a timer:
//!
//! ```text
//! call ──▶ Account::admit ──▶ Admitted(ticket) ──▶ the provider
//!              │   ▲                                    │
//!    NotBefore(time) └── answer / reject / settle / finish / refund, with the ticket
//! ```
//!
//! It decides over all limits of a key at once: a call takes its requests and its tokens, or nothing.
//!
//! ## The interval rule
//!
//! A header says `remaining: 41`. That was true at one moment on the way, and calls overtake each other.
//! So the provider certainly counted some of the calls around this one after that moment, and others
//! perhaps:
//!
//! ```text
//!   sent ───────●──────●───●──[ this call ]──●───●────────●────────●──▶ now
//!                          └── disorder ──┴── disorder ──┘
//!        counted before    │  perhaps counted after      │  certainly counted after
//!
//!   low  = remaining - (certainly + perhaps)  + refill since
//!   high = remaining + 1 - certainly          + refill since
//! ```
//!
//! *Disorder* is the time by which calls overtake each other: 60 ms, or the slowest rejection of late.
//! What is left lies between `low` and `high`. A count of our own that lies there too is better than the
//! header and stays. A count above `high` falls to `high` at once; a count below `low` rises to `low` only
//! for the newest call. A limiter that takes `remaining` literally mistakes overtaking calls for calls of
//! other clients: in simulations that cost 0.55 to 0.84 rejections per success.
//!
//! Some providers count the tokens of an answer when the call arrives, others when it is complete. The
//! limiter takes what it reserved for open answers off `low` and leaves it in `high`.

mod account;
mod charge;
mod event;
mod handle;
mod key;
mod layer;
mod limit;
mod limiter;
mod limits;
mod local;
mod reading;
mod zone;

pub use account::{
    Account, Below, Change, Closed, Counts, Ignored, Reason, Standing,
    saved::Saved,
    ticket::{Admission, Held, Ticket, TooLarge},
};
pub use event::Event;
pub use handle::{Handle, KeyState, Snapshot};
pub use key::KeyRef;
pub use layer::{
    LimitLayer, body::PermitBody, builder::Builder, config::ConfigError, future,
    service::LimitService,
};
pub use limit::{Limit, LimitError};
pub use limiter::{Admit, Ask, Limiter, Outcome, Permit};
pub use limits::Limits;
pub use local::{Local, LocalPermit, Place};
pub use reading::{BytesPerToken, Estimate, Expected, Learned, Outgoing, UsageReader};
