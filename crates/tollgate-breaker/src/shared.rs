//! What all services of a layer share.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use http::Request;
use tollgate_core::{Class, Evict, Observe, Random, Reason, Rejected, Target, WallClock};

use crate::{
    Event,
    cell::{Cell, Slot},
    cells::Cells,
    config::Settings,
    key::{self, Head, Key},
    permit::Permit,
    state::{Abandoned, Step},
    sync,
    time::{Clock, Nanos},
};

/// What a breaker has from outside: chance, the time of day, and the queues below it.
pub(crate) struct Sources {
    pub(crate) random: Random,
    pub(crate) wall: Arc<dyn WallClock>,
    pub(crate) queues: Vec<Arc<dyn Evict>>,
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("random", &self.random)
            .field("wall", &self.wall)
            .field("queues", &self.queues.len())
            .finish()
    }
}

/// The breakers of a layer, and who hears of them.
pub(crate) struct Shared<O> {
    pub(crate) core: Core,
    pub(crate) observer: O,
}

/// The breakers of a layer.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) sources: Sources,
    pub(crate) clock: Clock,
    pub(crate) cells: Cells,
    // The breaker of the first call. Most programs call one host only: it spares each new clone of a
    // service to look for it in the table, and all of them to meet at its lock.
    first: OnceLock<sync::Arc<Cell>>,
}

impl Core {
    /// How many calls were sent and have not come back. Calls that wait in a queue below were admitted,
    /// but not sent.
    pub(crate) fn out(&self, cell: &Cell) -> u32 {
        let waiting = self.sources.queues.iter();
        let waiting = waiting.map(|queue| queue.waiting(cell.target())).sum();
        let out = usize::try_from(cell.out()).unwrap_or(usize::MAX);
        u32::try_from(out.saturating_sub(waiting)).unwrap_or(u32::MAX)
    }

    /// A breaker opened: ends the calls that wait below it.
    pub(crate) fn evict(&self, target: &Target, retry_after: Option<Duration>) {
        for queue in &self.sources.queues {
            queue.evict(target, retry_after);
        }
    }
}

/// What a handle needs of a `Shared`, whatever its observer is.
pub(crate) trait Room: Send + Sync {
    fn core(&self) -> &Core;
    fn tell(&self, event: &Event);
    fn abandoned(&self, cell: &Cell, sent: Nanos);
}

impl<O: Observe<Event> + Send + Sync> Room for Shared<O> {
    fn core(&self) -> &Core {
        &self.core
    }

    fn tell(&self, event: &Event) {
        self.observer.observe(event);
    }

    fn abandoned(&self, cell: &Cell, sent: Nanos) {
        let now = self.core.clock.now();
        let (rules, random) = (&self.core.settings.rules, &self.core.sources.random);
        let ended = cell.change(|machine| machine.abandoned(rules, sent, now, || random.unit()));
        if let Abandoned::Failure(step) = ended {
            let target = cell.target().clone();
            let after = Duration::from_nanos(now.saturating_sub(sent));
            self.observer.observe(&Event::Abandoned { target, after });
            self.changed(cell, step);
        }
    }
}

impl<O> Shared<O> {
    pub(crate) fn new(settings: Settings, sources: Sources, observer: O) -> Self {
        let cells = Cells::new(settings.keys);
        let core = Core {
            settings,
            sources,
            clock: Clock::new(),
            cells,
            first: OnceLock::new(),
        };
        Self { core, observer }
    }
}

impl<O: Observe<Event>> Shared<O> {
    /// The breaker of a call, which is most often that of the call before; `None` where there is no
    /// room for it.
    #[inline]
    pub(crate) fn cell<B>(
        &self,
        request: &Request<B>,
        last: &mut Option<sync::Arc<Cell>>,
    ) -> Option<sync::Arc<Cell>> {
        if let Some(cell) = last {
            if self.is_for(request, cell) {
                return Some(cell.clone());
            }
        }
        self.other(request, last)
    }

    /// As far as can be told at a glance.
    #[inline(always)]
    fn is_for<B>(&self, request: &Request<B>, cell: &Cell) -> bool {
        self.core.settings.key.is_none() && key::is_for(request, cell)
    }

