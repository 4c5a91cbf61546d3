//! The last act: a provider falls ill and gets well again. Its calls are none of the 200.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tollgate_breaker::{BreakerLayer, Event};
use tollgate_classify::ClassifyLayer;
use tollgate_test::{Dialect, Fault, Provider};
use tower::Layer;

use super::{
    calls::{self, Failure},
    clients,
    providers::Site,
    tally::{Counts, End, Tally},
};

/// Calls come in this rhythm.
const EVERY: Duration = Duration::from_millis(50);
const CALLS: usize = 80;

/// When it answers 503, counted from its first call.
const ILL: std::ops::Range<Duration> = Duration::from_millis(500)..Duration::from_millis(1_800);

/// How long the breaker is open: the first time, and at most.
const OPEN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(2));

type States = Arc<Mutex<Vec<&'static str>>>;

/// What came of it.
pub(crate) struct Outage {
    pub(crate) counts: Counts,
    pub(crate) site: Site,
    /// The states that the breaker went through.
    pub(crate) states: Vec<&'static str>,
}

impl Outage {
    /// The breaker opened and is closed again, calls are answered, and none was lost.
    pub(crate) fn is_over(&self) -> bool {
        let last = self.counts.calls.last();
        let answered = last.is_some_and(|call| matches!(call.end, End::Ok));
        let lost = self.counts.count(|end| matches!(end, End::Lost(_)));
        answered && lost == 0 && self.states.len() > 1 && self.states.last() == Some(&"closed")
    }
}

/// Calls a provider that is ill for a while.
pub(crate) async fn run() -> Result<Outage, Failure> {
    let provider = Provider::builder(Dialect::OpenAi).fault(Fault::status(503).during(ILL));
    let path = "/v1/chat/completions";
    let site = Site::start("openai", "gpt-4o-mini", path, provider).await?;
    let (start, states) = (Instant::now(), States::default());
    let heard = states.clone();
    let breaker = BreakerLayer::builder().open_time(OPEN.0, OPEN.1);
    let breaker = breaker.observer(move |event: &Event| match event {
        Event::Opened { .. } => enter(&heard, "open", start),
        Event::HalfOpened { .. } => enter(&heard, "half-open", start),
        Event::Closed { .. } => enter(&heard, "closed", start),
        _ => {}
    });
    let client = ClassifyLayer::new().layer(clients::http());
    let client = breaker.build()?.layer(client);
    println!("breaker: a call every {EVERY:?} to a provider that falls ill");
    enter(&states, "closed", start);
    let (tally, mut running) = (Arc::new(Tally::default()), JoinSet::new());
    for n in 0..CALLS {
        running.spawn(calls::run(client.clone(), &site, n, tally.clone()));
        sleep(EVERY).await;
    }
    while let Some(done) = running.join_next().await {
        done?;
    }
    let states = states
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    Ok(Outage {
        counts: tally.counts(),
        site,
        states,
    })
}

fn enter(states: &States, state: &'static str, start: Instant) {
    println!("  {:>4} ms  {state}", start.elapsed().as_millis());
    let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
    states.push(state);
}
