//! What to do about an answer that is no success.

use std::time::Duration;

use jiff::fmt::friendly::{FractionalUnit, Spacing, SpanPrinter};
use tollgate_core::{Class, Classification, Scope};

/// "wait 644ms and send it again, or send it to another model"
pub(crate) fn of(seen: &Classification) -> String {
    let mut ways = if seen.retry_same() {
        vec![again(seen.wait())]
    } else {
        cure(seen.class()).into_iter().collect()
    };
    if seen.try_elsewhere() {
        ways.push(elsewhere(seen).to_owned());
    }
    if ways.is_empty() {
        ways.push("ask the provider".to_owned());
    }
    let ways = ways.join(", or ");
    if seen.retry_same() {
        return ways;
    }
    // Some name a wait even where a limit is zero or a balance is empty.
    let told = seen.wait().filter(|wait| !wait.is_zero());
    let told = told.map(|wait| format!(", though it names a wait of {}", span(wait)));
    let told = told.unwrap_or_default();
    format!("waiting does not help{told}: {ways}")
}

fn again(wait: Option<Duration>) -> String {
    match wait {
        None => "wait a little and send it again".to_owned(),
        Some(Duration::ZERO) => "send it again at once".to_owned(),
        Some(wait) => format!("wait {} and send it again", span(wait)),
    }
}

fn cure(class: Class) -> Option<String> {
    match class {
        Class::QuotaExhausted => Some("pay for more".to_owned()),
        Class::Auth => Some("fix the key".to_owned()),
        Class::InvalidRequest => Some("fix the call".to_owned()),
        // More than the limit ever lets through.
        Class::RateLimited => Some("send less at once".to_owned()),
        _ => None,
    }
}

fn elsewhere(seen: &Classification) -> &'static str {
    match seen.scope() {
        Scope::Provider => "send it to another provider",
        Scope::Account => "send it with another key or to another provider",
        _ if seen.class().is_transient() => "send it to another model or provider",
        _ => "send it to another model",
    }
}

/// A span as people write it: 644ms, 1.5s, 22m46.848s, 36h, 7d.
fn span(time: Duration) -> String {
    let days = time.as_secs() / (24 * 3_600);
    if days >= 2 {
        let rest = time - Duration::from_secs(days * 24 * 3_600);
        let rest = Some(rest).filter(|rest| !rest.is_zero()).map(span);
        return format!("{days}d{}", rest.unwrap_or_default());
    }
    let unit = if time < Duration::from_secs(1) {
        FractionalUnit::Millisecond
    } else {
        FractionalUnit::Second
    };
    let printer = SpanPrinter::new()
        .spacing(Spacing::None)
        .fractional(Some(unit));
    printer.unsigned_duration_to_string(&time)
}
