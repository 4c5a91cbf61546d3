//! What a call takes out of each kind of limit.

use tollgate_core::{Cost, LimitKind, Usage};

/// One call's part of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Charge {
    /// What every provider counts when the call arrives.
    pub(crate) now: u64,
    /// What some count when it arrives, and others when the answer is complete: the output.
    pub(crate) later: u64,
}

impl Charge {
    /// What a call is expected to take.
    #[inline]
    pub(crate) fn of(cost: &Cost, kind: LimitKind) -> Self {
        let (now, later) = match kind {
            LimitKind::Requests => (cost.requests(), 0),
            LimitKind::Tokens => (cost.input_tokens(), cost.output_tokens()),
            LimitKind::InputTokens => (cost.input_tokens(), 0),
            LimitKind::OutputTokens => (0, cost.output_tokens()),
            LimitKind::Images => (cost.images(), 0),
            _ => (0, 0),
        };
        Self { now, later }
    }

    /// What it really took.
    pub(crate) fn used(cost: &Cost, usage: &Usage, kind: LimitKind) -> Self {
        let seen = cost
            .with_input_tokens(usage.input())
            .with_output_tokens(usage.output());
        Self::of(&seen, kind)
    }

    #[inline]
    pub(crate) const fn total(self) -> u64 {
        self.now.saturating_add(self.later)
    }
}
