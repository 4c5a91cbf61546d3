//! The names of events, for logs, metrics and snapshots.

use tollgate_core::Target;

use super::Event;

impl<'a> Event<'a> {
    /// The layer that tells: `classify`, `retry`, `limit`, `breaker`, `route`, or `call` for what is
    /// told of attempts, calls and bodies.
    #[must_use]
    pub const fn layer(&self) -> &'static str {
        match self {
            #[cfg(feature = "classify")]
            Self::Classify(_) => "classify",
            #[cfg(feature = "retry")]
            Self::Retry(_) => "retry",
            #[cfg(feature = "limit")]
            Self::Limit(_) => "limit",
            #[cfg(feature = "breaker")]
            Self::Breaker(_) => "breaker",
            #[cfg(feature = "route")]
            Self::Route(_) => "route",
            Self::Attempted(_) | Self::Finished(_) | Self::Delivered(_) => "call",
        }
    }

    /// What happened, in snake case: the name of the layer's event.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            #[cfg(feature = "classify")]
            Self::Classify(_) => "classified",
            #[cfg(feature = "retry")]
            Self::Retry(event) => retry(event),
            #[cfg(feature = "limit")]
            Self::Limit(event) => limit(event),
            #[cfg(feature = "breaker")]
            Self::Breaker(event) => breaker(event),
            #[cfg(feature = "route")]
            Self::Route(event) => route(event),
            Self::Attempted(_) => "attempted",
            Self::Finished(_) => "finished",
            Self::Delivered(_) => "delivered",
        }
    }

    /// Whose it is, where the event names a target. Retry names a host only.
    #[must_use]
    pub fn target(&self) -> Option<&'a Target> {
        match self {
            #[cfg(feature = "classify")]
            Self::Classify(event) => event.target(),
            #[cfg(feature = "retry")]
            Self::Retry(_) => None,
            #[cfg(feature = "limit")]
            Self::Limit(event) => of_limit(event),
            #[cfg(feature = "breaker")]
            Self::Breaker(event) => Some(event.target()),
            #[cfg(feature = "route")]
            Self::Route(event) => of_route(event),
            Self::Attempted(event) => event.target.as_ref(),
            Self::Finished(event) => event.target.as_ref(),
            Self::Delivered(event) => event.target.as_ref(),
        }
    }
}

/// What a layer tells some day that is not known here yet.
#[cfg(any(
    feature = "retry",
    feature = "limit",
    feature = "breaker",
    feature = "route"
))]
const OTHER: &str = "other";

#[cfg(feature = "retry")]
const fn retry(event: &tollgate_retry::Event) -> &'static str {
    use tollgate_retry::Event;
    match event {
        Event::Retrying { .. } => "retrying",
        Event::GaveUp { .. } => "gave_up",
        Event::Recovered { .. } => "recovered",
        _ => OTHER,
    }
}

#[cfg(feature = "limit")]
const fn limit(event: &tollgate_limit::Event) -> &'static str {
    use tollgate_limit::Event;
    match event {
        Event::Admitted { .. } => "admitted",
        Event::Queued { .. } => "queued",
        Event::Refused { .. } => "refused",
        Event::Learned { .. } => "learned",
        Event::Gated { .. } => "gated",
        Event::Reopened { .. } => "reopened",
        Event::OverAdmitted { .. } => "over_admitted",
        Event::Ignored { .. } => "ignored",
        Event::BelowConfigured { .. } => "below_configured",
        Event::KeyUntracked { .. } => "key_untracked",
        _ => OTHER,
    }
}

#[cfg(feature = "limit")]
const fn of_limit(event: &tollgate_limit::Event) -> Option<&Target> {
    use tollgate_limit::Event;
    match event {
        Event::Refused { target, .. } => target.as_ref(),
        Event::Admitted { target, .. }
        | Event::Queued { target, .. }
        | Event::Learned { target, .. }
        | Event::Gated { target, .. }
        | Event::Reopened { target, .. }
        | Event::OverAdmitted { target, .. }
        | Event::Ignored { target, .. }
        | Event::BelowConfigured { target, .. }
        | Event::KeyUntracked { target, .. } => Some(target),
        _ => None,
    }
}

#[cfg(feature = "breaker")]
const fn breaker(event: &tollgate_breaker::Event) -> &'static str {
    use tollgate_breaker::Event;
    match event {
        Event::Opened { .. } => "opened",
        Event::HalfOpened { .. } => "half_opened",
        Event::Probing { .. } => "probing",
        Event::Closed { .. } => "closed",
        Event::Refused { .. } => "refused",
        Event::Forced { .. } => "forced",
        Event::Unwatched { .. } => "unwatched",
        Event::BodyFailed { .. } => "body_failed",
        Event::Abandoned { .. } => "abandoned",
        _ => OTHER,
    }
}

#[cfg(feature = "route")]
const fn route(event: &tollgate_route::Event) -> &'static str {
    use tollgate_route::Event;
    match event {
        Event::Switching { .. } => "switching",
        Event::Again { .. } => "again",
        Event::Cooling { .. } => "cooling",
        Event::Returned { .. } => "returned",
        Event::KeyRefused { .. } => "key_refused",
        Event::Skipped { .. } => "skipped",
        Event::Diverted { .. } => "diverted",
        Event::Waiting { .. } => "waiting",
        Event::Exhausted { .. } => "exhausted",
        Event::Refused { .. } => "refused",
        _ => OTHER,
    }
}

#[cfg(feature = "route")]
fn of_route(event: &tollgate_route::Event) -> Option<&Target> {
    use tollgate_route::Event;
    match event {
        Event::Switching { to, .. } => Some(to),
        Event::Again { after, .. } => Some(after.target()),
        Event::Cooling { target, .. }
        | Event::Returned { target, .. }
        | Event::KeyRefused { target, .. } => Some(target),
        Event::Skipped { attempt, .. } => Some(attempt.target()),
        Event::Diverted { to, .. } => Some(to),
        _ => None,
    }
}
