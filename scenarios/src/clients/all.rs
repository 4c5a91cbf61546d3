//! All calls of a process.

use std::ops::Range;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::case::Case;

/// A task for each call, which begins when the call arrives.
pub(super) async fn all<F>(case: &Case, calls: Range<usize>, call: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let begun = Instant::now();
    let task = |n| {
        let (arrival, call) = (begun + case.arrival(n), call(n));
        async move {
            if arrival > begun {
                sleep_until(arrival).await;
            }
            call.await;
        }
    };
    let mut tasks: JoinSet<()> = calls.map(task).collect();
    while tasks.join_next().await.is_some() {}
}
