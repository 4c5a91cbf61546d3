//! A rejection says for how long the next call would be held, so that a retry can wait here.

use std::time::Duration;

use http::Response;
use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, LimitKind, Note, Scope};
use tollgate_limit::{Builder, LimitLayer};
use tower::ServiceExt;

use crate::support::{Provider, Res, call, limited, ms, named, request, s, settle, target};

fn rejection(told: Option<u64>) -> Res {
    let mut response = Response::builder().status(429);
    if let Some(told) = told {
        response = response.header("retry-after", told);
    }
    response.body(Default::default()).unwrap()
}

/// Rejects the first call with this answer and serves all others.
fn rejecting(answer: impl Fn() -> Res + Send + Sync + 'static) -> Provider {
    Provider::new(move |nth| match nth {
        0 => (ms(50), Ok(answer())),
        _ => (ms(50), Ok(Response::new(Default::default()))),
    })
}

/// What the note of the first answer says.
async fn gated(
    builder: Builder,
    answer: impl Fn() -> Res + Send + Sync + 'static,
) -> Option<Duration> {
    let service = limited(&builder.build().unwrap(), &rejecting(answer));
    let response = service.oneshot(request()).await.unwrap();
    Note::of(&response).and_then(Note::gated)
}

#[tokio::test(start_paused = true)]
async fn a_rejection_with_a_wait_says_how_long_the_gate_is_closed() {
    // While an hour lasts, the first in the queue tests it now and then.
    for told in [1, 7, 60, 3_600] {
        let wait = gated(LimitLayer::builder(), move || rejection(Some(told))).await;
        let wait = wait.expect("gated");
        assert!(wait >= s(told) && wait <= s(told) + ms(500), "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_answers_do_not() {
    let new = LimitLayer::builder;
    assert_eq!(gated(new(), || rejection(None)).await, None, "no wait");
    assert_eq!(gated(new(), || rejection(Some(0))).await, None, "no wait");
    let ok = || Response::new(Default::default());
    assert_eq!(gated(new(), ok).await, None, "a success");
    let shed = gated(new().shed(), || rejection(Some(7))).await;
    assert_eq!(shed, None, "nobody waits there");
    let busy = || {
        let mut response = rejection(Some(7));
        *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        response
    };
    assert_eq!(gated(new(), busy).await, None, "an overload");
}

/// Only calls that take what the rejection names are held. A rejected call that should take none of it is
/// no such case: what it takes is not what was thought, and all are held.
#[tokio::test(start_paused = true)]
async fn a_gate_for_tokens_holds_calls_that_take_tokens() {
    let tokens = || {
        let mut response = rejection(Some(7));
        let seen = Classification::new(Class::RateLimited)
            .with_limit(LimitKind::Tokens)
            .with_scope(Scope::Limit)
            .with_wait(s(7));
        Note::update(&mut response, |note| note.set_classification(seen));
        response
    };
    for (cost, kind) in [
        (Cost::default(), None),
        (
            Cost::default().with_input_tokens(5),
            Some(LimitKind::Tokens),
        ),
    ] {
        let (layer, handle) = LimitLayer::builder().build_with_handle().unwrap();
        let service = limited(&layer, &rejecting(tokens));
        let start = Instant::now();
        let rejected = named("", call().with_cost(cost));
        let response = service.clone().oneshot(rejected).await.unwrap();
        let gated = Note::of(&response).and_then(Note::gated);
        assert!(gated.is_some_and(|wait| wait >= s(7)), "{cost:?}");
        assert_eq!(handle.key(&target()).unwrap().closed[0].kind, kind);
        service.oneshot(named("", call())).await.unwrap();
        let held = start.elapsed() > s(7);
        assert_eq!(held, kind.is_none(), "{cost:?}");
    }
}

/// A call that comes back at once is in front of all who came since, and not earlier than stated.
#[tokio::test(start_paused = true)]
async fn who_comes_back_at_once_goes_first_when_the_wait_is_over() {
    let provider = rejecting(|| rejection(Some(20)));
    let service = limited(&LimitLayer::new(), &provider);
    let arrival = Instant::now();
    let late: Vec<_> = (0..5)
        .map(|nth| {
            let service = service.clone();
            tokio::spawn(async move {
                tokio::time::sleep(ms(60 + nth)).await;
                service.oneshot(named("late", call())).await
            })
        })
        .collect();
    let first = service.clone().oneshot(named("old", call())).await.unwrap();
    assert_eq!(first.status(), 429);
    drop(first);
    tokio::time::sleep(ms(50)).await;
    settle().await;
    let again = call().with_arrival(arrival).with_attempt(1);
    let back = service.oneshot(named("old", again)).await.unwrap();
    assert_eq!(back.status(), 200);
    for call in late {
        call.await.unwrap().unwrap();
    }
    let seen = provider.seen();
    let names: Vec<_> = seen.iter().map(|seen| &*seen.name).collect();
    assert_eq!(names[..2], ["old", "old"]);
    assert!(names[2..].iter().all(|name| *name == "late"));
    assert!(seen[1].at - seen[0].at >= s(20) + ms(50));
}
