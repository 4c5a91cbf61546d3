//! A world of clients, others and one provider, moved by events in virtual time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;
use tollgate_core::{Class, Classification, Cost, Quota, Random, Usage};
use tollgate_limit::{Account, Admission, Limit, Ticket};

use crate::provider::{Headers, MS, Provider, SECOND, Take};

/// A call to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    pub(crate) arrival: u64,
    pub(crate) take: Take,
    /// The output that is reserved.
    pub(crate) most: u64,
}

impl Call {
    pub(crate) fn at(arrival: u64) -> Self {
        let take = Take {
            input: 0,
            output: 0,
        };
        Self {
            arrival,
            take,
            most: 0,
        }
    }

    fn cost(&self) -> Cost {
        Cost::default()
            .with_input_tokens(self.take.input)
            .with_output_tokens(self.most)
    }
}

/// What happens in the world besides the provider's counting.
pub(crate) struct Setup {
    pub(crate) provider: Provider,
    /// Limits told to each client.
    pub(crate) limits: Vec<Limit>,
    /// The calls of each client.
    pub(crate) clients: Vec<Vec<Call>>,
    /// Time from arrival to the head of the answer, ± 10 %.
    pub(crate) head: u64,
    /// Time for each token of output after the head.
    pub(crate) token: u64,
    /// Poisson calls of others: per second, from, to.
    pub(crate) others: Vec<(f64, u64, u64)>,
    /// What is told as Retry-After instead of the truth, by chance.
    pub(crate) lies: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Arrive(usize, usize),
    Other(usize),
    OtherThere(usize),
    There(usize, usize),
    Head(usize, usize),
    Complete(usize, usize),
    Rejected(usize, usize),
    Done(usize, usize),
    Ask(usize),
}

struct Client {
    account: Account,
    calls: Vec<Call>,
    waiting: BTreeMap<usize, ()>,
    tickets: BTreeMap<usize, Ticket>,
    asked: Option<u64>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) makespan: f64,
    pub(crate) served: usize,
    pub(crate) calls: usize,
    pub(crate) rejected: usize,
    pub(crate) others_served: usize,
    pub(crate) others_sent: usize,
    pub(crate) peak_100ms: usize,
    pub(crate) sends: Vec<u64>,
    pub(crate) rejections: Vec<u64>,
    pub(crate) asks: usize,
    pub(crate) hash: u64,
}

impl Outcome {
    pub(crate) fn wasted(&self) -> f64 {
        self.rejected as f64 / self.served.max(1) as f64
    }

    pub(crate) fn lost(&self) -> usize {
        self.calls - self.served
    }
}

struct World {
    setup: Setup,
    base: Instant,
    now: u64,
    order: u64,
    events: BinaryHeap<Reverse<(u64, u64, What)>>,
    clients: Vec<Client>,
    quotas: BTreeMap<(usize, usize), (Quota, Option<Duration>)>,
    random: Random,
    outcome: Outcome,
}

/// The end of patience: nothing of interest takes this long.
const CURTAIN: u64 = 7_200 * SECOND;

pub(crate) fn run(setup: Setup, seed: u64) -> Outcome {
    let base = Instant::now();
    let random = Random::seeded(seed);
    let clients = setup.clients.iter().map(|calls| Client {
        account: Account::new(&setup.limits, random.fork(), base, SystemTime::UNIX_EPOCH)
            .expect("limits that can be kept"),
        calls: calls.clone(),
        waiting: BTreeMap::new(),
        tickets: BTreeMap::new(),
        asked: None,
    });
    let mut world = World {
        clients: clients.collect(),
        base,
        now: 0,
        order: 0,
        events: BinaryHeap::new(),
        quotas: BTreeMap::new(),
        random,
        outcome: Outcome::default(),
        setup,
    };
    world.start();
    world.go();
    world.finish()
}

impl World {
    fn start(&mut self) {
        for client in 0..self.clients.len() {
            for call in 0..self.clients[client].calls.len() {
                let at = self.clients[client].calls[call].arrival;
                self.outcome.calls += 1;
                self.at(at, What::Arrive(client, call));
            }
        }
        for other in 0..self.setup.others.len() {
            let from = self.setup.others[other].1;
            self.at(from, What::Other(other));
        }
    }

    fn at(&mut self, time: u64, what: What) {
        self.order += 1;
        self.events.push(Reverse((time, self.order, what)));
    }

    fn go(&mut self) {
        while let Some(Reverse((time, _, what))) = self.events.pop() {
            if time > CURTAIN || self.outcome.served == self.outcome.calls {
                break;
            }
            self.now = time;
            self.note(&what);
            self.happen(what);
        }
    }

