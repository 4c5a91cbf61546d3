//! A large call that waits for tokens does not hold small ones that there are tokens for.

use std::time::Duration;

use http::Response;
use tokio::{task::JoinSet, time::Instant};
use tollgate_core::{
    Call, Class, Classification, Cost, LimitKind, Note, Priority, Quota, Scope, Window,
};
use tollgate_limit::{Builder, LimitLayer};
use tower::ServiceExt;

use crate::support::{Limited, Provider, Res, call, limited, ms, named, s, settle};

fn tokens(n: u64) -> Call {
    call().with_cost(Cost::default().with_input_tokens(n))
}

/// The provider lacks tokens for the first call, and says how many are left where it says anything.
fn rejection(left: Option<u64>, wait: u64) -> Res {
    let mut response = Response::builder()
        .status(429)
        .body(Default::default())
        .unwrap();
    Note::update(&mut response, |note| {
        let seen = Classification::new(Class::RateLimited).with_limit(LimitKind::Tokens);
        note.set_classification(seen.with_scope(Scope::Limit).with_wait(s(wait)));
        if let Some(left) = left {
            let mut quota = Quota::new();
            let said = quota
                .entry(LimitKind::Tokens, Some(Window::Minute))
                .unwrap();
            (said.limit, said.remaining) = (Some(10_000), Some(left));
            said.reset = Some(s(wait));
            note.set_quota(quota);
        }
    });
    response
}

/// Rejects the first call so and serves all others.
fn provider(left: Option<u64>, wait: u64, takes: Duration) -> Provider {
    Provider::new(move |nth| match nth {
        0 => (ms(50), Ok(rejection(left, wait))),
        _ => (takes, Ok(Response::new(Default::default()))),
    })
}

struct Story {
    service: Limited,
    provider: Provider,
    start: Instant,
    calls: JoinSet<()>,
}

impl Story {
    /// A call of 8,000 tokens was rejected, and the same call waits.
    async fn new(left: Option<u64>, wait: u64) -> Self {
        Self::of(LimitLayer::builder(), left, wait, ms(50)).await
    }

    async fn of(builder: Builder, left: Option<u64>, wait: u64, takes: Duration) -> Self {
        let provider = provider(left, wait, takes);
        let layer = builder.build().unwrap();
        let service = limited(&layer, &provider);
        let mut story = Self {
            service,
            provider,
            start: Instant::now(),
            calls: JoinSet::new(),
        };
        story.come("rejected", tokens(8_000)).await;
        tokio::time::advance(ms(60)).await;
        story.come("large", tokens(8_000)).await;
        story
    }

    async fn come(&mut self, name: &'static str, call: Call) {
        let answer = self.service.clone().oneshot(named(name, call));
        self.calls.spawn(async move {
            answer.await.expect(name);
        });
        settle().await;
        tokio::time::advance(ms(1)).await;
        settle().await;
    }

    /// When a call went, in seconds; all have gone.
    async fn times(mut self) -> impl Fn(&str) -> f64 {
        while self.calls.join_next().await.is_some() {}
        let (seen, start) = (self.provider.seen(), self.start);
        move |name| {
            let of = |it: &&crate::support::Seen| it.name == name;
            let it = seen.iter().find(of).expect("it went");
            (it.at - start).as_secs_f64()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn small_calls_go_while_there_are_tokens_for_them() {
    let mut story = Story::new(Some(3_000), 20).await;
    for name in ["a", "b", "c"] {
        story.come(name, tokens(1_400)).await;
    }
    let times = story.times().await;
    assert!(times("a") < 0.2 && times("b") < 0.2);
    // No more than 200 are left.
    assert!(times("c") > 20.0 && times("large") > 20.0);
    assert!(times("large") <= times("c"));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_counts_may_be_used_up() {
    let mut story = Story::new(None, 20).await;
    story.come("small", tokens(10)).await;
    assert!((story.times().await)("small") > 20.0);
}

/// As large a call would be rejected as well.
#[tokio::test(start_paused = true)]
async fn as_large_a_call_waits() {
    let mut story = Story::new(Some(7_500), 20).await;
    story.come("as-large", tokens(8_000)).await;
    story.come("smaller", tokens(7_000)).await;
    let times = story.times().await;
    assert!(times("as-large") > 20.0);
    assert!(times("smaller") < 0.2);
}

/// Whoever is behind more urgent calls passes with them.
#[tokio::test(start_paused = true)]
async fn the_first_that_fits_passes_first() {
    let mut story = Story::new(Some(3_000), 20).await;
    story
        .come("urgent", tokens(2_500).with_priority(Priority::High))
        .await;
    story.come("later", tokens(2_500)).await;
    let times = story.times().await;
    assert!(times("urgent") < 0.2);
    assert!(times("later") > 20.0);
}

/// A large call is not passed for ever.
#[tokio::test(start_paused = true)]
async fn nobody_is_overtaken_for_more_than_a_minute() {
    let mut story = Story::new(Some(3_000), 300).await;
    tokio::time::advance(s(50)).await;
    story.come("within", tokens(10)).await;
    tokio::time::advance(s(12)).await;
    story.come("after", tokens(10)).await;
    let at = |name: &str| {
        let mut seen = story.provider.seen().into_iter();
        seen.find(|it| it.name == name).map(|it| it.at)
    };
    assert!(at("within").is_some());
    assert!(at("after").is_none());
    story.calls.abort_all();
}

/// The key wakes for those who may overtake, not only for the first.
#[tokio::test(start_paused = true)]
async fn whoever_may_overtake_is_woken() {
    let builder = LimitLayer::builder().spacing(ms(100));
    // No answer comes that would wake it.
    let mut story = Story::of(builder, Some(3_000), 20, s(30)).await;
    for name in ["a", "b", "c"] {
        story.come(name, tokens(10)).await;
    }
    let times = story.times().await;
    assert!(times("a") < 0.3 && times("b") < 0.4 && times("c") < 0.5);
    assert!(times("a") < times("b") && times("b") < times("c"));
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_large_calls_is_no_wall() {
    let mut story = Story::new(Some(3_000), 20).await;
    for _ in 0..40 {
        story.come("more", tokens(8_000)).await;
    }
    story.come("small", tokens(10)).await;
    assert!((story.times().await)("small") < 0.3);
}

/// It may have to wait for its slot, and that is no reason to refuse it.
#[tokio::test(start_paused = true)]
async fn whoever_may_overtake_is_not_refused() {
    let builder = LimitLayer::builder().concurrency(1);
    let mut story = Story::of(builder, Some(3_000), 20, ms(50)).await;
    for name in ["a", "b"] {
        let soon = Instant::now() + s(5);
        story.come(name, tokens(10).with_deadline(soon)).await;
    }
    let times = story.times().await;
    assert!(times("a") < 0.2 && times("b") < 0.4);
}