    /// The breaker of a call that is not that of the call before.
    #[inline(never)]
    fn other<B>(
        &self,
        request: &Request<B>,
        last: &mut Option<sync::Arc<Cell>>,
    ) -> Option<sync::Arc<Cell>> {
        let first = self.core.first.get();
        if let Some(cell) = first.filter(|cell| self.is_for(request, cell)) {
            return Some(cell.clone());
        }
        let cell = self.find(request);
        if let (Some(cell), None) = (&cell, &self.core.settings.key) {
            self.core.first.get_or_init(|| cell.clone());
        }
        last.clone_from(&cell);
        cell
    }

    fn find<B>(&self, request: &Request<B>) -> Option<sync::Arc<Cell>> {
        let Some(key) = &self.core.settings.key else {
            let key = Key::of(request);
            return self.core.cells.find(&key).or_else(|| self.add(&key));
        };
        let target = key(&Head::of(request));
        let key = Key::from(&target);
        self.core.cells.find(&key).or_else(|| self.add(&key))
    }

    #[cold]
    fn add(&self, key: &Key<'_>) -> Option<sync::Arc<Cell>> {
        let now = self.core.clock.now();
        let rules = &self.core.settings.rules;
        let cell = self.core.cells.find_or_add(key, rules, now);
        if cell.is_none() {
            let target = key.to_target();
            self.observer.observe(&Event::Unwatched { target });
        }
        cell
    }

    /// Lets a call in, or not.
    // Into its place: a refusal is much larger than a permit, and would be copied with each.
    #[inline(always)]
    pub(crate) fn admit(self: &Arc<Self>, cell: sync::Arc<Cell>) -> Result<Permit<O>, Rejected> {
        match cell.pass() {
            Some(pass) => Ok(Permit::new(self.clone(), Slot::new(cell, pass))),
            None => self.ask(cell),
        }
    }

    #[cold]
    fn ask(self: &Arc<Self>, cell: sync::Arc<Cell>) -> Result<Permit<O>, Rejected> {
        let (answer, step) = cell.admit(&self.core.settings.rules, self.core.clock.now());
        match answer {
            Ok(pass) => {
                let permit = Permit::new(self.clone(), Slot::new(cell, pass));
                if pass.is_probe() {
                    self.probing(permit.cell(), step);
                }
                Ok(permit)
            }
            Err(wait) => Err(self.refused(cell.target(), wait)),
        }
    }

    /// Refuses a call that would have to wait before it could come to the gate, if it would be
    /// refused there anyway.
    pub(crate) fn knock(&self, cell: &Cell) -> Result<(), Rejected> {
        if cell.pass().is_some() {
            return Ok(());
        }
        let rules = &self.core.settings.rules;
        cell.knock(rules, self.core.clock.now())
            .map_err(|wait| self.refused(cell.target(), wait))
    }

    #[cold]
    fn probing(&self, cell: &Cell, step: Option<Step>) {
        self.changed(cell, step);
        let target = cell.target().clone();
        self.observer.observe(&Event::Probing { target });
    }

    #[cold]
    fn refused(&self, target: &Target, wait: Option<Nanos>) -> Rejected {
        let wait = wait.map(Duration::from_nanos);
        if self.observer.listens() {
            let target = target.clone();
            self.observer.observe(&Event::Refused { target, wait });
        }
        Rejected::new(Reason::CircuitOpen)
            .with_target(target.clone())
            .with_retry_after(wait)
    }

    /// Tells of an answer whose body failed.
    #[cold]
    pub(crate) fn body_failed(&self, cell: &Cell, class: Class) {
        let target = cell.target().clone();
        self.observer.observe(&Event::BodyFailed { target, class });
    }

    /// Tells of a change, to the observer and to those who subscribed.
    #[inline]
    pub(crate) fn changed(&self, cell: &Cell, step: Option<Step>) {
        if let Some(step) = step {
            self.tell(cell, step);
        }
    }

    #[cold]
    fn tell(&self, cell: &Cell, step: Step) {
        cell.announce(self.core.clock);
        if let Step::Opened { wait, .. } = step {
            self.core
                .evict(cell.target(), Some(Duration::from_nanos(wait)));
        }
        let target = cell.target().clone();
        self.observer.observe(&match step {
            Step::Opened { why, wait } => Event::Opened {
                target,
                why,
                wait: Duration::from_nanos(wait),
            },
            Step::HalfOpened => Event::HalfOpened { target },
            Step::Closed => Event::Closed { target },
        });
    }
}
