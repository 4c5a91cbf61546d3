//! The trial calls that are out while a breaker is half open.

use std::num::NonZero;

use crate::time::Nanos;

/// The probes that keep others from going out.
#[derive(Debug, Clone, Default)]
pub(crate) struct Probes {
    // In the order in which they went out.
    out: Vec<(NonZero<u64>, Nanos)>,
    issued: u64,
    /// How many came back well.
    pub(crate) successes: u32,
}

impl Probes {
    /// Lets one more out, or tells how long it takes until the oldest counts as lost.
    pub(crate) fn issue(&mut self, timeout: Nanos, now: Nanos) -> Result<NonZero<u64>, Nanos> {
        self.out
            .retain(|(_, sent)| lost_in(*sent, timeout, now) > 0);
        match self.out.first() {
            Some((_, sent)) if self.is_full() => Err(lost_in(*sent, timeout, now)),
            _ => {
                let id = NonZero::<u64>::MIN.saturating_add(self.issued);
                self.issued += 1;
                self.out.push((id, now));
                Ok(id)
            }
        }
    }

    /// How long until one more may go out; zero for now.
    pub(crate) fn wait(&self, timeout: Nanos, now: Nanos) -> Nanos {
        match self.out.first() {
            Some((_, sent)) if self.is_full() => lost_in(*sent, timeout, now),
            _ => 0,
        }
    }

    /// One is back, or will never be.
    pub(crate) fn give_back(&mut self, id: NonZero<u64>) {
        self.out.retain(|(probe, _)| *probe != id);
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.out.len()
    }

    /// One may be out at first; each success doubles that.
    fn is_full(&self) -> bool {
        self.out.len() >= 1 << self.successes.min(20)
    }
}

/// How long until a probe counts as lost.
const fn lost_in(sent: Nanos, timeout: Nanos, now: Nanos) -> Nanos {
    sent.saturating_add(timeout).saturating_sub(now)
}
