//! Many runs, on all cores, and what they say meanwhile.

use std::{
    collections::HashMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use super::{case::Case, clients::Client, outcome::Outcome, progress::Progress, run::run};

/// A row with a client, and what came of it with each seed.
pub(crate) struct Entry {
    pub(crate) case: Case,
    pub(crate) client: Client,
    /// By seed, from 1.
    pub(crate) outcomes: Vec<Outcome>,
}

/// Runs every case with each of these clients and the seeds from 1 on. Runs that can not differ are
/// made once.
pub(crate) fn batch(cases: &[Case], clients: &[Client], seeds: u64) -> Vec<Entry> {
    let pairs = cases
        .iter()
        .flat_map(|case| clients.iter().map(|client| (*case, *client)))
        .filter(|(case, client)| client.plays(case));
    let pairs: Vec<(Case, Client)> = pairs.collect();
    let mut jobs: Vec<(Case, Client, u64)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for &(case, client) in &pairs {
        places.entry(client.depends_on(&case)).or_insert_with(|| {
            jobs.extend((1..=seeds).map(|seed| (case, client, seed)));
            jobs.len() - usize::try_from(seeds).expect("few")
        });
    }
    let make = |(case, client, seed): &(Case, Client, u64)| run(case, *client, *seed);
    let name = |(case, client, _): &(Case, Client, u64)| (case.label, client.name());
    let done = all(&jobs, make, name);
    let entry = |(case, client): (Case, Client)| {
        let from = places[&client.depends_on(&case)];
        let to = from + usize::try_from(seeds).expect("few");
        Entry {
            case,
            client,
            outcomes: done[from..to].to_vec(),
        }
    };
    pairs.into_iter().map(entry).collect()
}

/// A thread for each core takes one run after another.
pub(crate) fn all<J: Sync, R: Send>(
    jobs: &[J],
    run: impl Fn(&J) -> R + Sync,
    name: impl Fn(&J) -> (&'static str, &'static str),
) -> Vec<R> {
    let (sender, results) = mpsc::channel();
    let next = AtomicUsize::new(0);
    let work = |sender: mpsc::Sender<(usize, R)>| {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(place) else {
                return;
            };
            let sent = sender.send((place, run(job)));
            sent.expect("somebody listens to the end");
        }
    };
    let mut done: Vec<Option<R>> = jobs.iter().map(|_| None).collect();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let sender = sender.clone();
            scope.spawn(|| work(sender));
        }
        drop(sender);
        let progress = Progress::new(jobs.len());
        for (place, outcome) in results {
            let (label, client) = name(&jobs[place]);
            done[place] = Some(outcome);
            progress.ran(label, client);
        }
    });
    done.into_iter().flatten().collect()
}
