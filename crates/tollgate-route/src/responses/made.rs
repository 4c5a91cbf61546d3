//! Who made which response.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tollgate_core::Target;

/// The targets of the newest responses.
pub(super) struct Made {
    most: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    by: HashMap<Arc<str>, Target>,
    /// The oldest first.
    order: VecDeque<Arc<str>>,
}

impl Made {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            inner: Mutex::default(),
        }
    }

    /// Who made this one, where that is remembered.
    pub(super) fn by(&self, id: &str) -> Option<Target> {
        self.inner().by.get(id).cloned()
    }

    pub(super) fn add(&self, id: &str, target: Target) {
        let mut inner = self.inner();
        let id: Arc<str> = id.into();
        if inner.by.insert(id.clone(), target).is_none() {
            inner.order.push_back(id);
        }
        while inner.order.len() > self.most {
            if let Some(oldest) = inner.order.pop_front() {
                inner.by.remove(&oldest);
            }
        }
    }

    // A panic elsewhere leaves nothing half done here.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made")
            .field("most", &self.most)
            .field("responses", &self.inner().order.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let made = Made::new(2);
        let target = |name: &str| Target::new("openai", name);
        for id in ["a", "b", "a", "c"] {
            made.add(id, target(id));
        }
        assert_eq!(made.by("a"), None);
        assert_eq!(made.by("b"), Some(target("b")));
        assert_eq!(made.by("c"), Some(target("c")));
        let none = Made::new(0);
        none.add("a", target("a"));
        assert_eq!(none.by("a"), None);
    }
}
