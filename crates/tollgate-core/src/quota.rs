//! How much a provider says is left.

use std::time::Duration;

use crate::{LimitKind, Window};

/// What a response says about one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dimension {
    /// What the limit counts.
    pub kind: LimitKind,
    /// The span it counts over, where the header names it.
    pub window: Option<Window>,
    /// How much is allowed in a window.
    pub limit: Option<u64>,
    /// How much of it is left.
    pub remaining: Option<u64>,
    /// Time from the response until the provider's reset. What is reset then differs: the next free
    /// slot, the whole bucket, or the window.
    pub reset: Option<Duration>,
}

impl Dimension {
    /// A dimension about which nothing is known yet.
    #[must_use]
    pub const fn new(kind: LimitKind, window: Option<Window>) -> Self {
        Self {
            kind,
            window,
            limit: None,
            remaining: None,
            reset: None,
        }
    }

    /// Nothing is left: `remaining` was stated, and it is zero.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        matches!(self.remaining, Some(0))
    }
}

/// What a response says about every limit it names: limit, remaining and reset of each dimension.
///
/// Holds up to [`Quota::CAPACITY`] dimensions in place, because it is made for every response that
/// carries quota headers; further ones are ignored.
///
/// # Examples
///
/// ```
/// use tollgate_core::{LimitKind, Quota};
///
/// let mut quota = Quota::new();
/// quota.entry(LimitKind::Requests, None).expect("room").remaining = Some(41);
/// assert_eq!(quota.get(LimitKind::Requests, None).unwrap().remaining, Some(41));
/// assert_eq!(quota.iter().count(), 1);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    dimensions: [Option<Dimension>; Self::CAPACITY],
}

impl Quota {
    /// How many dimensions fit.
    pub const CAPACITY: usize = 8;

    /// Nothing known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            dimensions: [None; Self::CAPACITY],
        }
    }

    /// No dimension is known.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.dimensions[0].is_none()
    }

    /// The dimensions, in the order in which they were first named.
    pub fn iter(&self) -> impl Iterator<Item = &Dimension> {
        self.dimensions.iter().map_while(Option::as_ref)
    }

    /// What is known about one dimension.
    #[must_use]
    pub fn get(&self, kind: LimitKind, window: Option<Window>) -> Option<&Dimension> {
        self.iter().find(|d| d.kind == kind && d.window == window)
    }

    /// The dimension to fill in, added where it is missing. `None` when all places are taken.
    pub fn entry(&mut self, kind: LimitKind, window: Option<Window>) -> Option<&mut Dimension> {
        let named = |slot: &Option<Dimension>| {
            slot.as_ref()
                .is_none_or(|d| d.kind == kind && d.window == window)
        };
        let slot = self.dimensions.iter_mut().find(|slot| named(slot))?;
        Some(slot.get_or_insert(Dimension::new(kind, window)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        use LimitKind::{InputTokens, OutputTokens, Requests, Tokens};
        let mut quota = Quota::new();
        for kind in [Requests, Tokens, InputTokens, OutputTokens] {
            for window in [Window::Minute, Window::Hour, Window::Day] {
                if let Some(dimension) = quota.entry(kind, Some(window)) {
                    dimension.limit = Some(1);
                }
            }
        }
        assert_eq!(quota.iter().count(), Quota::CAPACITY);
        assert!(quota.get(Requests, Some(Window::Day)).is_some());
        assert!(quota.get(OutputTokens, Some(Window::Day)).is_none());
        assert!(!quota.is_empty());
    }
}
