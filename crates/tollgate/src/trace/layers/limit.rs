//! What the limiter tells.

use tollgate_core::{LimitKind, Target, Window};
use tollgate_limit::{Counts, Event as Told};
use tracing::{debug, info, warn};

use crate::{
    Event,
    trace::plain::{self, Plain},
};

/// Each event names the same target in the same fields.
macro_rules! tell {
    ($level:ident, $event:ident, $target:expr, $($fields:tt)*) => {{
        let target: Option<&Target> = $target;
        $level!(
            target: "tollgate::limit",
            event = $event.kind(),
            provider = target.map(Target::provider),
            model = target.and_then(plain::model),
            account = target.and_then(Target::account),
            $($fields)*
            "{}", Plain($event)
        )
    }};
}

pub(in crate::trace) fn limit(event: &Event<'_>, told: &Told) {
    let target = event.target();
    match told {
        Told::Admitted { cost, .. } => {
            tell!(debug, event, target, tokens.estimated = cost.tokens(),);
        }
        Told::Queued { cost, waited, .. } => tell!(
            debug,
            event,
            target,
            tokens.estimated = cost.tokens(),
            wait = waited.as_secs_f64(),
        ),
        Told::Refused {
            reason,
            retry_after,
            ..
        } => tell!(
            info,
            event,
            target,
            why = reason.as_str(),
            wait = retry_after.map(|wait| wait.as_secs_f64()),
        ),
        Told::Learned {
            kind,
            window,
            limit,
            counts,
            ..
        } => tell!(
            info,
            event,
            target,
            limit.kind = kind.as_str(),
            limit.window = window.map(Window::as_str),
            limit = limit,
            counts = counts_as(*counts),
        ),
        Told::Gated { limit, wait, .. } => tell!(
            info,
            event,
            target,
            limit.kind = limit.map(LimitKind::as_str),
            wait = wait.as_secs_f64(),
        ),
        Told::Reopened { limit, .. } => {
            tell!(
                info,
                event,
                target,
                limit.kind = limit.map(LimitKind::as_str),
            );
        }
        Told::OverAdmitted {
            class, limit, told, ..
        } => tell!(
            warn,
            event,
            target,
            class = class.as_str(),
            limit.kind = limit.map(LimitKind::as_str),
            wait = told.map(|told| told.as_secs_f64()),
        ),
        Told::Ignored { limit, what, .. } => tell!(
            debug,
            event,
            target,
            limit.kind = limit.map(LimitKind::as_str),
            why = what.as_str(),
        ),
        Told::BelowConfigured { below, .. } => tell!(
            warn,
            event,
            target,
            limit.kind = below.kind.as_str(),
            per_minute.configured = below.configured,
            per_minute.actual = below.actual,
            why = below.reason.as_str(),
        ),
        Told::KeyUntracked { keys, .. } => tell!(warn, event, target, keys = *keys as u64,),
        _ => tell!(info, event, target,),
    }
}

const fn counts_as(counts: Counts) -> &'static str {
    match counts {
        Counts::Bucket => "bucket",
        Counts::Window => "window",
        Counts::Measured => "measured",
        Counts::Reported => "reported",
        _ => "log",
    }
}
