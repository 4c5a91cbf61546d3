//! Every name, with what it means.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down; set by [`refresh`](super::Metrics::refresh).
    Gauge,
    /// It is a distribution.
    Histogram,
}

impl Kind {
    /// The name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One name of a metric.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Name {
    /// The name, which begins with `tollgate_`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Its labels, in their order.
    pub labels: &'static [&'static str],
    /// What it means.
    pub help: &'static str,
}

impl Name {
    /// What it counts in: times are seconds.
    fn unit(&self) -> Unit {
        match self.name.ends_with("_seconds") {
            true => Unit::Seconds,
            false => Unit::Count,
        }
    }

    pub(super) fn describe(&self) {
        match self.kind {
            Kind::Counter => describe_counter!(self.name, self.unit(), self.help),
            Kind::Gauge => describe_gauge!(self.name, self.unit(), self.help),
            Kind::Histogram => describe_histogram!(self.name, self.unit(), self.help),
        }
    }
}

/// Bounds of buckets for histograms, in seconds: from 5 ms, through the seconds of an answer, to the
/// half hour of a long wait.
pub const BUCKETS: [f64; 17] = [
    0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0,
    1_800.0,
];

macro_rules! names {
    ($($kind:ident $constant:ident = $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(
            #[allow(dead_code, reason = "a layer that is not there leaves its names unused")]
            pub(super) const $constant: &str = $name;
        )*

        /// Every name that [`Metrics`](super::Metrics) uses.
        pub const NAMES: [Name; [$($name),*].len()] = [$(Name {
            name: $name,
            kind: Kind::$kind,
            labels: &[$($label),*],
            help: $help,
        }),*];
    };
}

names! {
    Counter CALLS = "tollgate_calls_total" ["outcome", "provider", "model"]
        "Calls that ended, by a class, a reason of a refusal, or cancelled";
    Histogram CALL_DURATION = "tollgate_call_duration_seconds" ["outcome", "provider", "model"]
        "Time from a call to the head of its response, or to its error or drop";
    Counter BODIES = "tollgate_bodies_total" ["end", "provider", "model"]
        "Bodies of responses that ended: complete, broken, dropped, or failed by an error event";
    Histogram BODY_DURATION = "tollgate_body_duration_seconds" ["end", "provider", "model"]
        "Time from a call to the end of its response's body";
    Counter TOKENS = "tollgate_tokens_total" ["direction", "provider", "model"]
        "Tokens that answers say they took: input (cached is a part of it), output, cached";
    Counter ATTEMPTS = "tollgate_attempts_total" ["outcome", "provider", "model"]
        "Attempts that ended, by a class, a reason of a refusal, or cancelled";
    Histogram ATTEMPT_DURATION = "tollgate_attempt_duration_seconds" ["outcome", "provider", "model"]
        "Time from an attempt to the head of its response, queued or not";
    Counter RETRIES = "tollgate_retries_total" ["class", "provider"]
        "Attempts that failed and are followed by another, by what came back";
    Histogram RETRY_WAIT = "tollgate_retry_wait_seconds" ["class", "provider"]
        "How long is slept before a resend";
    Counter GIVEN_UP = "tollgate_given_up_total" ["why", "provider"]
        "Failures that retry handed up, by why there was no further attempt";
    Counter RECOVERED = "tollgate_recovered_total" ["provider"]
        "Calls that succeeded at a later attempt than their first";
    Histogram QUEUE_WAIT = "tollgate_queue_wait_seconds" ["provider", "model"]
        "How long the limiter held a call that it let go; 0 where it did not";
    Counter LIMIT_REFUSED = "tollgate_limit_refused_total" ["reason", "provider", "model"]
        "Calls that the limiter refused";
    Counter OVER_ADMITTED = "tollgate_over_admitted_total" ["class", "provider", "model"]
        "Calls that the limiter let go and the provider turned away";
    Counter LEARNED = "tollgate_limits_learned_total" ["kind", "provider", "model"]
        "Limits that became known or turned out to be others";
    Counter GATED = "tollgate_gates_closed_total" ["provider", "model"]
        "Gates that rejections closed";
    Counter IGNORED = "tollgate_answers_ignored_total" ["what", "provider", "model"]
        "Statements of answers about limits that were not believed";
    Counter BELOW = "tollgate_below_configured_total" ["reason", "provider", "model"]
        "Times that the provider was found to allow less than is configured, by how that is known";
    Counter UNTRACKED = "tollgate_keys_untracked_total" ["provider", "model"]
        "Times that keys of the limiter began to share one count because no place was left";
    Counter BREAKER_TRANSITIONS = "tollgate_breaker_transitions_total" ["to", "provider", "model"]
        "Changes of a breaker's state: to open, half_open or closed";
    Counter BREAKER_REFUSED = "tollgate_breaker_refused_total" ["provider", "model"]
        "Calls that a breaker refused";
    Counter FALLBACKS = "tollgate_fallbacks_total" ["from", "to"]
        "Calls that went on to another target";
    Counter TRIES = "tollgate_target_tries_total" ["provider", "model"]
        "Calls that the router asked the same target again";
    Counter COOLDOWNS_BEGUN = "tollgate_cooldowns_begun_total" ["class", "scope", "provider", "model"]
        "Targets that the router began to leave alone, by which answer, and how far it reaches";
    Histogram ROUTE_WAIT = "tollgate_route_wait_seconds" ["route"]
        "How long a call waits because no target may be asked";
    Counter EXHAUSTED = "tollgate_exhausted_total" ["route"]
        "Calls for which no target was left";
    Counter KEY_REFUSALS = "tollgate_key_refusals_total" ["provider", "model"]
        "Answers that refused the key";
    Counter DIVERTED = "tollgate_diverted_calls_total" ["route", "provider", "model"]
        "Calls that were answered by another target than their first, by that other";
    Gauge LIMIT = "tollgate_limit_limit" ["provider", "model", "account", "kind", "window"]
        "The most that can be taken of a limit at once: the burst of a bucket, or what a window allows";
    Gauge PER_MINUTE = "tollgate_limit_per_minute" ["provider", "model", "account", "kind", "window"]
        "What comes back of a limit in a minute in the long run, where that is known";
    Gauge REMAINING = "tollgate_limit_remaining" ["provider", "model", "account", "kind", "window"]
        "How much of a limit is left";
    Gauge RESET = "tollgate_limit_reset_seconds" ["provider", "model", "account", "kind", "window"]
        "Time until a limit resets";
    Gauge BELOW_RATIO = "tollgate_limit_below_ratio" ["provider", "model", "account", "kind"]
        "Part of a configured limit that the provider allows, where it is found to allow less; then 1";
    Gauge GATE = "tollgate_gate_seconds" ["provider", "model", "account"]
        "Time until the last gate that a rejection closed opens; 0 where none is closed";
    Gauge QUEUE = "tollgate_queue_length" ["provider", "model", "account"]
        "Calls that wait for a limit";
    Gauge IN_FLIGHT = "tollgate_in_flight" ["provider", "model", "account"]
        "Calls on their way, to the last byte of the answer";
    Gauge RESERVED = "tollgate_reserved_tokens" ["provider", "model", "account"]
        "Tokens reserved for calls whose answers are not complete";
    Gauge BREAKER = "tollgate_breaker_state" ["provider", "model", "account"]
        "State of a breaker: 0 closed, 1 half open, 2 open";
    Gauge SLEEPING = "tollgate_sleeping" ["before", "reason"]
        "Calls that sleep: before which provider or route, and after which answer";
    Gauge BUDGET = "tollgate_retry_budget_tokens" ["provider"]
        "What is left of a retry budget";
    Gauge COOLDOWNS = "tollgate_cooldowns" ["class", "provider", "model", "account"]
        "Cooldowns of the router that are not over";
}
