//! A permit on its way, which ends well whatever happens.

use crate::{Outcome, Permit};

/// Holds a permit until the head of the answer is there.
#[derive(Debug)]
pub(crate) struct Pass<P: Permit> {
    permit: Option<P>,
    sent: bool,
}

impl<P: Permit> Pass<P> {
    /// For a call that has none yet.
    pub(crate) const fn none() -> Self {
        Self {
            permit: None,
            sent: false,
        }
    }

    /// For a call that was not sent yet.
    pub(crate) const fn new(permit: P) -> Self {
        Self {
            permit: Some(permit),
            sent: false,
        }
    }

    /// For a call that was sent.
    pub(crate) const fn sent(permit: P) -> Self {
        Self {
            permit: Some(permit),
            sent: true,
        }
    }

    /// The call is being sent.
    pub(crate) const fn send(&mut self) {
        self.sent = true;
    }

    /// The permit, as long as it is here.
    #[inline]
    pub(crate) const fn permit(&mut self) -> Option<&mut P> {
        self.permit.as_mut()
    }

    /// The permit, to be looked after by others.
    #[inline]
    pub(crate) const fn take(&mut self) -> Option<P> {
        self.permit.take()
    }

    /// The call failed before there was a head.
    #[inline(never)]
    pub(crate) fn settle(&mut self, outcome: Outcome<'_>) {
        if let Some(permit) = self.permit.take() {
            permit.settle(outcome);
        }
    }
}

impl<P: Permit> Drop for Pass<P> {
    #[inline]
    fn drop(&mut self) {
        if self.permit.is_some() {
            self.settle(match self.sent {
                true => Outcome::GaveUp,
                false => Outcome::NotSent,
            });
        }
    }
}
