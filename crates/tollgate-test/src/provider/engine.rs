//! Decides what happens to a call.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use http::{Response, StatusCode};
use tokio::time::Instant;
use tollgate_core::{Cost, Random, SystemClock, Usage, WallClock};

use super::{Entry, InFlight, Stats, config::Config, neighbour::Neighbours, shape};
use crate::{
    Answer, Asked, KitBody,
    closing::Closing,
    fault::Act,
    quota::{Admission, Meters, Ticket},
};

/// What all clones of a provider share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    random: Random,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) stats: Stats,
    /// Made when first asked; the first fixed window starts with the first call.
    meters: Option<Meters>,
    neighbours: Neighbours,
    log: Vec<Entry>,
    start: Option<(Instant, SystemTime)>,
}

/// What happens to a call: a wait, then its end.
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) end: End,
}

pub(crate) enum End {
    Respond(Response<KitBody>),
    Fail(io::Error),
    Hang(InFlight),
}

/// The provider's reply to a call that no fault answered.
struct Reply {
    answer: Answer,
    served: Option<Usage>,
    limited: bool,
    charge: Option<(Ticket, Cost)>,
}

impl Reply {
    const fn error(answer: Answer) -> Self {
        Self {
            answer,
            served: None,
            limited: false,
            charge: None,
        }
    }
}

impl Shared {
    pub(super) fn new(config: Config) -> Self {
        let neighbours = Neighbours::new(&config.neighbours, config.seed);
        Self {
            random: Random::seeded(config.seed),
            config,
            state: Mutex::new(State {
                stats: Stats::default(),
                meters: None,
                neighbours,
                log: Vec::new(),
                start: None,
            }),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A closure of the user's may have panicked; no count is left half done by that.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stats(&self) -> Stats {
        self.lock().stats
    }

    pub(super) fn log(&self) -> Vec<Entry> {
        self.lock().log.clone()
    }

    /// How long a request or an answer is under way.
    pub(crate) fn travel(&self) -> Duration {
        self.config.travel.draw(&self.random)
    }

    /// What happens to a call that arrives now.
    pub(crate) fn decide(self: &Arc<Self>, asked: Asked, closing: Option<Arc<Closing>>) -> Plan {
        // Made before the lock is taken: should a closure of the user's panic, the lock is gone when
        // this ends the call.
        let mut call = InFlight::new(Arc::clone(self));
        let mut state = self.lock();
        let (act, verdict) = state.judge(self, asked, &mut call);
        drop(state);
        match verdict {
            Some((answer, served)) => {
                let response = shape::response(answer, act, self.config.pace);
                Plan {
                    delay: self.delay(act, served),
                    end: End::Respond(response.map(|body| body.holding(call, closing))),
                }
            }
            None => Plan {
                delay: Duration::ZERO,
                end: match act {
                    Act::Hang => End::Hang(call),
                    _ => End::Fail(io::Error::new(io::ErrorKind::ConnectionReset, RESET)),
                },
            },
        }
    }

    /// How long the head of an answer takes.
    fn delay(&self, act: &Act, served: bool) -> Duration {
        let mut delay = self.travel();
        if served {
            delay += self.config.latency.draw(&self.random);
        }
        if let Act::Delay(more) = act {
            delay += *more;
        }
        delay
    }
}

const RESET: &str = "the connection was reset before the headers";

/// What a fault does in place of the provider.
enum Replacement {
    /// It leaves the answer to the provider.
    None,
    Answer(Answer),
    /// There is no answer.
    Nothing,
}

fn replacement(act: &Act, config: &Config, asked: &Asked) -> Replacement {
    let dialect = config.dialect;
    Replacement::Answer(match act {
        Act::Status(status) => dialect.with_status(*status, asked.model()),
        Act::Answer(answer) => answer.clone(),
        Act::Giant(bytes) => {
            let text = "the provider says far too much. ".repeat(bytes.div_ceil(32));
            Answer::text(StatusCode::INTERNAL_SERVER_ERROR, &text[..*bytes])
        }
        Act::FirstEvent => dialect.stream_error(asked.model()),
        Act::Hang | Act::ResetBefore => return Replacement::Nothing,
        _ => return Replacement::None,
    })
}

impl State {
    /// The fault that strikes a call, and the answer it gets, if any: with `true` where it is served.
    fn judge<'a>(
        &mut self,
        shared: &'a Shared,
        asked: Asked,
        call: &mut InFlight,
    ) -> (&'a Act, Option<(Answer, bool)>) {
        let (config, now) = (&shared.config, Instant::now());
        let (age, wall) = self.clock(now, config);
        self.stats.arrive();
        let number = self.stats.calls;
        let struck = config.script.pick(number, &asked, age, &shared.random);
        let act = struck.unwrap_or(&Act::Serve);
        self.stats.faults += u64::from(!matches!(act, Act::Serve));
        let mut reply = match replacement(act, config, &asked) {
            Replacement::None => self.serve(config, &asked, now, wall),
            Replacement::Answer(answer) => Reply::error(answer),
            Replacement::Nothing => {
                self.enter(now, asked, None);
                return (act, None);
            }
        };
        call.charge(reply.charge.take());
        let mut answer = config.edited(&asked, reply.answer);
        if let Act::ErrorEvent(after) = act {
            answer.fail_after(*after, config.dialect.stream_error(asked.model()));
        }
        let answer = answer.header("date", httpdate::fmt_http_date(wall));
        self.stats
            .answered(answer.status(), reply.limited, reply.served);
        self.enter(now, asked, Some(answer.status()));
        (act, Some((answer, reply.served.is_some())))
    }

