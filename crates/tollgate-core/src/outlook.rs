//! What a router may ask the layers below about a target.

use std::time::Duration;

use crate::{Cost, Target};

/// What is known ahead of sending a call to a target.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct View {
    /// Time until the target would take the call: zero for "now", `None` for "never".
    pub wait: Option<Duration>,
    /// The part of the scarcest limit that is left, 0 to 1, where it is known.
    pub left: Option<f64>,
}

impl View {
    /// It may go now; how much is left is not known.
    pub const OPEN: Self = Self {
        wait: Some(Duration::ZERO),
        left: None,
    };

    /// A view from its parts.
    #[must_use]
    pub const fn new(wait: Option<Duration>, left: Option<f64>) -> Self {
        Self { wait, left }
    }

    /// Both views hold: the longer wait and the smaller rest.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let least = |a: f64, b: f64| a.min(b);
        Self {
            wait: self.wait.zip(other.wait).map(|(a, b)| a.max(b)),
            left: match (self.left, other.left) {
                (Some(a), Some(b)) => Some(least(a, b)),
                (a, b) => a.or(b),
            },
        }
    }
}

/// What a limiter or a breaker can tell a router about a target before anything is sent.
///
/// The handles of those layers implement it; the router's builder takes any number of them. That is
/// all the router knows of other layers.
pub trait Outlook: Send + Sync {
    /// May a call of this cost go to this target, and when? Must not block and must change nothing.
    fn view(&self, target: &Target, cost: &Cost) -> View;
}

impl<T: Outlook + ?Sized> Outlook for std::sync::Arc<T> {
    fn view(&self, target: &Target, cost: &Cost) -> View {
        (**self).view(target, cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_wins_over_now() {
        let never = View::new(None, Some(0.5));
        assert_eq!(View::OPEN.and(never), never);
        let later = View::new(Some(Duration::from_secs(2)), Some(0.2));
        assert_eq!(later.and(View::OPEN), later);
        assert_eq!(later.and(never), View::new(None, Some(0.2)));
    }
}
