//! One event for each decision, after it was made.

use std::sync::{Arc, Mutex};

use http::Response;
use tollgate_core::{Class, LimitKind, Note, Quota, Reason, Window};
use tollgate_limit::{Event, Ignored, Limit, LimitLayer};
use tower::ServiceExt;
use tower_layer::Layer;

use crate::support::{Provider, call, ms, named, request, s, target};

type Events = Arc<Mutex<Vec<Event>>>;

fn recorder() -> (Events, impl Fn(&Event) + Clone) {
    let seen = Events::default();
    let observer = seen.clone();
    (seen, move |event: &Event| {
        observer.lock().unwrap().push(event.clone());
    })
}

fn lines(seen: &Events) -> Vec<String> {
    seen.lock()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// Rejects the first call with this wait, and serves all others.
fn rejecting_first(wait: &'static str) -> Provider {
    Provider::new(move |nth| match nth {
        0 => {
            let response = Response::builder().status(429).header("retry-after", wait);
            (ms(10), Ok(response.body(Default::default()).unwrap()))
        }
        _ => (ms(10), Ok(Response::new(Default::default()))),
    })
}

#[tokio::test(start_paused = true)]
async fn admitted_queued_and_refused() {
    let (seen, observer) = recorder();
    let limit = Limit::requests(60, s(60)).bucket(1);
    let builder = LimitLayer::builder().limit(limit).observer(observer);
    let layer = builder.build().unwrap();
    let service = layer.layer(Provider::serving(s(0)));
    service.clone().oneshot(request()).await.unwrap();
    service.clone().oneshot(request()).await.unwrap();
    let hasty = call().with_wait_budget(ms(10));
    service.clone().oneshot(named("", hasty)).await.unwrap_err();
    let events = seen.lock().unwrap().clone();
    assert!(matches!(&events[0], Event::Admitted { target: t, .. } if *t == target()));
    assert!(matches!(events[1], Event::Queued { waited, .. } if waited >= s(1)));
    assert!(matches!(
        events[2],
        Event::Refused { reason: Reason::WaitTooLong, retry_after: Some(after), .. } if after >= s(1)
    ));
    assert_eq!(events.len(), 3);
    assert_eq!(
        lines(&seen)[..2],
        [
            "groq (m): admitted",
            "groq (m): admitted after waiting 1.0s"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn over_admitted_and_gated() {
    let (seen, observer) = recorder();
    let layer = LimitLayer::builder().observer(observer).build().unwrap();
    let service = layer.layer(rejecting_first("2"));
    for _ in 0..2 {
        service.clone().oneshot(request()).await.unwrap();
    }
    let events = seen.lock().unwrap().clone();
    let over = |event: &Event| matches!(event, Event::OverAdmitted { class: Class::RateLimited, told: Some(told), .. } if *told == s(2));
    let gated = |event: &Event| matches!(event, Event::Gated { wait, limit: None, .. } if *wait >= s(2) && *wait <= ms(2_200));
    assert!(over(&events[1]) && gated(&events[2]), "{events:?}");
    // The end of the wait was told with it.
    let waited = |event: &Event| matches!(event, Event::Queued { waited, .. } if *waited >= s(2));
    assert!(waited(&events[3]) && events.len() == 4, "{events:?}");
    assert_eq!(
        lines(&seen)[1],
        "groq (m): turned away although admitted, rate_limited (told 2.0s)"
    );
}

/// A wait of an hour is a claim. A call tests it after a minute, and is served: the gate opens early.
#[tokio::test(start_paused = true)]
async fn reopened_before_its_time() {
    let (seen, observer) = recorder();
    let layer = LimitLayer::builder().observer(observer).build().unwrap();
    let service = layer.layer(rejecting_first("3600"));
    let start = tokio::time::Instant::now();
    for _ in 0..2 {
        service.clone().oneshot(request()).await.unwrap();
    }
    assert!(start.elapsed() <= s(61), "{:?}", start.elapsed());
    let events = seen.lock().unwrap().clone();
    let reopened = |event: &Event| matches!(event, Event::Reopened { limit: None, .. });
    assert!(events.iter().any(reopened), "{events:?}");
}

/// Told 600 a minute, and the headers speak of 60.
#[tokio::test(start_paused = true)]
async fn below_configured() {
    let (seen, observer) = recorder();
    let provider = Provider::new(|nth| {
        let mut response = Response::new(Default::default());
        Note::update(&mut response, |note| {
            let mut quota = Quota::new();
            let minute = Some(Window::Minute);
            let requests = quota.entry(LimitKind::Requests, minute).unwrap();
            (requests.limit, requests.remaining) = (Some(60), Some(59 - nth as u64));
            requests.reset = Some(s(60));
            note.set_quota(quota);
        });
        (ms(10), Ok(response))
    });
    let builder = LimitLayer::builder().requests_per_minute(600);
    let layer = builder.observer(observer).build().unwrap();
    let service = layer.layer(provider);
    for _ in 0..3 {
        service.clone().oneshot(request()).await.unwrap();
    }
    let line =
        "groq (m): below the configured 600 requests per minute: about 60 (headers)".to_owned();
    let said = lines(&seen).into_iter().filter(|said| *said == line);
    assert_eq!(said.count(), 1, "{:?}", lines(&seen));
}

#[tokio::test(start_paused = true)]
async fn limits_that_are_learned_and_headers_that_lie() {
    let (seen, observer) = recorder();
    let provider = Provider::new(|nth| {
        let mut response = Response::new(Default::default());
        Note::update(&mut response, |note| {
            let mut quota = Quota::new();
            let requests = quota
                .entry(LimitKind::Requests, Some(Window::Minute))
                .unwrap();
            (requests.limit, requests.remaining) = match nth {
                0 => (Some(100), Some(99)),
                1 => (Some(100), Some(200)),
                3 => (Some(100), Some(97)),
                _ => (Some(0), Some(0)),
            };
            requests.reset = Some(if nth == 3 { s(366 * 86_400) } else { s(1) });
            note.set_quota(quota);
        });
        (ms(10), Ok(response))
    });
    let layer = LimitLayer::builder().observer(observer).build().unwrap();
    let service = layer.layer(provider);
    for _ in 0..4 {
        service.clone().oneshot(request()).await.unwrap();
    }
    let events = seen.lock().unwrap().clone();
    let learned = |event: &&Event| {
        matches!(
            event,
            Event::Learned {
                kind: LimitKind::Requests,
                limit: 100,
                ..
            }
        )
    };
    assert!(events.iter().any(|event| learned(&event)), "{events:?}");
    for lie in [Ignored::AboveLimit, Ignored::NoLimit, Ignored::FarReset] {
        let told = |event: &Event| matches!(event, Event::Ignored { what, .. } if *what == lie);
        assert!(events.iter().any(told), "{lie:?}: {events:?}");
    }
}
