//! The latest decisions, kept for people to look at.

use std::{
    collections::VecDeque,
    fmt::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::time::Instant;
use tollgate_core::{Observe, SystemClock, WallClock};

use crate::{
    Event,
    event::{End, Outcome},
};

/// How many characters of a sentence are kept: a model's name may be as long as its caller likes.
const LONGEST: usize = 400;

/// An observer that keeps the latest decisions, 256 unless set otherwise.
///
/// What happens with every call is left out, so that the rest stays for longer: admissions, held or
/// not, and attempts, calls and bodies that ended well.
///
/// # Sharing
///
/// Clones share one record: give one to the stack, and keep one.
///
/// # Examples
///
/// ```
/// use tollgate::{Event, core::Observe, recent::Recent};
///
/// let recent = Recent::new();
/// let observer = recent.clone();
/// # fn stack(_: impl for<'a> Observe<Event<'a>>) {}
/// stack(observer);
/// for decision in recent.list() {
///     println!("{} {}", decision.at_ms, decision.sentence);
/// }
/// ```
#[derive(Clone)]
pub struct Recent {
    shared: Arc<Shared>,
}

struct Shared {
    most: usize,
    start: Instant,
    clock: Box<dyn WallClock>,
    ring: Mutex<VecDeque<Decision>>,
}

/// One decision that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Decision {
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// When, in milliseconds since the record was begun.
    pub since_start_ms: u64,
    /// Which layer told it, as [`Event::layer`] names it.
    pub layer: &'static str,
    /// What happened, as [`Event::kind`] names it.
    pub kind: &'static str,
    /// The whole of it in plain words, 400 characters at most.
    pub sentence: String,
}

impl Recent {
    /// Keeps the latest 256.
    #[must_use]
    pub fn new() -> Self {
        Self::with(256, SystemClock::default())
    }

    /// Keeps the latest so many, and takes the time of day from this clock.
    #[must_use]
    pub fn with(most: usize, clock: impl WallClock + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                most,
                start: Instant::now(),
                clock: Box::new(clock),
                ring: Mutex::default(),
            }),
        }
    }

    /// The latest decisions, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Decision> {
        self.ring().iter().cloned().collect()
    }

    fn ring(&self) -> MutexGuard<'_, VecDeque<Decision>> {
        let ring = self.shared.ring.lock();
        ring.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Recent {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Observe<Event<'a>> for Recent {
    fn observe(&self, event: &Event<'a>) {
        if is_ordinary(event) || self.shared.most == 0 {
            return;
        }
        let mut sentence = Short(String::new());
        // It stops the sentence where it is long enough.
        let _ = write!(sentence, "{event}");
        let decision = Decision {
            at_ms: millis(self.shared.clock.since_epoch()),
            since_start_ms: millis(self.shared.start.elapsed()),
            layer: event.layer(),
            kind: event.kind(),
            sentence: sentence.0,
        };
        let mut ring = self.ring();
        let full = ring.len() >= self.shared.most;
        let oldest = if full { ring.pop_front() } else { None };
        ring.push_back(decision);
        // Freed when nobody waits for it.
        drop(ring);
        drop(oldest);
    }
}

/// It happens with every call.
fn is_ordinary(event: &Event<'_>) -> bool {
    match event {
        #[cfg(feature = "limit")]
        Event::Limit(event) => {
            use tollgate_limit::Event::{Admitted, Queued};
            matches!(event, Admitted { .. } | Queued { .. })
        }
        Event::Attempted(told) => told.outcome.is_ok(),
        Event::Finished(told) => {
            matches!(told.outcome, Outcome::Answered(_)) && told.outcome.is_ok()
        }
        Event::Delivered(told) => told.end == End::Complete,
        #[allow(unreachable_patterns, reason = "without any layer there are no others")]
        _ => false,
    }
}

pub(crate) fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Text of a bounded length.
struct Short(String);

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for one in text.chars() {
            if self.0.len() >= LONGEST {
                return Err(fmt::Error);
            }
            self.0.push(one);
        }
        Ok(())
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent")
            .field("most", &self.shared.most)
            .field("kept", &self.ring().len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tollgate_core::Target;
    use tollgate_test::ManualClock;

    use super::*;
    use crate::event::Finished;

    fn cancelled(model: &str) -> Finished {
        Finished {
            outcome: Outcome::Cancelled,
            target: Some(Target::new("groq", model)),
            status: None,
            took: Duration::from_secs(1),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_go_first() {
        let recent = Recent::with(2, ManualClock::new(std::time::SystemTime::UNIX_EPOCH));
        for model in ["a", "b", "c"] {
            recent.observe(&Event::Finished(&cancelled(model)));
            tokio::time::advance(Duration::from_millis(5)).await;
        }
        let list = recent.list();
        let seen = |one: &Decision| (one.since_start_ms, one.sentence.clone());
        assert_eq!(
            list.iter().map(seen).collect::<Vec<_>>(),
            [
                (5, "groq (b): cancelled after 1.0s".to_owned()),
                (10, "groq (c): cancelled after 1.0s".to_owned())
            ]
        );
        assert_eq!((list[0].layer, list[0].kind), ("call", "finished"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_name_is_cut_and_a_success_left_out() {
        let recent = Recent::new();
        recent.observe(&Event::Finished(&cancelled(&"é".repeat(5_000))));
        assert!(recent.list()[0].sentence.len() <= LONGEST + 3);
        let mut ok = cancelled("m");
        ok.outcome = Outcome::Answered(tollgate_core::Class::Ok);
        recent.observe(&Event::Finished(&ok));
        assert_eq!(recent.list().len(), 1);
    }
}
