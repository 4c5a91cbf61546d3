//! Falls back: a call that one LLM provider or model refuses is answered by the next best one.
//!
//! ```text
//!              ┌─ choose: who is healthy, and first by the tier's strategy
//! request ─▶ Router ─▶ write the request for it ─▶ retry ─▶ breaker ─▶ limiter ─▶ classify ─▶ client
//!              ▲ │ keeps the original while another target is left
//!              │ │
//!              │ ├─ success, or what nobody else would answer better: handed over, with `Served`
//!              └─┴─ refused: drop the response, leave the target alone for a while, ask the next one
//! ```
//!
//! # Examples
//!
//! Two models of one provider, then another provider:
//!
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use http_body_util::Full;
//! use tollgate_route::{Route, RouteLayer, Served, provider::preset};
//! use tower::{Layer, ServiceExt, service_fn};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), tollgate_core::BoxError> {
//! let groq = preset::groq().key("gsk_not_a_real_key");
//! let openai = preset::openai().key("sk_not_a_real_key");
//! let route = Route::new("chat")
//!     .ordered([groq.model("llama-3.3-70b-versatile"), groq.model("llama-3.1-8b-instant")])
//!     .ordered([openai.model("gpt-4o-mini")]);
//!
//! // Any client; this one knows no Groq.
//! let client = service_fn(|request: Request<Full<Bytes>>| async move {
//!     let status = match request.uri().host() {
//!         Some("api.openai.com") => 200,
//!         _ => 429,
//!     };
//!     Response::builder().status(status).body("hello")
//! });
//!
//! let client = RouteLayer::new(route)?.layer(client);
//! let request = Request::post("https://any.example/v1/chat/completions")
//!     .body(Full::from(r#"{"model":"any","messages":[]}"#))?;
//! let response = client.oneshot(request).await?;
//! let served = Served::of(&response).expect("somebody did");
//! assert_eq!(served.target().to_string(), "openai (gpt-4o-mini)");
//! assert_eq!(served.attempts().len(), 2);
//! # Ok(())
//! # }
//! ```
//!
//! # The rules
//!
//! * Who is asked: the first tier with a healthy target, and in it whoever the tier's
//!   [strategy] has first. Healthy is who does not cool down and of whom no
//!   [`Outlook`](tollgate_core::Outlook) says otherwise. Each target is asked once per call (or as often
//!   as it has [tries](Endpoint::tries) of its own), and at most 8 of them.
//! * What sends a call on: what the classification says another target may serve (limits, quotas,
//!   overload, faults, time-outs, models that are gone), broken connections, and refusals of layers
//!   below. A refused key goes on to another account of the provider, then to another provider; a call that
//!   is too long for a model, to a target that is [declared larger](Endpoint::context) only. A wrong request
//!   is wrong everywhere. Nothing is sent on once a success was handed over; with a classifier below,
//!   an error as the first event of a stream still is.
//! * Who is left alone: after a limit, an exhausted quota, or an overload that says when to come
//!   back, as far and for as long as the answer says (24 h at most), else for the length of the window
//!   it names, else 5 minutes. So is the account of a refused key, for 5 minutes, and twice as long after each
//!   cooldown that ends in a refusal, up to 80 minutes; and a model that is not there. The later end counts. Afterwards one request tests, and its success
//!   ends it.
//! * While another healthy target is left, the layers below may not wait: the router inserts a
//!   [`Call`](tollgate_core::Call) with a wait budget of zero. Where others will return, it is the time
//!   until the first of them does; else what is left of the deadline.
//! * While another healthy target is left, an attempt has half of the time to the deadline to come to its
//!   head, and at least twice what the slowest answer of late took. Once an attempt was not answered in time,
//!   the next ones have only the latter; where no answer has come yet, they still have half. The [time limits](timeout) end it then, and the call goes on. It needs a
//!   deadline for that, and time limits below.
//! * When all are left alone, the call waits for the soonest to return, which may be one that it has asked
//!   before (three times in all): up to its deadline, and to [`max_wait`](Builder::max_wait) where that is
//!   set. Otherwise it fails at once with [`Exhausted`], which says when it is worth another try; or, where
//!   the deadline passed, who had not answered.
//! * A refused key (401, 403) leads to another account of the provider, then to another provider, and each
//!   time [`Event::KeyRefused`] tells of it; [`deliver_auth`](Builder::deliver_auth) hands it up instead.
//!   A model that is not there leads elsewhere too. A redirect is a fault of the target; its `location`
//!   reaches nobody.
//! * A target that is left alone by a guess, because its answer said nothing about a wait, is asked where
//!   else the call would fail, or wait for long: once per call.
//! * Routes have names. A call takes the one it [names](Preference::route), else the first that has the
//!   model it asks for, from that model on, else the first.
//!
//! # What leaves for a provider
//!
//! Each request is written from the original: the provider's address, its own key and headers, and
//! the model where it wants it. In a JSON body, and in a form with files
//! (`multipart/form-data`), only the value of `model` is replaced, as bytes. Of the
//! original's headers those pass that are known to say nothing about who asks
//! ([`keep_header`](Builder::keep_header) adds others). Of its query all passes but what looks like a
//! secret or an `api-version` ([`keep_query`](Builder::keep_query) lets these pass); the parts that a
//! target sets itself win. No key, cookie or organisation of one provider reaches another. An idempotency key passes; a provider that is asked for a second target gets it
//! with a number behind it, because the body is another one there. The router follows no redirect; set your client not to follow them either, or it
//! may carry a key to another host.
//!
//! Paths are matched as a whole: a base that a preset or a target has (`/v1`, `/openai/v1`, none), and
//! behind it an operation of the dialect, or in OpenAI's dialect any plain path. An operation that only
//! one provider has, such as Mistral's `/fim/completions`, is passed whole to every target. A path that
//! is not understood is a [`BadRequest`] that names it.
//!
//! The body must be [`Replay`](tollgate_core::Replay) and made of bytes: send `Full<Bytes>`, or put
//! [`ReplayLayer`](tollgate_core::ReplayLayer) outermost. One that can be sent only once goes to one
//! target; one that cannot be edited (no JSON object or form, no or two models, compressed, too large) goes
//! only where nothing must be edited, and else is a [`BadRequest`] that says which.
//!
//! Claude on Bedrock and Vertex AI is a target of Anthropic's dialect: there the model goes into the
//! path, and its body gets their version and loses `model` and `stream`. Bedrock's streams come in
//! frames; see [`invoke`].
//!
//! A call that continues a response which its provider keeps (`previous_response_id`) is routed like
//! any other, unless a layer remembers who made it: see [`responses`].
//!
//! # Signing
//!
//! `SigV4` signatures and tokens that expire must be made for each attempt, so they belong below
//! retry. Set [`Auth::External`] for the provider, and put a filter there: tower's `filter` feature
//! has one, sync and async. The [`Call`](tollgate_core::Call) on the request names the target.
//!
//! # Readiness
//!
//! Ready at once; see [`Router`]. Nothing that was made ready below is held while a call waits, and
//! the service is made ready anew for each attempt.
//!
//! # Sharing
//!
//! Clones of a [`RouteLayer`] and of its services share cooldowns and outcomes; a [`Handle`] shows and
//! changes them, and carries them to another process.
//!
//! # Changes
//!
//! Routes change while calls go through: [`Handle::set_routes`] for the routes alone,
//! [`Handle::apply`] for the settings with them. A call that has begun, one that waits included,
//! goes on by the routes it began with; the next one goes by the new ones. Targets keep their
//! cooldowns and outcomes by name, also when they leave and come back. Routes that make no sense
//! change nothing.
//!
//! # Cancellation
//!
//! Dropping the future drops the attempt or the wait. If it was the one that tests a target, another
//! may.
//!
//! # Order
//!
//! Outside retry, breaker, limiter and classifier. It works without any of them: it then judges by
//! status and `Retry-After`. It never ends an attempt itself: put [time limits](timeout) around the
//! classifier, where a breaker sees them.
//!
//! # Events
//!
//! [`Event`] tells of every switch, every cooldown and its end, every wait, and of calls for which no
//! target was left.

mod attempt;
mod builder;
mod config;
mod cooldown;
mod decide;
mod endpoint;
mod event;
mod exhausted;
mod handle;
mod known;
mod layer;
mod outcomes;
mod preference;
mod rewrite;
mod route;
mod run;
mod secret;
mod service;
mod site;
mod state;
mod table;
mod text;
mod wire;

pub mod future;
pub mod invoke;
pub mod provider;
pub mod responses;
pub mod strategy;
pub mod timeout;

pub use attempt::{Attempt, Served};
pub use builder::Builder;
pub use config::{ConfigError, Flaw};
pub use endpoint::{Endpoint, Price};
pub use event::Event;
pub use exhausted::Exhausted;
pub use handle::{Cooldown, Handle, RouteView, Snapshot};
pub use layer::RouteLayer;
pub use outcomes::Outcome;
pub use preference::Preference;
pub use provider::{Auth, LimitScope, Provider};
pub use rewrite::{BadBody, BadRequest};
pub use route::Route;
pub use run::NoRoute;
pub use secret::{MissingKey, Secret};
pub use service::Router;
pub use wire::{Place, Wire};