    fn note(&mut self, what: &What) {
        let text = format!("{} {what:?}", self.now);
        for byte in text.bytes() {
            self.outcome.hash = (self.outcome.hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn way(&self) -> u64 {
        20 * MS + (self.random.unit() * 10.0 * MS as f64) as u64
    }

    fn instant(&self) -> Instant {
        self.base + Duration::from_nanos(self.now)
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Arrive(client, call) => {
                self.clients[client].waiting.insert(call, ());
                // All that arrive together are there before the first is sent.
                let more = self.events.peek().is_some_and(|Reverse((time, _, next))| {
                    *time == self.now && matches!(next, What::Arrive(c, _) if *c == client)
                });
                if !more {
                    self.pump(client);
                }
            }
            What::Ask(client) => {
                if self.clients[client].asked == Some(self.now) {
                    self.clients[client].asked = None;
                    self.pump(client);
                }
            }
            What::There(client, call) => self.there(client, call),
            What::Head(client, call) => {
                let now = self.instant();
                let (quota, _) = self.quotas.remove(&(client, call)).expect("sent");
                let it = &mut self.clients[client];
                let take = it.calls[call].take;
                let ticket = it.tickets.get_mut(&call).expect("sent");
                it.account.answer(ticket, &quota, now);
                self.outcome.served += 1;
                self.outcome.makespan = self.now as f64 / SECOND as f64;
                let done = self.now + take.output * self.setup.token;
                self.at(done, What::Done(client, call));
                self.pump(client);
            }
            What::Complete(client, call) => {
                let take = self.clients[client].calls[call].take;
                self.setup.provider.complete(take, self.now);
            }
            What::Done(client, call) => {
                let now = self.instant();
                let it = &mut self.clients[client];
                let take = it.calls[call].take;
                let ticket = it.tickets.remove(&call).expect("sent");
                let usage = Usage::new(take.input, take.output);
                it.account.settle(ticket, &usage, now);
                self.pump(client);
            }
            What::Rejected(client, call) => {
                let now = self.instant();
                let (quota, wait) = self.quotas.remove(&(client, call)).expect("sent");
                let it = &mut self.clients[client];
                let ticket = it.tickets.remove(&call).expect("sent");
                let seen = Classification::new(Class::RateLimited).with_wait(wait);
                it.account.reject(ticket, &seen, &quota, now);
                it.waiting.insert(call, ());
                self.outcome.rejected += 1;
                self.outcome.rejections.push(self.now);
                self.pump(client);
            }
            What::Other(other) => {
                let (rate, _, to) = self.setup.others[other];
                let there = self.now + self.way();
                self.at(there, What::OtherThere(other));
                let gap = -(1.0 - self.random.unit()).ln() / rate;
                let next = self.now + (gap * SECOND as f64) as u64;
                if next < to {
                    self.at(next, What::Other(other));
                }
            }
            What::OtherThere(_) => {
                let take = Take {
                    input: 0,
                    output: 0,
                };
                self.outcome.others_sent += 1;
                if self.setup.provider.arrive(take, self.now).is_ok() {
                    self.outcome.others_served += 1;
                }
            }
        }
    }

    fn there(&mut self, client: usize, call: usize) {
        let take = self.clients[client].calls[call].take;
        let verdict = self.setup.provider.arrive(take, self.now);
        let quota = self.setup.provider.quota();
        match verdict {
            Ok(()) => {
                self.quotas.insert((client, call), (quota, None));
                let head = self.setup.head as f64 * (0.9 + 0.2 * self.random.unit());
                let back = self.now + head as u64 + self.way();
                self.at(back, What::Head(client, call));
                if take.output > 0 {
                    // Counted when it is complete; that is a moment before the client knows.
                    let complete = self.now + head as u64 + take.output * self.setup.token;
                    self.at(complete, What::Complete(client, call));
                }
            }
            Err(wait) => {
                let told = self.told(wait);
                self.quotas.insert((client, call), (quota, told));
                let back = self.now + self.way();
                self.at(back, What::Rejected(client, call));
            }
        }
    }

    /// Retry-After, as read by the client.
    fn told(&self, wait: u64) -> Option<Duration> {
        if self.setup.provider.headers == Headers::None {
            return None;
        }
        let truth = wait.div_ceil(SECOND).max(1);
        let seconds = if self.setup.lies {
            // 0, -1, 1, too short, exact, ten times, ten years, 1e400, inf, NaN, past, + 1 h, garbage
            match (self.random.unit() * 13.0) as u32 {
                0 => 0,
                2 => 1,
                3 => truth / 2,
                4 => truth,
                5 => truth * 10,
                6 => 10 * 365 * 86_400,
                11 => truth + 3_600,
                _ => return None,
            }
        } else {
            truth
        };
        Some(Duration::from_secs(seconds))
    }

    fn pump(&mut self, client: usize) {
        let now = self.instant();
        loop {
            let it = &mut self.clients[client];
            let Some((&call, ())) = it.waiting.first_key_value() else {
                return;
            };
            self.outcome.asks += 1;
            match it
                .account
                .admit(&it.calls[call].cost(), it.waiting.len(), now)
            {
                Admission::Admitted(ticket) => {
                    it.waiting.remove(&call);
                    it.tickets.insert(call, ticket);
                    self.outcome.sends.push(self.now);
                    let there = self.now + self.way();
                    self.at(there, What::There(client, call));
                }
                Admission::NotBefore(at, _) => {
                    let at = (at - self.base).as_nanos() as u64;
                    assert!(at > self.now, "asked to come back at once");
                    if it.asked.replace(at) != Some(at) {
                        self.at(at, What::Ask(client));
                    }
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn finish(mut self) -> Outcome {
        let sends = &self.outcome.sends;
        let mut from = 0;
        for to in 0..sends.len() {
            while sends[to] - sends[from] > 100 * MS {
                from += 1;
            }
            self.outcome.peak_100ms = self.outcome.peak_100ms.max(to - from + 1);
        }
        self.outcome
    }
}
