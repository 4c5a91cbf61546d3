//! Others behind the same limits.

use super::*;

/// What is left in the first window after this time.
async fn left(provider: &Provider, after: Duration) -> u64 {
    assert_eq!(status(provider).await, 200);
    sleep(after).await;
    let response = call(provider, &plain()).await.expect("an answer");
    let left = response.headers()["x-ratelimit-remaining-requests"].to_str();
    left.expect("text").parse().expect("a number")
}

fn noisy(limit: u64, neighbour: Neighbour, seed: u64) -> Provider {
    Provider::builder(Dialect::Plain)
        .quota(Quota::fixed(Kind::Requests, limit, SECOND * 3600))
        .neighbour(neighbour)
        .seed(seed)
        .build()
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_takes_from_the_same_limit_in_its_span() {
    let neighbour = Neighbour::new(2.5).between(SECOND * 60, SECOND * 300);
    for seed in 0..5 {
        let provider = noisy(10_000, neighbour, seed);
        assert_eq!(left(&provider, SECOND * 60).await, 9_998, "not yet");
        let left = left(&provider, SECOND * 1_000).await;
        let stats = provider.stats();
        assert_eq!(left, 10_000 - 4 - stats.neighbours_served);
        // 600 on average; five standard deviations are 122.
        assert!(stats.neighbours.abs_diff(600) < 122, "{stats:?}");
        assert_eq!(stats.neighbours, stats.neighbours_served);
        assert_eq!(stats.calls, 4, "neighbours are not one's own calls");
    }
}

#[tokio::test(start_paused = true)]
async fn a_neighbour_is_turned_away_too_and_does_not_come_again() {
    let provider = noisy(100, Neighbour::new(10.0), 7);
    assert_eq!(status(&provider).await, 200);
    sleep(SECOND * 60).await;
    assert_eq!(status(&provider).await, 429);
    let stats = provider.stats();
    assert_eq!(stats.neighbours_served, 99);
    assert!(stats.neighbours > 400, "{stats:?}");
}

#[tokio::test(start_paused = true)]
async fn neighbours_change_nothing_else_that_is_drawn() {
    let mut runs = Vec::new();
    for neighbour in [None, Some(Neighbour::new(0.5)), Some(Neighbour::new(0.5))] {
        let mut builder = Provider::builder(Dialect::Plain)
            .quota(Quota::fixed(Kind::Requests, 1_000, SECOND * 3600))
            .latency(SECOND, 500 * MS)
            .seed(3);
        if let Some(neighbour) = neighbour {
            builder = builder.neighbour(neighbour);
        }
        let (provider, start) = (builder.build(), Instant::now());
        for _ in 0..20 {
            assert_eq!(status(&provider).await, 200);
        }
        runs.push((start.elapsed(), provider.stats().neighbours));
    }
    assert_eq!(runs[0].0, runs[1].0, "the same latencies");
    assert_eq!(runs[1], runs[2], "the same neighbours");
    assert_eq!(runs[0].1, 0);
}
