//! What the router tells.

use tollgate_core::{Class, Target};
use tollgate_route::Event as Told;
use tracing::{debug, error, info, warn};

use crate::{
    Event,
    trace::plain::{self, Plain},
};

/// Each event that names a target does so in the same fields.
macro_rules! tell {
    ($level:ident, $event:ident, $($fields:tt)*) => {{
        let target = $event.target();
        $level!(
            target: "tollgate::route",
            event = $event.kind(),
            provider = target.map(Target::provider),
            model = target.and_then(plain::model),
            account = target.and_then(Target::account),
            $($fields)*
            "{}", Plain($event)
        )
    }};
}

pub(in crate::trace) fn route(event: &Event<'_>, told: &Told) {
    match told {
        Told::Switching { after, .. } => tell!(
            info,
            event,
            from = after.target().to_string(),
            class = after.class().map(Class::as_str),
        ),
        Told::Again { after, wait, .. } => tell!(
            info,
            event,
            class = after.class().map(Class::as_str),
            wait = wait.as_secs_f64(),
        ),
        Told::Cooling {
            scope, class, wait, ..
        } => tell!(
            info,
            event,
            class = class.as_str(),
            scope = scope.as_str(),
            wait = wait.as_secs_f64(),
        ),
        Told::KeyRefused { .. } => tell!(error, event,),
        Told::Skipped { attempt, .. } => tell!(
            debug,
            event,
            class = attempt.class().map(Class::as_str),
            wait = attempt.wait().map(|wait| wait.as_secs_f64()),
        ),
        Told::Diverted { route, .. } => tell!(debug, event, route = &**route,),
        Told::Waiting { route, wait, .. } => {
            tell!(info, event, route = &**route, wait = wait.as_secs_f64(),);
        }
        Told::Exhausted {
            route,
            asked,
            retry_after,
            ..
        } => tell!(
            warn,
            event,
            route = &**route,
            asked = asked,
            wait = retry_after.map(|wait| wait.as_secs_f64()),
        ),
        _ => tell!(info, event,),
    }
}
