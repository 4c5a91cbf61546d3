//! What every layer owes the services around it: one battery, run for each layer.
//!
//! A layer joins by a line in [`battery!`] below. The matrix of layers and promises is the list of
//! tests: `cargo test -p tollgate-tests --test contract -- --list`.

mod cases;
mod inner;
mod wrong;

use std::time::Duration;

use tollgate::{AttemptLayer, DeadlineLayer, Event, OperationLayer, Stack};
use tollgate_breaker::BreakerLayer;
use tollgate_classify::ClassifyLayer;
use tollgate_core::ReplayLayer;
use tollgate_limit::LimitLayer;
use tollgate_retry::RetryLayer;
use tollgate_route::{
    Route, RouteLayer, invoke::InvokeStreamLayer, provider::preset,
    responses::StoredResponsesLayer, timeout::TimeoutLayer,
};

/// Runs every case for every layer. The expression is evaluated anew for each case, so that no state
/// is carried over.
macro_rules! battery {
    ($($name:ident: $layer:expr;)*) => { $( battery!(@one $name, $layer,
        the_readied_instance_is_used,
        pending_registers_a_waker,
        a_failed_readiness_passes_unchanged,
        an_error_of_the_client_passes_unchanged,
        head_body_and_trailers_pass_unchanged,
        nothing_is_held_while_a_layer_waits,
        nothing_is_held_for_a_request_body,
        dropping_after_ready_releases,
        dropping_while_waiting_releases,
        dropping_during_the_call_releases,
        dropping_during_the_body_releases,
        callers_that_keep_their_service_all_get_through,
        an_abandoned_poll_ready_does_not_block_others,
        clones_work_at_the_same_time,
        composes_under_concurrency_limit,
        composes_under_buffer,
        composes_under_load_shed,
        composes_under_timeout,
        composes_under_box_clone_sync_service,
        the_future_is_send_when_the_client_is,
        works_over_a_client_that_is_not_send,
        works_over_a_client_that_borrows,
    ); )* };
    (@one $name:ident, $layer:expr, $($case:ident,)*) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(start_paused = true)]
                async fn $case() {
                    cases::$case($layer).await;
                }
            )*
        }
    };
}

/// One target, so that what it says is what the caller gets; any model, so that any body will do.
fn one() -> Route {
    Route::new("r").ordered([preset::groq().key("k").any_model()])
}

fn route() -> RouteLayer {
    RouteLayer::new(one()).expect("a good route")
}

/// Longer than any case takes.
const DAY: Duration = Duration::from_secs(86_400);

fn timeouts() -> TimeoutLayer {
    let limits = TimeoutLayer::builder()
        .attempt(DAY)
        .first_event(DAY)
        .idle(DAY);
    limits.build().expect("good limits")
}

battery! {
    // Nothing at all: proves that the battery asks for no more than tower does.
    identity: tower_layer::Identity::new();
    replay: ReplayLayer::new();
    classify: ClassifyLayer::new();
    retry: RetryLayer::new();
    breaker: BreakerLayer::new();
    limit: LimitLayer::new();
    route: route();
    timeouts: timeouts();
    invoke_stream: InvokeStreamLayer::new();
    stored_responses: StoredResponsesLayer::new();
    deadline: DeadlineLayer::new(DAY).whole_body();
    stack: Stack::new().deadline(DAY).build().expect("good settings");
    stack_with_route: Stack::new().route(one()).build().expect("a good route");
    operation: OperationLayer::new();
    operation_heard: OperationLayer::new().observer(|_: &Event<'_>| {});
    attempt: AttemptLayer::new();
    attempt_heard: AttemptLayer::new().observer(|_: &Event<'_>| {});
}
