//! A place in the queue of a key.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::time::Instant;
use tollgate_core::{Reason, Rejected};

use super::{
    cell::Cell,
    permit::LocalPermit,
    queue::{Claim, Refusal},
    timer::Timer,
};
use crate::Ask;

/// The wait for a permit of [`Local`](crate::Local).
///
/// # Panics
///
/// When polled outside of a tokio runtime with its timer enabled, and when polled again after it was
/// ready.
///
/// # Cancel safety
///
/// Dropping it gives up the place; a grant that was not fetched goes to the next.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Place {
    cell: Arc<Cell>,
    /// `None` once it was ready.
    at: Option<u32>,
    since: Instant,
    guess: Option<u64>,
    late: Reason,
}

impl Place {
    pub(crate) const fn new(cell: Arc<Cell>, at: u32, ask: &Ask) -> Self {
        Self {
            cell,
            at: Some(at),
            since: ask.now,
            guess: ask.expected.guess(),
            late: ask.late,
        }
    }

    fn refused(&self, refusal: Refusal) -> Rejected {
        let now = Instant::now();
        let wait = refusal.until.map(|at| at.saturating_duration_since(now));
        Rejected::new(refusal.reason.unwrap_or(self.late))
            .with_target(self.cell.target().clone())
            .with_retry_after(wait)
    }
}

impl Future for Place {
    type Output = Result<LocalPermit, Rejected>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let at = self.at.expect("polled after it was ready");
        let here = Timer::here();
        let (claim, adrift) = {
            let mut state = self.cell.lock();
            let claim = state.claim(at, cx.waker());
            let first = state.queue.front().is_some_and(|(front, _)| front == at);
            match claim {
                Claim::Waiting | Claim::Returned if first => state.head = Some(at),
                _ if state.head == Some(at) => state.head = None,
                _ => {}
            }
            let home = state.home;
            (claim, home.is_none() || first && home != here)
        };
        match claim {
            Claim::Granted(granted) => {
                self.at = None;
                let held = Instant::now().saturating_duration_since(self.since);
                let cell = self.cell.clone();
                Poll::Ready(Ok(LocalPermit::new(cell, granted, self.guess, held)))
            }
            Claim::Refused(refusal) => {
                self.at = None;
                Poll::Ready(Err(self.refused(refusal)))
            }
            Claim::Waiting if !adrift => Poll::Pending,
            _ => {
                self.cell.adopt(adrift);
                Poll::Pending
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(at) = self.at {
            let now = Instant::now();
            self.cell.change(|state| state.leave(at, now));
        }
    }
}
