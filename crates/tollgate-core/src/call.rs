//! What travels down with a request.

use std::time::Duration;

use http::{Request, request};
use tokio::time::Instant;

use crate::{Cost, Priority, Target, UsageReport};

/// Tokio's timers end with the next full millisecond.
const TICK: Duration = Duration::from_millis(1);

/// The one request extension: where a call goes, what it costs, and how much time it has.
///
/// Inserted by a router, by the user, by what gives calls a deadline, or by retry on a real resend;
/// absent otherwise. Every field is
/// optional, and a layer that finds none works on its own defaults.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use std::time::Duration;
/// use tollgate_core::{Call, Target};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let call = Call::new()
///     .with_target(Target::new("groq", "llama-3.1-8b-instant"))
///     .with_deadline_in(Duration::from_secs(30));
/// let mut request = Request::new(());
/// request.extensions_mut().insert(call);
/// assert_eq!(Call::of(&request).unwrap().target().unwrap().provider(), "groq");
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    target: Option<Target>,
    cost: Option<Cost>,
    arrival: Option<Instant>,
    deadline: Option<Instant>,
    attempt_deadline: Option<Instant>,
    wait_budget: Option<Duration>,
    attempt: u32,
    priority: Priority,
    usage_report: Option<UsageReport>,
}

impl Call {
    /// A call about which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The call on a request, if somebody put one there.
    #[must_use]
    pub fn of<B>(request: &Request<B>) -> Option<&Self> {
        request.extensions().get()
    }

    /// [`of`](Self::of), for the head of a request.
    #[must_use]
    pub fn from_parts(parts: &request::Parts) -> Option<&Self> {
        parts.extensions.get()
    }

    /// Where it goes.
    #[must_use]
    pub const fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// What it is expected to cost.
    #[must_use]
    pub const fn cost(&self) -> Option<&Cost> {
        self.cost.as_ref()
    }

    /// When its first attempt arrived. Survives retries, so that a retry keeps its place in a queue.
    #[must_use]
    pub const fn arrival(&self) -> Option<Instant> {
        self.arrival
    }

    /// When the whole call must be over. No layer sleeps, queues or reads ahead beyond it; only the
    /// readiness of a service below is waited for without an end (a layer that keeps that service's
    /// error type has no error of its own to end it with), so put a timeout outside where something
    /// below may never become ready.
    #[must_use]
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// When the head of this target's answer must be there, because another healthy target is left for the
    /// time that remains until the [deadline](Self::deadline). Set by a router, and obeyed by the time
    /// limits around the client.
    #[must_use]
    pub const fn attempt_deadline(&self) -> Option<Instant> {
        self.attempt_deadline
    }

    /// The time until the deadline, zero when it has passed; `None` without one.
    #[must_use]
    pub fn time_left(&self, now: Instant) -> Option<Duration> {
        Some(self.deadline?.saturating_duration_since(now))
    }

    /// The longest wait that ends before the deadline; `None` without one. A timer of tokio ends with the
    /// next full millisecond, so that is kept back.
    #[must_use]
    pub fn time_to_wait(&self, now: Instant) -> Option<Duration> {
        Some(self.time_left(now)?.saturating_sub(TICK))
    }

    /// What is left of the wait budget when so much of it was spent; `None` without one.
    #[must_use]
    pub fn budget_left(&self, spent: Duration) -> Option<Duration> {
        Some(self.wait_budget?.saturating_sub(spent))
    }

    /// How long, together, the layers below may still sleep and queue before the answer must go
    /// back. `None` leaves it to the deadline, and to the maximum of a layer where one is set.
    #[must_use]
    pub const fn wait_budget(&self) -> Option<Duration> {
        self.wait_budget
    }

    /// Which attempt this is: 0 for the first, 1 for the first resend.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Who goes first where calls wait for a limit; [`Priority::Normal`] unless set.
    #[must_use]
    pub const fn priority(&self) -> Priority {
        self.priority
    }

    /// Where a layer above wants to hear what the answer says the call took.
    #[must_use]
    pub const fn usage_report(&self) -> Option<&UsageReport> {
        self.usage_report.as_ref()
    }

    /// Says where it goes.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<Option<Target>>) -> Self {
        self.target = target.into();
        self
    }

    /// Says what it is expected to cost.
    #[must_use]
    pub fn with_cost(mut self, cost: impl Into<Option<Cost>>) -> Self {
        self.cost = cost.into();
        self
    }

    /// Says when its first attempt arrived.
    #[must_use]
    pub fn with_arrival(mut self, arrival: impl Into<Option<Instant>>) -> Self {
        self.arrival = arrival.into();
        self
    }

    /// Says when the whole call must be over.
    #[must_use]
    pub fn with_deadline(mut self, deadline: impl Into<Option<Instant>>) -> Self {
        self.deadline = deadline.into();
        self
    }

    /// Says when the head of this target's answer must be there.
    #[must_use]
    pub fn with_attempt_deadline(mut self, deadline: impl Into<Option<Instant>>) -> Self {
        self.attempt_deadline = deadline.into();
        self
    }

    /// Says how long from now the whole call may take. A time beyond what the clock can hold is no
    /// deadline.
    #[must_use]
    pub fn with_deadline_in(self, time: Duration) -> Self {
        let deadline = Instant::now().checked_add(time);
        self.with_deadline(deadline)
    }

    /// Says how long the layers below may sleep and queue.
    #[must_use]
    pub fn with_wait_budget(mut self, budget: impl Into<Option<Duration>>) -> Self {
        self.wait_budget = budget.into();
        self
    }

    /// Says which attempt this is.
    #[must_use]
    pub const fn with_attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Says who goes first where calls wait for a limit.
    #[must_use]
    pub const fn with_priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Who wants to hear what the answer says the call took.
    #[must_use]
    pub fn with_usage_report(mut self, report: impl Into<Option<UsageReport>>) -> Self {
        self.usage_report = report.into();
        self
    }
}
