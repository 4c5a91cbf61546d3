//! The end of a program: who waits hears so at once, who is answered reads to the end.

use std::time::Duration;

use http_body_util::BodyExt;
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tollgate::{
    BoxClient, Stack,
    stack::{BoxBody, Handle},
};
use tollgate_core::{Reason, Rejected};
use tollgate_limit::Limit;
use tollgate_test::{Answer, Dialect, Fault, Provider};
use tower::ServiceExt;

use crate::{
    Body, chat,
    hang::{SECOND, provider, world_of},
};

type Ended = JoinHandle<Result<http::Response<BoxBody>, Option<Rejected>>>;

/// Begins a call; what it ends with is its answer, or with what it was rejected.
fn begin(client: &BoxClient<Body>) -> Ended {
    let call = client.clone().oneshot(chat(Dialect::OpenAi, false));
    tokio::spawn(async move {
        call.await
            .map_err(|error| Rejected::find(error.as_ref()).cloned())
    })
}

async fn is_closed(call: Ended, back: Duration) {
    let ended = timeout(Duration::from_millis(1), call).await;
    let rejected = ended.expect("at once").expect("no panic");
    let rejected = rejected.err().flatten().expect("rejected");
    assert_eq!(rejected.reason(), Reason::Closed);
    let wait = rejected.retry_after().expect("when to come back");
    assert!(wait <= back, "{wait:?}");
}

fn limited(seconds: u64) -> Fault {
    let answer = Answer::text(http::StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(answer.header("retry-after", seconds.to_string()))
}

fn stack(provider: &Provider) -> (BoxClient<Body>, Handle) {
    let known = Limit::requests(1, 600 * SECOND).bucket(2);
    let layer = Stack::new().limit(|it| it.limit(known)).build();
    let layer = layer.expect("good settings");
    let handle = layer.handle();
    (layer.boxed(provider.service()), handle)
}

/// Fault D14: 97 s after the signal to end a call still slept in retry.
#[tokio::test(start_paused = true)]
async fn who_sleeps_before_a_retry_is_rejected_and_seen() {
    let provider = provider(Dialect::OpenAi).fault(limited(60)).build();
    let layer = Stack::new().limit(|_| tollgate::stack::Off).build();
    let layer = layer.expect("good settings");
    let handle = layer.handle();
    let client = layer.boxed(provider.service());
    let call = begin(&client);
    sleep(5 * SECOND).await;
    let state = serde_json::to_value(handle.state()).expect("data");
    let asleep = &state["sleeping"][0];
    assert_eq!(asleep["before"], "api.openai.com", "{state:#}");
    assert_eq!(asleep["reason"], "rate_limited");
    assert_eq!(asleep["calls"], 1);
    assert!(asleep["last_in_ms"].as_u64() > Some(54_000), "{asleep}");
    let done = handle.close(7 * SECOND);
    is_closed(call, 7 * SECOND).await;
    timeout(SECOND, done).await.expect("nothing is under way");
    assert_eq!(provider.stats().calls, 1);
    assert!(handle.sleeping().is_empty());
}

#[tokio::test(start_paused = true)]
async fn who_waits_in_the_queue_is_rejected_and_who_is_served_ends() {
    let provider = provider(Dialect::OpenAi).text("a long answer").build();
    let (client, handle) = stack(&provider);
    let served = [begin(&client), begin(&client)];
    sleep(SECOND / 2).await;
    let waits = begin(&client);
    sleep(SECOND / 10).await;
    assert_eq!(handle.open_calls(), 3);
    let mut done = tokio_test::task::spawn(handle.close(7 * SECOND));
    is_closed(waits, 7 * SECOND).await;
    is_closed(begin(&client), 7 * SECOND).await;
    for call in served {
        let answer = call.await.expect("no panic").expect("served");
        assert!(done.poll().is_pending(), "its body is not read");
        answer.into_body().collect().await.expect("all of it");
    }
    assert!(done.is_woken());
    assert!(done.poll().is_ready());
    assert!(handle.is_closed());
    assert_eq!(provider.stats().calls, 2);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_target_is_rejected() {
    let first = provider(Dialect::Groq).fault(limited(60)).build();
    let second = provider(Dialect::OpenAi).fault(limited(90)).build();
    let world = world_of(first, second, None);
    let start = Instant::now();
    let call = begin(&world.client);
    sleep(5 * SECOND).await;
    let state = serde_json::to_value(world.handle.state()).expect("data");
    let asleep = &state["sleeping"][0];
    assert_eq!(asleep["before"], "chat", "{state:#}");
    assert_eq!(asleep["reason"], "no_target");
    drop(world.handle.close(None));
    let ended = timeout(Duration::from_millis(1), call).await;
    let rejected = ended.expect("at once").expect("no panic");
    let rejected = rejected.err().flatten().expect("rejected");
    let told = (rejected.reason(), rejected.retry_after());
    assert_eq!(told, (Reason::Closed, None));
    assert!(start.elapsed() < 6 * SECOND);
}
