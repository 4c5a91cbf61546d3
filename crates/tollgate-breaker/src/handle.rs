//! The breakers from outside: seen, moved, kept.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::watch;
use tokio::time::Instant;
use tollgate_core::{AttemptListener, Cost, Outlook, Target, View};

use crate::{
    Event, Snapshot, State, Status,
    cell::Cell,
    key::Key,
    shared::{Core, Room},
    state::Machine,
    sync,
    time::{DAY, Nanos, nanos},
};

/// Sees and moves the breakers of a layer, key by key. Clones do the same.
///
/// A key is the target of the calls, where they carry one, else [`Target::provider_only`] of the
/// [authority](tollgate_core::authority_of) in lower case: the host, and its port where that is not the usual one.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_breaker::{BreakerLayer, State};
/// use tollgate_core::Target;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let (layer, breakers) = BreakerLayer::builder().build_with_handle()?;
/// let groq = Target::provider_only("api.groq.com");
/// assert_eq!(breakers.state(&groq), State::Closed);
///
/// breakers.force_open(&groq, Duration::from_secs(60));
/// assert!(matches!(breakers.state(&groq), State::Open { .. }));
/// assert!(breakers.status(&groq).to_string().starts_with("api.groq.com: open for "));
/// breakers.reset(&groq);
/// assert_eq!(breakers.state(&groq), State::Closed);
/// # let _ = layer;
/// # Ok::<_, tollgate_breaker::ConfigError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Handle {
    room: Arc<dyn Room>,
}

impl Handle {
    pub(crate) fn new(room: Arc<impl Room + 'static>) -> Self {
        Self { room }
    }

    /// The state of a key. One that no call was made for is closed.
    #[must_use]
    pub fn state(&self, target: &Target) -> State {
        self.status(target).state()
    }

    /// All about a key.
    #[must_use]
    pub fn status(&self, target: &Target) -> Status {
        let core = self.room.core();
        match core.cells.find(&Key::from(target)) {
            Some(cell) => Status::of(&cell, core.clock),
            None => {
                let mut fresh = Machine::new(&core.settings.rules, core.clock.now());
                Status::new(target.clone(), &mut fresh, core.clock)
            }
        }
    }

    /// All keys, in no order.
    #[must_use]
    pub fn list(&self) -> Vec<Status> {
        let core = self.room.core();
        let all = core.cells.all();
        all.iter()
            .map(|cell| Status::of(cell, core.clock))
            .collect()
    }

    /// Opens a key's breaker: for so long (24 h at most), after which it lets a probe through; or
    /// until it is reset, if no time is given.
    pub fn force_open(&self, target: &Target, time: impl Into<Option<Duration>>) {
        let time = time.into();
        self.force(target, |machine, now| {
            machine.force_open(time.map(|time| now + nanos(time).min(DAY)), now);
        });
    }

    /// Closes a key's breaker until it is reset, whatever comes back.
    pub fn force_closed(&self, target: &Target) {
        self.force(target, Machine::force_closed);
    }

    /// Closes a key's breaker as if it were new. What calls that are under way bring back does not
    /// count.
    pub fn reset(&self, target: &Target) {
        self.force(target, Machine::reset);
    }

    /// Hears of the changes of a key's state. The channel holds how it stood after the latest one;
    /// a reader that is slow misses changes, never the latest. A key that is heard of is not
    /// forgotten.
    #[must_use]
    pub fn subscribe(&self, target: &Target) -> watch::Receiver<Status> {
        let core = self.room.core();
        self.cell(target).subscribe(core.clock)
    }

    /// What a program would have to know when it is started again: who is open or half open, and
    /// who is held by hand.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.room.core())
    }

    /// Opens and holds again what a snapshot says. Time has gone on since: what is over by now lets
    /// the next call through as a probe. What is open for longer already stays so.
    pub fn restore(&self, snapshot: &Snapshot) {
        let core = self.room.core();
        for cell in snapshot.apply(core) {
            self.forced(&cell);
        }
    }

    fn force(&self, target: &Target, change: impl FnOnce(&mut Machine, Nanos)) {
        let cell = self.cell(target);
        let now = self.room.core().clock.now();
        cell.change(|machine| change(machine, now));
        self.forced(&cell);
    }

    fn forced(&self, cell: &Cell) {
        let clock = self.room.core().clock;
        cell.announce(clock);
        let status = Status::of(cell, clock);
        if let State::Open { .. } = status.state() {
            self.room.core().evict(cell.target(), status.left());
        }
        self.room.tell(&Event::Forced {
            target: status.target().clone(),
            state: status.state(),
            held: status.is_held(),
        });
    }

    fn cell(&self, target: &Target) -> sync::Arc<Cell> {
        let Core {
            cells,
            settings,
            clock,
            ..
        } = self.room.core();
        cells.make(&Key::from(target), &settings.rules, clock.now())
    }
}

/// For the breaker of the target itself. With a [key function](crate::Builder::key) that returns targets of
/// its own, nothing is heard.
/// A stream that fails is counted by the body of its response, which knows which call it was.
impl AttemptListener for Handle {
    fn abandoned(&self, target: &Target, sent: Instant) {
        let core = self.room.core();
        if let Some(cell) = core.cells.find(&Key::from(target)) {
            self.room.abandoned(&cell, core.clock.nanos(sent));
        }
    }
}

/// Until when a target refuses: zero where it would let a call pass, `None` where it is open until
/// reset. How much is left is for a limiter to say.
impl Outlook for Handle {
    fn view(&self, target: &Target, _: &Cost) -> View {
        let core = self.room.core();
        match core.cells.find(&Key::from(target)) {
            None => View::OPEN,
            Some(cell) => {
                let wait = cell.lock().wait(&core.settings.rules, core.clock.now());
                View::new(wait.map(Duration::from_nanos), None)
            }
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("keys", &self.room.core().cells.all().len())
            .finish_non_exhaustive()
    }
}
