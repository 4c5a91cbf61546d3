//! Decides what happens to a call.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use http::{Response, StatusCode};
use tokio::time::Instant;
use tollgate_core::{Cost, Random, SystemClock, Usage, WallClock, Window};

use super::{
    Entry, InFlight, Stats,
    config::{Config, round_up},
    shape,
};
use crate::{
    Answer, Asked, KitBody, Limited, Success,
    closing::Closing,
    fault::Act,
    quota::{Admission, Level, Meters, Refusal, Ticket, Wait},
    wire::Wire,
};

/// What all clones of a provider share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    random: Random,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) stats: Stats,
    /// Made at the first call, which starts the first fixed window.
    pub(super) meters: Option<Meters>,
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
        Self {
            random: Random::seeded(config.seed),
            config,
            state: Mutex::new(State {
                stats: Stats::default(),
                meters: None,
                log: Vec::new(),
                start: None,
            }),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Counts stay true whatever panicked in a user's closure.
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
        let now = Instant::now();
        let config = &self.config;
        let mut guard = self.lock();
        let state = &mut *guard;
        let (age, wall) = state.clock(now, config);
        state.stats.arrive();
        let number = state.stats.calls;
        let struck = config.script.pick(number, &asked, age, &self.random);
        state.stats.faults += u64::from(struck.is_some());
        let act = struck.unwrap_or(&Act::Serve);

        let reply = match replacement(act, config, &asked) {
            Replacement::Nothing => None,
            Replacement::Answer(answer) => Some(Reply::error(answer)),
            Replacement::None => Some(state.serve(config, &asked, now, wall)),
        };
        let Some(reply) = reply else {
            state.enter(now, asked, None);
            drop(guard);
            let call = InFlight::new(Arc::clone(self), None);
            return match act {
                Act::Hang => Plan::now(End::Hang(call)),
                _ => {
                    let why = "the connection was reset before the headers";
                    let error = io::Error::new(io::ErrorKind::ConnectionReset, why);
                    Plan::now(End::Fail(error))
                }
            };
        };
        let answer = config.edited(&asked, reply.answer);
        let answer = answer.header("date", httpdate::fmt_http_date(wall));
        state
            .stats
            .answered(answer.status(), reply.limited, reply.served);
        state.enter(now, asked, Some(answer.status()));
        drop(guard);

        let mut delay = self.travel();
        if reply.served.is_some() {
            delay += config.latency.draw(&self.random);
        }
        if let Act::Delay(more) = act {
            delay += *more;
        }
        let call = InFlight::new(Arc::clone(self), reply.charge);
        let response = shape::response(answer, act, config.pace);
        let response = response.map(|body| body.holding(call, closing));
        Plan {
            delay,
            end: End::Respond(response),
        }
    }
}

impl Plan {
    const fn now(end: End) -> Self {
        let delay = Duration::ZERO;
        Self { delay, end }
    }
}

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
        let meters = self
            .meters
            .get_or_insert_with(|| Meters::new(config.quotas.iter().cloned(), now));
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

impl Config {
    fn success(&self, asked: &Asked, number: u64, wall: SystemTime) -> Success {
        let since = wall.duration_since(SystemTime::UNIX_EPOCH);
        let success = Success::new(asked.model())
            .with_text(&*self.text)
            .with_number(number)
            .with_created(since.unwrap_or_default().as_secs());
        let words = success.usage.output();
        let usage = self.usage.as_ref().map_or_else(
            || Usage::new(asked.prompt_tokens(), words),
            |usage| usage(asked),
        );
        success.with_usage(usage)
    }

    /// What a call is charged when it arrives, and what it costs in the end.
    fn costs(&self, asked: &Asked, usage: Usage) -> (Cost, Cost) {
        let input = Cost::default().with_input_tokens(usage.input());
        let most = asked.max_tokens().filter(|_| self.reserve).unwrap_or(0);
        let actual = input.with_output_tokens(usage.output());
        (input.with_output_tokens(most), actual)
    }

    fn answer(&self, asked: &Asked, success: &Success) -> Answer {
        let wire = Wire::of(asked.path(), self.dialect.voice().wire);
        if asked.is_stream() {
            self.dialect.stream_as(wire, success, asked.asks_usage())
        } else {
            self.dialect.success_as(wire, success)
        }
    }

    fn refuse(&self, model: &str, why: &Refusal, levels: Vec<Level>, wall: SystemTime) -> Answer {
        let level = why.level;
        let wait = match why.wait {
            Wait::For(wait) => self.headers.wait(wait),
            Wait::Now | Wait::Unknown | Wait::Never => None,
        };
        let mut limited = Limited::new(level.kind)
            .window(level.window.unwrap_or(Window::Minute))
            .of(level.limit, level.used, why.requested)
            .retry_after(wait)
            .model(model)
            .levels(levels)
            .at(wall);
        if why.wait == Wait::Never {
            limited = limited.too_large();
        }
        self.dialect
            .limited_told(&limited, self.headers.told(self.dialect))
    }

    /// The levels that headers show, as exact as they show them.
    fn levels(&self, meters: &mut Meters, model: &str, now: Instant) -> Vec<Level> {
        let Some(step) = self.headers.step(self.dialect) else {
            return Vec::new();
        };
        let mut levels = meters.levels(model, now);
        for level in &mut levels {
            level.reset = round_up(level.reset, step);
        }
        levels
    }

    fn edited(&self, asked: &Asked, answer: Answer) -> Answer {
        match &self.edit {
            Some(edit) => edit(asked, answer),
            None => answer,
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
