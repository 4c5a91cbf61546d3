//! The last act: a provider falls ill and gets well again; another one answers meanwhile. Its calls
//! are none of the 200.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tollgate_breaker::Event;
use tollgate_test::{Dialect, Fault, Provider};

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

type States = Arc<Mutex<Vec<&'static str>>>;

/// What came of it.
pub(crate) struct Outage {
    pub(crate) counts: Counts,
    /// Who is ill, and who answers meanwhile.
    pub(crate) sites: [Site; 2],
    /// The states that the breaker went through.
    pub(crate) states: Vec<&'static str>,
}

impl Outage {
    /// The breaker opened and is closed again, and every call was answered.
    pub(crate) fn is_over(&self) -> bool {
        let answered = self.counts.count(|end| matches!(end, End::Ok));
        let closed = self.states.len() > 1 && self.states.last() == Some(&"closed");
        closed && answered == CALLS
    }
}

/// Calls a provider that is ill for a while.
pub(crate) async fn run() -> Result<Outage, Failure> {
    let ill = Provider::builder(Dialect::OpenAi).fault(Fault::status(503).during(ILL));
    let well = Provider::builder(Dialect::Groq);
    let (here, there) = ("/v1/chat/completions", "/openai/v1/chat/completions");
    let sites = [
        Site::start("openai", "gpt-4o-mini", here, ill).await?,
        Site::start("groq", "llama-3.1-8b-instant", there, well).await?,
    ];
    let (start, states) = (Instant::now(), States::default());
    let heard = states.clone();
    let client = clients::routed(&sites, move |event: &Event| match event {
        Event::Opened { .. } => enter(&heard, "open", start),
        Event::HalfOpened { .. } => enter(&heard, "half-open", start),
        Event::Closed { .. } => enter(&heard, "closed", start),
        _ => {}
    })?;
    println!("route + breaker: a call every {EVERY:?}; the first of two providers falls ill");
    enter(&states, "closed", start);
    let (tally, mut running) = (Arc::new(Tally::default()), JoinSet::new());
    for n in 0..CALLS {
        running.spawn(calls::run(client.clone(), &sites[0], n, tally.clone()));
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
        sites,
        states,
    })
}

fn enter(states: &States, state: &'static str, start: Instant) {
    println!("  {:>4} ms  {state}", start.elapsed().as_millis());
    let mut states = states.lock().unwrap_or_else(PoisonError::into_inner);
    states.push(state);
}
