//! What a breaker tells.

use tollgate_breaker::Event as Told;
use tollgate_core::Target;
use tracing::{debug, info, warn};

use crate::{
    Event,
    trace::plain::{self, Plain},
};

/// Each event names the same target in the same fields.
macro_rules! tell {
    ($level:ident, $event:ident, $target:ident, $($fields:tt)*) => {
        $level!(
            target: "tollgate::breaker",
            event = $event.kind(),
            provider = $target.provider(),
            model = plain::model($target),
            account = Target::account($target),
            $($fields)*
            "{}", Plain($event)
        )
    };
}

pub(in crate::trace) fn breaker(event: &Event<'_>, told: &Told) {
    let target = told.target();
    match told {
        Told::Opened { why, wait, .. } => tell!(
            warn,
            event,
            target,
            why = why.to_string(),
            wait = wait.as_secs_f64(),
        ),
        Told::Probing { .. } => tell!(debug, event, target,),
        Told::Refused { wait, .. } => tell!(
            debug,
            event,
            target,
            wait = wait.map(|wait| wait.as_secs_f64()),
        ),
        Told::Forced { state, held, .. } => {
            tell!(info, event, target, state = state.as_str(), held = held,);
        }
        Told::Abandoned { after, .. } => {
            tell!(info, event, target, took = after.as_secs_f64(),);
        }
        Told::BodyFailed { class, .. } => {
            tell!(info, event, target, class = class.as_str(),);
        }
        Told::Unwatched { .. } => tell!(warn, event, target,),
        _ => tell!(info, event, target,),
    }
}
