//! The first calls to a provider about which nothing is known.

use crate::time::Time;

/// How many calls each stage sends before it waits for the answers of a third of them; then calls go
/// freely.
///
/// One call shows what the provider tells; the second stage shows how it counts. The third is for
/// limits whose kind is still open then. 12 is little enough that a provider whose headers promise
/// too much wastes few calls (scenario 7h), and enough to tell a bucket from a window (scenario 1).
const STAGES: [u64; 3] = [1, 12, 576];

/// One answer in this many must have come. A few slow ones tell nothing that the others do not
/// (scenario 1s, sliding).
const PART: u64 = 3;

/// Where the start has got to.
#[derive(Debug, Clone)]
pub(crate) struct Ramp {
    stage: usize,
    /// Calls of this stage that may still be sent, that were served, and that were turned away.
    left: u64,
    served: u64,
    refused: u64,
    last_sent: Time,
}

impl Ramp {
    pub(crate) const fn new() -> Self {
        Self {
            stage: 0,
            left: STAGES[0],
            served: 0,
            refused: 0,
            last_sent: 0,
        }
    }

    pub(crate) const fn done() -> Self {
        let mut ramp = Self::new();
        ramp.stage = STAGES.len();
        ramp
    }

    pub(crate) fn is_done(&self) -> bool {
        self.stage >= STAGES.len()
    }

    /// The time from which a call may go; zero if it may now.
    pub(crate) fn opens(&self) -> Time {
        if self.is_done() || self.left > 0 {
            0
        } else {
            self.last_sent.saturating_add(crate::ledger::PATIENCE)
        }
    }

    pub(crate) fn send(&mut self, now: Time) {
        if self.is_done() {
            return;
        }
        if self.left == 0 {
            // Patience is over: the answers that are missing are not coming.
            self.next();
        }
        self.left = self.left.saturating_sub(1);
        self.last_sent = now;
    }

    /// A call was answered, either way. Rejections are quick, so that they alone end no stage.
    pub(crate) fn answer(&mut self, served: bool, proven: bool) {
        let Some(size) = STAGES.get(self.stage) else {
            return;
        };
        *(if served {
            &mut self.served
        } else {
            &mut self.refused
        }) += 1;
        let going = size.saturating_sub(self.refused);
        if self.left == 0 && self.served >= going.div_ceil(PART) {
            self.next();
            if proven {
                self.stage = STAGES.len();
            }
        }
    }

    /// A call never went.
    pub(crate) fn forget(&mut self) {
        if !self.is_done() {
            self.left += 1;
        }
    }

    fn next(&mut self) {
        self.stage += 1;
        (self.served, self.refused) = (0, 0);
        self.left = STAGES.get(self.stage).copied().unwrap_or(0);
    }
}
