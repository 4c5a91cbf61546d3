//! What is told of attempts, calls and bodies.

use tollgate_core::{Dimension, LimitKind, Quota, Target, Window};
use tracing::{debug, info, warn};

use super::plain::{self, Plain};
use crate::{
    Event,
    event::{Attempted, Delivered, End, Finished, Outcome},
};

pub(super) fn attempted(event: &Event<'_>, told: &Attempted) {
    let target = told.target.as_ref();
    let scarcest = scarcest(&told.quota);
    debug!(
        target: "tollgate::call",
        event = event.kind(),
        provider = target.map(Target::provider),
        model = target.and_then(plain::model),
        account = target.and_then(Target::account),
        outcome = told.outcome.as_str(),
        status = told.status.map(|status| status.as_u16()),
        attempt = told.attempt.saturating_add(1),
        took = told.took.as_secs_f64(),
        limit.kind = scarcest.map(|one| LimitKind::as_str(one.kind)),
        limit.window = scarcest.and_then(|one| one.window.map(Window::as_str)),
        limit = scarcest.and_then(|one| one.limit),
        remaining = scarcest.and_then(|one| one.remaining),
        reset = scarcest.and_then(|one| one.reset.map(|reset| reset.as_secs_f64())),
        "{}", Plain(event)
    );
}

/// The dimension of which the smallest part is left.
fn scarcest(quota: &Quota) -> Option<&Dimension> {
    let part = |one: &Dimension| {
        let (limit, left) = one.limit.zip(one.remaining)?;
        // A part of a limit needs no 16 digits.
        Some(left as f64 / limit.max(1) as f64)
    };
    let known = quota.iter().filter_map(|one| Some((part(one)?, one)));
    let scarcest = known.min_by(|a, b| a.0.total_cmp(&b.0));
    scarcest.map(|(_, one)| one)
}

/// The level must be known where the macro stands.
macro_rules! at_level {
    ($level:ident, $($fields:tt)*) => {
        match $level {
            Level::Quiet => debug!(target: "tollgate::call", $($fields)*),
            Level::Told => info!(target: "tollgate::call", $($fields)*),
            Level::Loud => warn!(target: "tollgate::call", $($fields)*),
        }
    };
}

enum Level {
    Quiet,
    Told,
    Loud,
}

pub(super) fn finished(event: &Event<'_>, told: &Finished) {
    let target = told.target.as_ref();
    let level = match told.outcome {
        outcome if outcome.is_ok() => Level::Quiet,
        Outcome::Cancelled => Level::Told,
        _ => Level::Loud,
    };
    at_level!(
        level,
        event = event.kind(),
        provider = target.map(Target::provider),
        model = target.and_then(plain::model),
        account = target.and_then(Target::account),
        outcome = told.outcome.as_str(),
        status = told.status.map(|status| status.as_u16()),
        took = told.took.as_secs_f64(),
        "{}",
        Plain(event)
    );
}

pub(super) fn delivered(event: &Event<'_>, told: &Delivered) {
    let target = told.target.as_ref();
    let level = match told.end {
        End::Complete => Level::Quiet,
        End::Dropped => Level::Told,
        End::Broken | End::Failed(_) => Level::Loud,
    };
    let used = told.usage.as_ref();
    at_level!(
        level,
        event = event.kind(),
        provider = target.map(Target::provider),
        model = target.and_then(plain::model),
        account = target.and_then(Target::account),
        end = told.end.as_str(),
        took = told.took.as_secs_f64(),
        tokens.used = used.map(|used| used.input().saturating_add(used.output())),
        tokens.input = used.map(tollgate_core::Usage::input),
        tokens.output = used.map(tollgate_core::Usage::output),
        "{}",
        Plain(event)
    );
}
