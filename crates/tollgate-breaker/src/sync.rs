//! What threads meet at. The tests of this crate's own modules run on loom's, which tries every
//! order in which threads can meet.

pub(crate) use std::sync::atomic::Ordering;

#[cfg(test)]
pub(crate) use loom::sync::{Arc, Mutex, MutexGuard, atomic::AtomicU64};
#[cfg(not(test))]
pub(crate) use std::sync::{Arc, Mutex, MutexGuard, atomic::AtomicU64};
