//! What each layer tells.

#[cfg(feature = "breaker")]
mod breaker;
#[cfg(feature = "limit")]
mod limit;
#[cfg(feature = "route")]
mod route;

#[cfg(feature = "breaker")]
pub(super) use breaker::breaker;
#[cfg(feature = "limit")]
pub(super) use limit::limit;
#[cfg(feature = "route")]
pub(super) use route::route;

#[cfg(feature = "classify")]
use super::plain;
#[cfg(any(feature = "classify", feature = "retry"))]
use super::plain::Plain;
#[cfg(any(feature = "classify", feature = "retry"))]
use crate::Event;

#[cfg(feature = "classify")]
pub(super) fn classified(event: &Event<'_>, told: &tollgate_classify::Classified) {
    use tollgate_core::{LimitKind, Target, Window};
    let (target, seen) = (told.target(), told.classification());
    tracing::debug!(
        target: "tollgate::classify",
        event = event.kind(),
        provider = told.origin(),
        model = target.and_then(plain::model),
        account = target.and_then(Target::account),
        status = told.status().as_u16(),
        class = seen.class().as_str(),
        limit.kind = seen.limit().map(LimitKind::as_str),
        limit.window = seen.window().map(Window::as_str),
        wait = seen.wait().map(|wait| wait.as_secs_f64()),
        evidence = seen.evidence(),
        "{}", Plain(event)
    );
}

#[cfg(feature = "retry")]
pub(super) fn retry(event: &Event<'_>, told: &tollgate_retry::Event) {
    use tollgate_core::Class;
    use tollgate_retry::{Event, Why};
    let kind = event.kind();
    let text = Plain(event);
    match told {
        Event::Retrying {
            host,
            class,
            attempts,
            wait,
            hint,
            ..
        } => tracing::info!(
            target: "tollgate::retry",
            event = kind,
            provider = &**host,
            class = class.as_str(),
            attempt = attempts,
            wait = wait.as_secs_f64(),
            hint = hint.map(|hint| hint.as_secs_f64()),
            "{text}"
        ),
        Event::GaveUp {
            host,
            class,
            attempts,
            why,
            ..
        } => {
            macro_rules! tell {
                ($level:ident) => {
                    tracing::$level!(
                        target: "tollgate::retry",
                        event = kind,
                        provider = &**host,
                        class = class.map(Class::as_str),
                        attempt = attempts,
                        why = why.as_str(),
                        "{text}"
                    )
                };
            }
            match why {
                // Whoever refused has told so, and while a breaker is open there are many. And where another
                // target is to be asked, nobody waits here.
                Why::Rejected | Why::WaitBudget | Why::Share => tell!(debug),
                _ => tell!(warn),
            }
        }
        Event::Recovered {
            host,
            attempts,
            waited,
            ..
        } => tracing::info!(
            target: "tollgate::retry",
            event = kind,
            provider = &**host,
            attempt = attempts,
            waited = waited.as_secs_f64(),
            "{text}"
        ),
        _ => tracing::info!(target: "tollgate::retry", event = kind, "{text}"),
    }
}
