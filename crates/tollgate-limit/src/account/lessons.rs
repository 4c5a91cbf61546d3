//! What answers and rejections taught.

use tollgate_core::{Cost, LimitKind};

use super::{Below, levels::Levels, pacer::Pacer, sent::Sent};
use crate::charge::Charge;

/// Everything that was learned of a key.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    pub(super) levels: Levels,
    pub(super) pacer: Pacer,
    pub(super) sent: Sent,
    /// Of the last rejected call.
    pub(super) rejected: Cost,
    /// The limit that its rejection named.
    pub(super) rejected_kind: Option<LimitKind>,
    /// Its headers reported less than it takes of that limit: nothing else stood in its way.
    pub(super) is_explained: bool,
    /// The configured limit that is not reached, and why.
    pub(super) below: Option<Below>,
}

impl Lessons {
    /// A large call was rejected because too few tokens were left, and by the same headers there are
    /// enough for one of this cost: the stated wait is not meant for it.
    pub(super) fn spares(&self, cost: &Cost, now: f64) -> bool {
        let gate = &self.pacer.gate;
        let takes = |cost, kind| Charge::of(cost, kind).total();
        let named = gate.kind.filter(|_| gate.is_stated);
        named.is_some_and(|kind| {
            kind != LimitKind::Requests
                && self.is_explained
                && takes(cost, kind) < takes(&self.rejected, kind)
                && self.levels.spare(kind, cost, now)
        })
    }
}
