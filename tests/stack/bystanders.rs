//! What one call learns of a target does others no harm: a target that is left stays left, one that is well
//! is not, and a guess about one holds nobody.

use std::time::Duration;

use http::StatusCode;
use tokio::{task::JoinSet, time::timeout};
use tollgate::{BoxClient, Route, Stack, provider::preset};
use tollgate_core::Random;
use tollgate_route::Exhausted;
use tollgate_test::{Answer, Dialect, Fault};
use tower::ServiceExt;

use crate::{
    Body, chat,
    hang::{SECOND, World, provider, world_of},
};

/// Groq does what this says, OpenAI that.
fn two(first: Fault, second: Fault) -> World {
    let first = provider(Dialect::Groq).fault(first).build();
    let second = provider(Dialect::OpenAi).fault(second).build();
    world_of(first, second, None)
}

/// Whether a call with this much time is answered.
async fn with(client: &BoxClient<Body>, time: Duration) -> bool {
    let mut request = chat(Dialect::OpenAi, false);
    let call = tollgate::Call::new().with_deadline_in(time);
    request.extensions_mut().insert(call);
    let answer = client.clone().oneshot(request).await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

async fn answered(client: &BoxClient<Body>, calls: u32, time: Duration) -> u32 {
    let mut answered = 0;
    for _ in 0..calls {
        answered += u32::from(with(client, time).await);
    }
    answered
}

fn limited(seconds: Option<u64>) -> Fault {
    let answer = Answer::text(StatusCode::TOO_MANY_REQUESTS, "slow down");
    Fault::answer(match seconds {
        Some(seconds) => answer.header("retry-after", seconds.to_string()),
        None => answer,
    })
}

/// What answers take is longer than half of the time that calls have.
#[tokio::test(start_paused = true)]
async fn a_target_that_hangs_after_a_slow_answer_is_left() {
    let first = provider(Dialect::Groq)
        .fault(Fault::delay(10 * SECOND).call(1))
        .fault(Fault::hang().calls(2..=u64::MAX))
        .build();
    let world = world_of(first, provider(Dialect::OpenAi).build(), None);
    assert!(with(&world.client, 60 * SECOND).await);
    let answered = answered(&world.client, 40, 20 * SECOND).await;
    assert!(answered >= 39, "{answered} of 40");
}

/// Less time than is unusual where nothing is known.
#[tokio::test(start_paused = true)]
async fn calls_with_little_time_leave_it_too() {
    let world = two(Fault::hang(), Fault::none());
    let answered = answered(&world.client, 40, 2_900 * SECOND / 1_000).await;
    assert!(answered >= 39, "{answered} of 40");
}

/// A caller in a hurry; all others have the time that answers take.
#[tokio::test(start_paused = true)]
async fn one_caller_who_leaves_locks_nobody_out() {
    let world = two(Fault::delay(8 * SECOND), Fault::none());
    let hurried = with(&world.client, 3_600 * SECOND);
    timeout(3_100 * SECOND / 1_000, hurried)
        .await
        .expect_err("it takes 9 s");
    assert_eq!(answered(&world.client, 20, 60 * SECOND).await, 20);
    assert_eq!(world.second.stats().calls, 0, "the first one is well");
}

/// A batch of long calls is cancelled, while short ones are answered.
#[tokio::test(start_paused = true)]
async fn a_batch_that_is_cancelled_opens_nothing() {
    let long = Fault::delay(60 * SECOND).first(6);
    let provider = provider(Dialect::OpenAi).fault(long).build();
    let stack = Stack::new();
    let client: BoxClient<Body> = stack.boxed(provider.service()).expect("good settings");
    let mut batch = JoinSet::new();
    for _ in 0..6 {
        batch.spawn(client.clone().oneshot(chat(Dialect::OpenAi, false)));
    }
    tokio::time::sleep(SECOND).await;
    assert_eq!(answered(&client, 10, 60 * SECOND).await, 10);
    batch.shutdown().await;
    assert_eq!(answered(&client, 90, 60 * SECOND).await, 90);
}

/// One call tests a target whose stated wait is over, and it hangs. The other target is cooling down by a
/// guess, and is well again.
#[tokio::test(start_paused = true)]
async fn a_test_that_hangs_holds_nobody() {
    let first = provider(Dialect::Groq)
        .fault(limited(Some(5)).call(1))
        .fault(Fault::hang().calls(2..=u64::MAX))
        .build();
    let second = provider(Dialect::OpenAi)
        .fault(limited(None).during(Duration::ZERO..3 * SECOND))
        .build();
    let world = world_of(first, second, None);
    assert!(!with(&world.client, 3 * SECOND).await);
    tokio::time::sleep(6 * SECOND).await;
    let tests = tokio::spawn(world.client.clone().oneshot(chat(Dialect::OpenAi, false)));
    tokio::time::sleep(SECOND / 10).await;
    assert!(with(&world.client, 60 * SECOND).await);
    tests.abort();
}

/// While one call tests a target whose stated wait is over, the error of another call does not give that wait
/// as the reason: nobody knows yet.
#[tokio::test(start_paused = true)]
async fn a_target_under_test_is_not_said_to_be_limited() {
    let provider = provider(Dialect::Groq)
        .fault(limited(Some(5)).call(1))
        .fault(Fault::hang().calls(2..=u64::MAX))
        .build();
    let route = Route::new("chat").ordered([preset::groq().key("k").model("m")]);
    let stack = Stack::new().route(route).retry(|it| it.attempts(1));
    let client = stack
        .build()
        .expect("good settings")
        .boxed(provider.service());
    assert!(!with(&client, SECOND).await, "it is limited");
    tokio::time::sleep(6 * SECOND).await;
    let tests = tokio::spawn(client.clone().oneshot(chat(Dialect::Groq, false)));
    tokio::time::sleep(SECOND / 10).await;
    let mut request = chat(Dialect::Groq, false);
    let call = tollgate::Call::new().with_deadline_in(3 * SECOND);
    request.extensions_mut().insert(call);
    let error = client
        .oneshot(request)
        .await
        .map(drop)
        .expect_err("it hangs");
    let exhausted = error.find::<Exhausted>().expect("no target is left");
    let [attempt] = exhausted.attempts() else {
        panic!("{exhausted}");
    };
    assert_eq!(attempt.class(), None, "{exhausted}");
    assert_eq!(provider.stats().calls, 2);
    tests.abort();
}

/// A guess about a target does not hide the wait that it states afterwards.
#[tokio::test(start_paused = true)]
async fn a_stated_wait_after_a_guess_is_waited_for() {
    let first = provider(Dialect::Groq)
        .fault(limited(None).call(1))
        .fault(limited(Some(5)).call(2))
        .build();
    let second = provider(Dialect::OpenAi).fault(Fault::status(500)).build();
    let world = world_of(first, second, None);
    with(&world.client, SECOND).await;
    assert!(with(&world.client, 60 * SECOND).await);
}

/// An answer that says 504 is an answer: of a crowd, the failures come first.
#[tokio::test(start_paused = true)]
async fn fast_504s_are_as_503s() {
    for status in [503, 504] {
        let some = Fault::status(status).chance(0.05);
        let busy = provider(Dialect::OpenAi).fault(some).seed(3).build();
        let random = Random::seeded(7);
        let stack = Stack::new()
            .retry(|it| it.random(random.fork()))
            .breaker(|it| it.random(random.fork()))
            .limit(|it| it.random(random.fork()));
        let layer = stack.build().expect("good settings");
        let client = layer.boxed(busy.service());
        let mut crowd = JoinSet::new();
        for _ in 0..300 {
            let client = client.clone();
            crowd.spawn(async move { with(&client, 60 * SECOND).await });
        }
        let answered = crowd.join_all().await.into_iter().filter(|ok| *ok).count();
        assert_eq!(answered, 300, "{status}");
    }
}

/// A refusal that names a model bars that model, not the key.
#[tokio::test(start_paused = true)]
async fn a_key_that_may_not_use_one_model_is_good_for_others() {
    use tollgate::{Route, provider::preset};
    let message = "Your organization must be verified to use the model `a`";
    let error =
        serde_json::json!({ "message": message, "type": "invalid_request_error", "code": null });
    let answer = Answer::json(
        StatusCode::FORBIDDEN,
        &serde_json::json!({ "error": error }),
    );
    let provider = provider(Dialect::OpenAi)
        .fault(Fault::answer(answer).model("a"))
        .build();
    let openai = preset::openai().key("k");
    let route = Route::new("chat").ordered([openai.model("a"), openai.model("b")]);
    let stack = Stack::new().route(route);
    let client: BoxClient<Body> = stack.boxed(provider.service()).expect("good settings");
    assert_eq!(answered(&client, 2, 60 * SECOND).await, 2);
}

/// Suggestions while somebody types: each key cancels the call before, and only the last one is waited for.
#[tokio::test(start_paused = true)]
async fn calls_that_are_replaced_sooner_than_answers_come_open_nothing() {
    for warm in [0, 3] {
        let provider = provider(Dialect::OpenAi).build();
        let layer = Stack::new().build().expect("good settings");
        let handle = layer.handle();
        let client: BoxClient<Body> = layer.boxed(provider.service());
        assert_eq!(answered(&client, warm, 60 * SECOND).await, warm);
        for _ in 0..60 {
            let replaced = timeout(SECOND / 2, with(&client, 60 * SECOND)).await;
            assert!(replaced.is_err());
        }
        let breaker = handle.breaker().expect("a breaker").list();
        assert_eq!(breaker[0].state().as_str(), "closed", "{}", breaker[0]);
        assert!(with(&client, 60 * SECOND).await);
    }
}
