//! What can not be served in time is refused at once, or as soon as that is clear.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::time::Instant;
use tollgate_core::{BoxError, Call, Cost, LimitKind, Note, Quota, Reason};
use tollgate_limit::{Builder, Limit, LimitLayer};
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{
    Limited, Provider, Req, call, limited, ms, named, rejected, request, s, settle, target,
};

/// One call a second, after the first; 25 ms later when that one was just taken.
fn one_a_second() -> Builder {
    LimitLayer::builder().limit(Limit::requests(60, s(60)).bucket(1))
}

async fn fails(service: &Limited, call: Call) -> (Duration, BoxError) {
    let start = Instant::now();
    let error = service.clone().oneshot(named("", call)).await.unwrap_err();
    (start.elapsed(), error)
}

#[tokio::test(start_paused = true)]
async fn what_is_larger_than_the_limit_never_waits() {
    let provider = Provider::serving(s(0));
    let limit = Limit::tokens(6_000, s(60)).bucket(1_000);
    let layer = LimitLayer::builder().limit(limit).build().unwrap();
    let service = limited(&layer, &provider);
    let large = call().with_cost(Cost::default().with_input_tokens(1_001));
    let whole = call().with_cost(Cost::default().with_input_tokens(1_000));
    for round in 0..2 {
        let (waited, error) = fails(&service, large.clone()).await;
        assert_eq!(
            (waited, rejected(&error).reason()),
            (s(0), Reason::TooLarge),
            "{round}"
        );
        assert_eq!(rejected(&error).retry_after(), None);
        // And when there is nothing left either.
        service
            .clone()
            .oneshot(named("", whole.clone()))
            .await
            .unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_waits_until_it_may_go_and_says_how_long() {
    let provider = Provider::serving(s(0));
    let service = limited(&one_a_second().build().unwrap(), &provider);
    let start = Instant::now();
    let first = service.clone().oneshot(request()).await.unwrap();
    assert!(Note::of(&first).is_none(), "it was not held");
    let held = service.clone().oneshot(request()).await.unwrap();
    assert!(start.elapsed() >= s(1) && start.elapsed() <= ms(1_027));
    assert_eq!(Note::of(&held).unwrap().queued(), Some(start.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn max_wait_wait_budget_and_deadline_refuse_at_once_with_the_time() {
    let provider = Provider::serving(s(0));
    let service = limited(
        &one_a_second().max_wait(ms(2_500)).build().unwrap(),
        &provider,
    );
    service.clone().oneshot(request()).await.unwrap();
    let now = Instant::now();
    let cases = [
        (call().with_wait_budget(ms(900)), Reason::WaitTooLong),
        (call().with_wait_budget(Duration::ZERO), Reason::WaitTooLong),
        (
            call().with_deadline(now + ms(900)),
            Reason::DeadlineExceeded,
        ),
        (call().with_deadline(now), Reason::DeadlineExceeded),
        (
            call().with_deadline(now + s(5)).with_wait_budget(ms(10)),
            Reason::WaitTooLong,
        ),
    ];
    for (call, reason) in cases {
        let (waited, error) = fails(&service, call).await;
        assert_eq!((waited, rejected(&error).reason()), (s(0), reason));
        let after = rejected(&error).retry_after().unwrap();
        assert!(after >= s(1) && after <= ms(1_027), "{after:?}");
    }
    // Two fit into that time, a third does not.
    let waiting: Vec<_> = (0..2)
        .map(|_| tokio::spawn(service.clone().oneshot(request())))
        .collect();
    settle().await;
    let (waited, error) = fails(&service, call()).await;
    assert_eq!(
        (waited, rejected(&error).reason()),
        (s(0), Reason::WaitTooLong)
    );
    assert!(rejected(&error).retry_after().unwrap() >= s(3));
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    assert_eq!(
        provider.seen().len(),
        3,
        "no refused call reached the provider"
    );
}

#[tokio::test(start_paused = true)]
async fn a_passed_deadline_is_not_sent_even_if_there_is_room() {
    let provider = Provider::serving(s(0));
    let service = limited(&LimitLayer::new(), &provider);
    let late = call().with_deadline(Instant::now());
    tokio::time::advance(ms(1)).await;
    let (_, error) = fails(&service, late).await;
    assert_eq!(rejected(&error).reason(), Reason::DeadlineExceeded);
    assert!(provider.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_and_a_shedding_one_never_waits() {
    let provider = Provider::serving(s(0));
    let service = limited(&one_a_second().queue(1).build().unwrap(), &provider);
    service.clone().oneshot(request()).await.unwrap();
    let waiting = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    let (waited, error) = fails(&service, call()).await;
    assert_eq!(
        (waited, rejected(&error).reason()),
        (s(0), Reason::QueueFull)
    );
    assert!(rejected(&error).retry_after().unwrap() >= s(2));
    waiting.await.unwrap().unwrap();

    let service = limited(&one_a_second().shed().build().unwrap(), &provider);
    service.clone().oneshot(request()).await.unwrap();
    let (waited, error) = fails(&service, call()).await;
    assert_eq!(
        (waited, rejected(&error).reason()),
        (s(0), Reason::WaitTooLong)
    );
    assert!(rejected(&error).retry_after().unwrap() >= s(1));
}

/// Nobody can tell how long a call holds its place, so this is found out by waiting.
#[tokio::test(start_paused = true)]
async fn who_waits_for_others_to_end_is_refused_to_the_millisecond() {
    let provider = Provider::serving(s(100));
    let layer = LimitLayer::builder()
        .concurrency(1)
        .max_wait(s(3))
        .build()
        .unwrap();
    let service = limited(&layer, &provider);
    let first = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    let (waited, error) = fails(&service, call()).await;
    assert!(waited >= s(3) && waited <= s(3) + ms(2), "{waited:?}");
    assert_eq!(rejected(&error).reason(), Reason::WaitTooLong);
    let (waited, error) = fails(&service, call().with_deadline(Instant::now() + ms(1_500))).await;
    assert!(waited >= ms(1_500) && waited <= ms(1_502), "{waited:?}");
    assert_eq!(rejected(&error).reason(), Reason::DeadlineExceeded);
    assert_eq!(rejected(&error).retry_after(), None);
    first.abort();
}

/// A rejection that closes the gate for longer than some can wait tells them so at once.
#[tokio::test(start_paused = true)]
async fn who_waits_hears_at_once_that_it_became_hopeless() {
    let provider = Provider::new(|nth| match nth {
        1 => {
            let response = Response::builder().status(429).header("retry-after", "40");
            (ms(50), Ok(response.body(Default::default()).unwrap()))
        }
        _ => (ms(50), Ok(Response::new(Default::default()))),
    });
    let limit = Limit::requests(600, s(60)).bucket(1);
    let layer = LimitLayer::builder()
        .limit(limit)
        .max_wait(s(60))
        .build()
        .unwrap();
    let service = limited(&layer, &provider);
    service.clone().oneshot(request()).await.unwrap();
    let second = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    let start = Instant::now();
    let patient = tokio::spawn(service.clone().oneshot(request()));
    let hasty = call().with_deadline(start + s(20));
    let (waited, error) = fails(&service, hasty).await;
    // The second goes after 103 ms and is turned away 50 ms later.
    assert!(waited <= ms(103 + 50 + 10), "{waited:?}");
    assert_eq!(rejected(&error).reason(), Reason::DeadlineExceeded);
    assert!(rejected(&error).retry_after().unwrap() >= ms(39_900));
    assert_eq!(second.await.unwrap().unwrap().status(), 429);
    assert_eq!(patient.await.unwrap().unwrap().status(), 200);
    assert!(
        start.elapsed() >= s(40),
        "never before the time that was told"
    );
}

/// A crowd of which more come than can be served in time. That is learned and may be wrong, so each waits
/// until its own time is over.
#[tokio::test(start_paused = true)]
async fn a_crowd_is_not_refused_for_a_limit_that_was_learned() {
    // 60 at once, and one a second.
    let bucket = std::sync::Mutex::new((60.0_f64, Instant::now()));
    let provider = Provider::new(move |_| {
        let (level, at) = &mut *bucket.lock().unwrap();
        let now = Instant::now();
        *level = (*level + (now - *at).as_secs_f64()).min(60.0);
        *at = now;
        if *level < 1.0 {
            let response = Response::builder().status(429).header("retry-after", "1");
            return (ms(50), Ok(response.body(Default::default()).unwrap()));
        }
        *level -= 1.0;
        let mut quota = Quota::new();
        let requests = quota.entry(LimitKind::Requests, None).unwrap();
        (requests.limit, requests.remaining) = (Some(60), Some(*level as u64));
        requests.reset = Some(ms(((60.0 - *level) * 1_000.0) as u64));
        let mut response = Response::new(Default::default());
        Note::update(&mut response, |note| note.set_quota(quota));
        (ms(100), Ok(response))
    });
    let layer = LimitLayer::builder().max_wait(s(30)).build().unwrap();
    let service = limited(&layer, &provider);
    let start = Instant::now();
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let call = service.clone().oneshot(request());
            tokio::spawn(async move { call.await.map_err(|error| (start.elapsed(), error)) })
        })
        .collect();
    let (mut served, mut turned_away) = (0, 0);
    for call in calls {
        match call.await.unwrap() {
            Ok(response) if response.status() == 429 => turned_away += 1,
            Ok(_) => served += 1,
            Err((after, error)) => {
                assert_eq!(rejected(&error).reason(), Reason::WaitTooLong);
                assert!(after >= s(30) && after <= ms(30_005), "{after:?}");
            }
        }
    }
    assert!((86..=90).contains(&served), "{served}");
    assert!(turned_away <= 24 + 4, "{turned_away}");
}

/// A limit with a shape is a fact, and so is what forecast it makes: those of a crowd that it leaves no
/// time for hear so at once, and the others are served.
#[tokio::test(start_paused = true)]
async fn a_crowd_hears_at_once_what_a_configured_limit_makes_hopeless() {
    let provider = Provider::serving(ms(100));
    let limit = Limit::requests(60, s(60)).bucket(60);
    let builder = LimitLayer::builder().limit(limit).max_wait(s(30));
    let service = limited(&builder.build().unwrap(), &provider);
    let start = Instant::now();
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let call = service.clone().oneshot(request());
            tokio::spawn(async move { call.await.map_err(|error| (start.elapsed(), error)) })
        })
        .collect();
    let (mut served, mut late) = (0, 0);
    for call in calls {
        match call.await.unwrap() {
            Ok(_) => served += 1,
            Err((after, error)) => {
                assert_eq!(rejected(&error).reason(), Reason::WaitTooLong);
                // Those at the edge may have to wait and see.
                late += usize::from(!after.is_zero());
            }
        }
    }
    assert!((88..=90).contains(&served), "{served}");
    assert!(late <= 2, "{late} heard it late");
}

/// Fault L3: what an estimate, a learned limit or a limit without a shape says is for the provider to
/// judge. Only a cost that was stated, against a limit with a shape, is refused.
#[tokio::test(start_paused = true)]
async fn only_facts_make_a_call_too_large() {
    let told = r#"{"usage":{"prompt_tokens":10,"completion_tokens":5000}}"#;
    let provider = tower::service_fn(move |_: Req| async move {
        Ok::<_, std::io::Error>(Response::new(Full::new(Bytes::from(told))))
    });
    let (minute, kinds) = (s(60), [LimitKind::Tokens, LimitKind::OutputTokens]);
    let limits = kinds.map(|kind| Limit::new(kind, 6_000, minute));
    for (limit, is_exact) in [
        (limits[0].clone(), false),
        (limits[1].clone(), false),
        (limits[0].clone().sliding(), true),
        (limits[1].clone().bucket(6_000), true),
    ] {
        let layer = LimitLayer::builder().limit(limit.clone()).build().unwrap();
        let service = layer.layer(provider);
        let ask = |body: &'static str, call: Call| {
            let request = Request::post("http://groq/v1/chat/completions");
            let request = request.extension(call.with_target(target()));
            let request = request.body(Full::from(body)).unwrap();
            service.clone().oneshot(request)
        };
        // Answers far above what is expected, then a cap above the whole limit.
        for body in [r#"{"messages":[]}"#, r#"{"max_tokens":6001}"#] {
            let answer = ask(body, Call::new()).await.expect("the provider judges");
            answer.into_body().collect().await.unwrap();
        }
        let stated = Cost::default().with_output_tokens(6_001);
        let answer = ask("{}", Call::new().with_cost(stated)).await;
        match answer {
            Ok(_) => assert!(!is_exact, "{limit:?}"),
            Err(error) => {
                assert_eq!(rejected(&error).reason(), Reason::TooLarge);
                assert!(is_exact, "{limit:?}");
            }
        }
    }
}

/// Not a tick of the timer later, or one more than can be served waits meanwhile.
#[tokio::test(start_paused = true)]
async fn whose_time_is_over_hears_so_at_its_end() {
    let provider = Provider::serving(s(600));
    let builder = LimitLayer::builder().concurrency(1).max_wait(s(30));
    let service = limited(&builder.build().unwrap(), &provider);
    let first = tokio::spawn(service.clone().oneshot(request()));
    settle().await;
    let start = Instant::now();
    let error = service.oneshot(request()).await.unwrap_err();
    assert_eq!(rejected(&error).reason(), Reason::WaitTooLong);
    assert_eq!(start.elapsed(), s(30));
    first.abort();
}
