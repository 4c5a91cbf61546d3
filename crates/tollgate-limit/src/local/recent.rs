//! The key that a thread used last, found without the map.

use std::{
    cell::RefCell,
    sync::{Arc, Weak},
};

use tollgate_core::Target;

use super::cell::Cell;
use crate::KeyRef;

/// A key of a map. That it is kept here keeps it from nothing: not from being forgotten either, so
/// whoever finds it must look whether it is [`gone`](super::State::gone).
struct Recent {
    map: u64,
    target: Target,
    cell: Weak<Cell>,
}

thread_local! {
    // One is enough for most: who has many keys pays a comparison for nothing.
    static RECENT: RefCell<Option<Recent>> = const { RefCell::new(None) };
}

/// The key, if this thread used it last.
#[inline]
pub(super) fn find(map: u64, key: KeyRef<'_>) -> Option<Arc<Cell>> {
    let find = |recent: &RefCell<Option<Recent>>| {
        let recent = recent.borrow();
        let same = |recent: &&Recent| recent.map == map && KeyRef::from(&recent.target) == key;
        recent.as_ref().filter(same)?.cell.upgrade()
    };
    // A thread that ends has none.
    RECENT.try_with(find).ok()?
}

/// This thread used a key. One that calls of other keys share is not kept.
pub(super) fn keep(map: u64, key: KeyRef<'_>, cell: &Arc<Cell>) {
    if cell.key() != key {
        return;
    }
    let recent = Recent {
        map,
        target: cell.target().clone(),
        cell: Arc::downgrade(cell),
    };
    let old = RECENT.try_with(|kept| kept.replace(Some(recent)));
    drop(old);
}
