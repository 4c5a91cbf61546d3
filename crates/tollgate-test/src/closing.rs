//! Tells calls that never get an answer that their server shuts down.

use std::{
    io, mem,
    sync::{Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

/// Open until closed, once. A server puts one into the extensions of its requests.
#[derive(Debug, Default)]
pub(crate) struct Closing(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    closed: bool,
    wakers: Vec<Waker>,
}

impl Closing {
    /// Ready with the error to fail with once closed.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            let why = "the server shut down while this call was hanging";
            return Poll::Ready(io::Error::new(io::ErrorKind::ConnectionReset, why));
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }

    pub(crate) fn close(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        let wakers = mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}