    /// The time since the first call, and the time of day.
    fn clock(&mut self, now: Instant, config: &Config) -> (Duration, SystemTime) {
        let first = || {
            (
                now,
                config.wall.unwrap_or_else(|| SystemClock::default().now()),
            )
        };
        let (start, wall) = *self.start.get_or_insert_with(first);
        let age = now.saturating_duration_since(start);
        (age, wall + age)
    }

    /// Ends a call: what it really cost is known.
    pub(super) fn settle(&mut self, mut ticket: Ticket, cost: &Cost, now: Instant) {
        let (Some((start, _)), Some(meters)) = (self.start, &mut self.meters) else {
            return;
        };
        self.neighbours
            .catch_up(meters, &mut self.stats, start, now);
        meters.settle(&mut ticket, cost, now);
        meters.release(ticket);
    }

    fn enter(&mut self, at: Instant, asked: Asked, status: Option<StatusCode>) {
        self.log.push(Entry { at, asked, status });
    }

    fn serve(&mut self, config: &Config, asked: &Asked, now: Instant, wall: SystemTime) -> Reply {
        let (dialect, model) = (config.dialect, asked.model());
        if config.key.as_deref().is_some_and(|key| !asked.carries(key)) {
            return Reply::error(dialect.unauthorized());
        }
        if !config.models.is_empty() && !config.models.iter().any(|it| **it == *model) {
            return Reply::error(dialect.model_not_found(model));
        }
        let success = config.success(asked, self.stats.calls, wall);
        let usage = success.usage;
        if let Some(most) = config.context.filter(|most| usage.input() > *most) {
            return Reply::error(dialect.context_too_long(most, usage.input()));
        }
        let start = self.start.map_or(now, |(start, _)| start);
        let quotas = || Meters::new(config.quotas.iter().cloned(), start);
        let meters = self.meters.get_or_insert_with(quotas);
        self.neighbours
            .catch_up(meters, &mut self.stats, start, now);
        let (arrival, actual) = config.costs(asked, usage);
        match meters.admit(model, &arrival, now) {
            Admission::Refused(refusal) => {
                let levels = config.levels(meters, model, now);
                Reply {
                    limited: true,
                    ..Reply::error(config.refuse(model, &refusal, levels, wall))
                }
            }
            Admission::Admitted(ticket) => {
                let levels = config.levels(meters, model, now);
                let mut answer = config.answer(asked, &success);
                answer.extend(dialect.quota_headers(&levels, wall));
                Reply {
                    answer,
                    served: Some(usage),
                    limited: false,
                    charge: Some((ticket, actual)),
                }
            }
        }
    }
}

impl Stats {
    fn arrive(&mut self) {
        self.calls += 1;
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
    }

    fn answered(&mut self, status: StatusCode, limited: bool, served: Option<Usage>) {
        self.rate_limited += u64::from(limited || status == StatusCode::TOO_MANY_REQUESTS);
        if let Some(usage) = served {
            self.served += 1;
            self.input_tokens += usage.input();
            self.output_tokens += usage.output();
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
