//! The two spans: a whole call, and one attempt of it.

use http::{Request, StatusCode};
use tollgate_core::{Target, Usage, host_of};
use tracing::{Span, field::Empty, info_span, record_all};

use super::{plain, semantic};
use crate::event::Outcome;

/// Nothing of the request but its method, host, path's meaning and model: no query, no header.
pub(crate) fn operation<B>(request: &Request<B>, model: Option<&str>) -> Span {
    let model = model.map(plain::name);
    let operation = semantic::operation(request.uri().path());
    // "chat gpt-4o": what OpenTelemetry wants a span of this kind to be called.
    let name = || match (operation?, model) {
        (operation, Some(model)) => Some([operation, " ", model].concat()),
        (operation, None) => Some(operation.to_owned()),
    };
    // All that is known is said at once: each word that is added later costs a look-up of the span.
    info_span!(
        target: "tollgate",
        "operation",
        "otel.name" = name(),
        "otel.kind" = "client",
        "otel.status_code" = Empty,
        "gen_ai.operation.name" = operation,
        "gen_ai.provider.name" = Empty,
        "gen_ai.request.model" = model,
        "gen_ai.response.model" = Empty,
        "gen_ai.usage.input_tokens" = Empty,
        "gen_ai.usage.output_tokens" = Empty,
        "server.address" = host_of(request),
        "http.response.status_code" = Empty,
        "error.type" = Empty,
    )
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
    // Known to the operation only now; an attempt has no field of the second name, and had the first
    // from its start.
    let is = |name: &str| span.metadata().is_some_and(|meta| meta.name() == name);
    let target = target.filter(|_| is("operation"));
    let answered = target.filter(|_| status.is_some());
    let failed = !outcome.is_ok();
    record_all!(
        span,
        "http.response.status_code" = status.map(|status| status.as_u16()),
        "error.type" = failed.then(|| outcome.as_str()),
        "otel.status_code" = failed.then_some("ERROR"),
        "gen_ai.provider.name" = target.map(|target| semantic::provider(target.provider())),
        "gen_ai.response.model" = answered.and_then(plain::model),
    );
}

pub(crate) fn used(span: &Span, usage: Usage) {
    record_all!(
        span,
        "gen_ai.usage.input_tokens" = usage.input(),
        "gen_ai.usage.output_tokens" = usage.output(),
    );
}
