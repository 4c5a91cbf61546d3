//! Readiness and drops.

use tollgate_route::{RouteLayer, Served};
use tollgate_test::{Fault, Probe};
use tower::{Layer, Service, ServiceExt, limit::ConcurrencyLimit};

use crate::support::*;

#[tokio::test(start_paused = true)]
async fn each_attempt_is_made_ready_anew_after_the_last_one_was_dropped() {
    let world = World::new(groq().fault(Fault::status(429)), openai());
    // One place below: an attempt that kept its permit would block the next.
    let inner = ConcurrencyLimit::new(world.internet.clone(), 1);
    let client = layer().layer(inner);
    let response = send(&client, request()).await.unwrap();
    assert_eq!(Served::of(&response).unwrap().attempts().len(), 2);
    assert_eq!(
        world.groq.stats().in_flight,
        0,
        "the refused answers are gone"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_called_that_was_not_made_ready() {
    let world = World::new(groq().fault(Fault::status(500)), openai());
    let (probe, _handle) = Probe::new(world.internet.clone());
    let client = layer().layer(probe);
    for _ in 0..3 {
        assert_eq!(send(&client, request()).await.unwrap().status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_waits_its_place_below_is_free() {
    let world = World::new(groq(), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    for one in handle.outcomes() {
        handle.cool(&one.target, s(20));
    }
    let inner = ConcurrencyLimit::new(world.internet.clone(), 1);
    let mut client = layer.layer(inner.clone());
    client.ready().await.unwrap();
    let waiting = client.call(request());
    let mut other = inner.clone();
    let free = tokio::time::timeout(s(1), async {
        tokio::select! {
            _ = waiting => panic!("it must wait"),
            ready = other.ready() => drop(ready.map(drop)),
        }
    });
    free.await
        .expect("the place below is held while the call waits");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_was_waited_for_is_given_back_when_nobody_may_be_asked() {
    let world = World::new(groq(), openai());
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    for one in handle.outcomes() {
        handle.cool(&one.target, s(20));
    }
    // The one place is taken when the call comes, and free a moment later.
    let inner = ConcurrencyLimit::new(world.internet.clone(), 1);
    let mut holder = inner.clone();
    holder.ready().await.unwrap();
    let mut client = layer.layer(inner.clone());
    client.ready().await.unwrap();
    let waiting = client.call(request());
    let mut other = inner.clone();
    let free = tokio::time::timeout(s(5), async {
        tokio::pin!(waiting);
        let first = tokio::time::timeout(s(1), &mut waiting).await;
        assert!(first.is_err());
        drop(holder);
        tokio::select! {
            _ = &mut waiting => panic!("it must wait"),
            () = tokio::time::sleep(s(1)) => {}
        }
        other.ready().await.map(drop).unwrap();
    });
    free.await
        .expect("the place below is held while the call waits");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_failed_holds_nothing_though_its_future_is_kept() {
    let (layer, handle) = RouteLayer::builder(route()).build_with_handle().unwrap();
    let world = World::new(groq(), openai());
    let mut request = request();
    *request.uri_mut() = "https://x/nowhere".parse().unwrap();
    // Not made ready before, so that the future finds out.
    let future = tower::Service::call(&mut world.client(&layer), request);
    let mut future = std::pin::pin!(future);
    let error = future.as_mut().await.map(drop).unwrap_err();
    assert!(error.is::<tollgate_route::BadRequest>());
    assert_eq!(handle.outcomes()[0].in_flight, 0);
}
