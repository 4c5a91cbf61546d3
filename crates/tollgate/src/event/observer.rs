//! Whoever hears all events.

use tollgate_core::Observe;

use super::Event;

/// Whoever hears all events: a short name for `for<'a> Observe<Event<'a>>`, which has it by itself.
///
/// # Examples
///
/// ```
/// use tollgate::{Event, event::Observer};
///
/// fn all() -> impl Observer {
///     |event: &Event<'_>| println!("{event}")
/// }
/// # let _ = all();
/// ```
pub trait Observer: for<'a> Observe<Event<'a>> {
    /// Whether it hears at all.
    fn hears(&self) -> bool;
}

impl<O: for<'a> Observe<Event<'a>>> Observer for O {
    fn hears(&self) -> bool {
        Observe::<Event<'_>>::listens(self)
    }
}
