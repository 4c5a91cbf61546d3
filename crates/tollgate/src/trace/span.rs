//! The two spans: a whole call, and one attempt of it.

use http::{Request, StatusCode};
use tollgate_core::{Target, Usage, host_of};
use tracing::{Span, field::Empty, info_span};

use super::{plain, semantic};
use crate::event::Outcome;

/// Nothing of the request but its method, host, path's meaning and model: no query, no header.
pub(crate) fn operation<B>(request: &Request<B>, model: Option<&str>) -> Span {
    let model = model.map(plain::name);
    let span = info_span!(
        target: "tollgate",
        "operation",
        "otel.name" = Empty,
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = Empty,
        "gen_ai.provider.name" = Empty,
        "gen_ai.request.model" = model,
        "gen_ai.response.model" = Empty,
        "gen_ai.usage.input_tokens" = Empty,
        "gen_ai.usage.output_tokens" = Empty,
        "server.address" = host_of(request),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    );
    if span.is_disabled() {
        return span;
    }
    let operation = semantic::operation(request.uri().path());
    if let Some(operation) = operation {
        span.record("gen_ai.operation.name", operation);
    }
    // "chat gpt-4o": what OpenTelemetry wants a span of this kind to be called.
    match (operation, model) {
        (Some(operation), Some(model)) => span.record("otel.name", format!("{operation} {model}")),
        (Some(operation), None) => span.record("otel.name", operation),
        (None, _) => &span,
    };
    span
}

pub(crate) fn attempt<B>(request: &Request<B>, target: Option<&Target>, number: u32) -> Span {
    info_span!(
        target: "tollgate",
        "attempt",
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "gen_ai.provider.name" = target.map(|target| semantic::provider(target.provider())),
        "gen_ai.request.model" = target.and_then(plain::model),
        "account" = target.and_then(Target::account),
        "server.address" = host_of(request),
        "http.request.method" = request.method().as_str(),
        "http.request.resend_count" = (number > 0).then_some(number),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    )
}

pub(crate) fn ended(
    span: &Span,
    outcome: Outcome,
    status: Option<StatusCode>,
    target: Option<&Target>,
) {
    if span.is_disabled() {
        return;
    }
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if !outcome.is_ok() {
        span.record("error.type", outcome.as_str());
        span.record("otel.status_code", "ERROR");
    }
    // Known to the operation only now; an attempt has no field of the second name, and had the first
    // from its start.
    let is = |name: &str| span.metadata().is_some_and(|meta| meta.name() == name);
    if let Some(target) = target.filter(|_| is("operation")) {
        span.record(
            "gen_ai.provider.name",
            semantic::provider(target.provider()),
        );
        if let Some(model) = plain::model(target).filter(|_| status.is_some()) {
            span.record("gen_ai.response.model", model);
        }
    }
}

pub(crate) fn used(span: &Span, usage: Usage) {
    span.record("gen_ai.usage.input_tokens", usage.input());
    span.record("gen_ai.usage.output_tokens", usage.output());
}
