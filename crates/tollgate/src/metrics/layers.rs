//! What is counted of each layer.

use metrics::counter;

use super::{calls::with, labels::Labels, names};

#[cfg(feature = "retry")]
pub(super) fn retry(known: &Labels, event: &tollgate_retry::Event) {
    use tollgate_retry::Event;
    match event {
        Event::Retrying {
            host, class, wait, ..
        } => {
            let labels = with("class", class.as_str(), known.provider(host));
            metrics::histogram!(names::RETRY_WAIT, labels.iter()).record(wait.as_secs_f64());
            counter!(names::RETRIES, labels).increment(1);
        }
        Event::GaveUp { host, why, .. } => {
            let labels = with("why", why.as_str(), known.provider(host));
            counter!(names::GIVEN_UP, labels).increment(1);
        }
        Event::Recovered { host, .. } => {
            counter!(names::RECOVERED, known.provider(host)).increment(1);
        }
        _ => {}
    }
}

#[cfg(feature = "limit")]
pub(super) fn limit(known: &Labels, event: &tollgate_limit::Event) {
    use tollgate_limit::Event;
    match event {
        Event::Admitted { target, .. } => {
            known
                .series(Some(target))
                .record(names::QUEUE_WAIT, None, 0.0);
        }
        Event::Queued { target, waited, .. } => {
            let series = known.series(Some(target));
            series.record(names::QUEUE_WAIT, None, waited.as_secs_f64());
        }
        Event::Refused { target, reason, .. } => {
            let labels = known.of(target.as_ref());
            count(names::LIMIT_REFUSED, "reason", reason.as_str(), labels);
        }
        Event::Learned { target, kind, .. } => {
            count(
                names::LEARNED,
                "kind",
                kind.as_str(),
                known.of(Some(target)),
            );
        }
        Event::Gated { target, .. } => {
            counter!(names::GATED, known.of(Some(target))).increment(1);
        }
        Event::OverAdmitted { target, class, .. } => {
            let labels = known.of(Some(target));
            count(names::OVER_ADMITTED, "class", class.as_str(), labels);
        }
        Event::Ignored { target, what, .. } => {
            count(
                names::IGNORED,
                "what",
                what.as_str(),
                known.of(Some(target)),
            );
        }
        Event::BelowConfigured { target, below, .. } => {
            let labels = known.of(Some(target));
            count(names::BELOW, "reason", below.reason.as_str(), labels);
        }
        Event::KeyUntracked { target, .. } => {
            counter!(names::UNTRACKED, known.of(Some(target))).increment(1);
        }
        _ => {}
    }
}

#[cfg(feature = "breaker")]
pub(super) fn breaker(known: &Labels, event: &tollgate_breaker::Event) {
    use tollgate_breaker::{Event, State};
    let labels = known.of(Some(event.target()));
    let to = match event {
        Event::Refused { .. } => {
            counter!(names::BREAKER_REFUSED, labels).increment(1);
            return;
        }
        Event::Opened { .. } => "open",
        Event::HalfOpened { .. } => "half_open",
        Event::Closed { .. } => "closed",
        Event::Forced { state, .. } => match state {
            State::Closed => "closed",
            State::HalfOpen => "half_open",
            _ => "open",
        },
        _ => return,
    };
    count(names::BREAKER_TRANSITIONS, "to", to, labels);
}

#[cfg(feature = "route")]
pub(super) fn route(known: &Labels, event: &tollgate_route::Event) {
    use metrics::Label;
    use tollgate_route::Event;
    match event {
        Event::Switching { after, to, .. } => {
            let labels = vec![
                Label::new("from", known.joined(after.target())),
                Label::new("to", known.joined(to)),
            ];
            counter!(names::FALLBACKS, labels).increment(1);
        }
        Event::Again { after, .. } => {
            counter!(names::TRIES, known.of(Some(after.target()))).increment(1);
        }
        Event::Cooling {
            target,
            scope,
            class,
            ..
        } => {
            let labels = with("scope", scope.as_str(), known.of(Some(target)));
            count(names::COOLDOWNS_BEGUN, "class", class.as_str(), labels);
        }
        Event::KeyRefused { target, .. } => {
            counter!(names::KEY_REFUSALS, known.of(Some(target))).increment(1);
        }
        Event::Diverted { route, to, .. } => {
            let mut labels = vec![Label::new("route", route.clone())];
            labels.extend(known.of(Some(to)));
            counter!(names::DIVERTED, labels).increment(1);
        }
        Event::Waiting { route, wait, .. } => {
            let labels = vec![Label::new("route", route.clone())];
            metrics::histogram!(names::ROUTE_WAIT, labels).record(wait.as_secs_f64());
        }
        Event::Exhausted { route, .. } => {
            let labels = vec![Label::new("route", route.clone())];
            counter!(names::EXHAUSTED, labels).increment(1);
        }
        _ => {}
    }
}

#[cfg(any(feature = "limit", feature = "breaker", feature = "route"))]
fn count(name: &'static str, label: &'static str, value: &'static str, rest: Vec<metrics::Label>) {
    counter!(name, with(label, value, rest)).increment(1);
}
