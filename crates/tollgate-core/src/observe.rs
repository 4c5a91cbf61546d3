//! The one hook through which a layer tells what it did.

use std::sync::Arc;

/// Hears of every decision a layer makes.
///
/// Each layer has one parameter of this kind: `()` by default, which hears nothing and costs
/// nothing; or a closure; or a type of one's own; or two of them as a tuple, an `Arc` or an `Option` of one. A layer calls it after the decision, never while
/// it holds a lock, and on the task that drives the call: be quick.
///
/// # Examples
///
/// ```
/// use tollgate_core::Observe;
///
/// fn tell<O: Observe<u32>>(observer: &O) {
///     observer.observe(&7);
/// }
/// tell(&());
/// tell(&|event: &u32| println!("{event}"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hear `{E}`",
    label = "this is no observer of `{E}`",
    note = "an observer is a closure that takes an event by reference, a type that implements `Observe`, or a tuple, an `Option` or an `Arc` of observers"
)]
pub trait Observe<E: ?Sized> {
    /// Hears one event.
    fn observe(&self, event: &E);

    /// Whether it hears at all: a layer need not put together what nobody hears.
    fn listens(&self) -> bool {
        true
    }
}

impl<E: ?Sized> Observe<E> for () {
    fn observe(&self, _: &E) {}

    fn listens(&self) -> bool {
        false
    }
}

impl<E: ?Sized, F: Fn(&E)> Observe<E> for F {
    fn observe(&self, event: &E) {
        self(event);
    }
}

/// Both hear, the first one first.
impl<E: ?Sized, A: Observe<E>, B: Observe<E>> Observe<E> for (A, B) {
    fn observe(&self, event: &E) {
        self.0.observe(event);
        self.1.observe(event);
    }

    fn listens(&self) -> bool {
        self.0.listens() || self.1.listens()
    }
}

/// Hears if it is there.
impl<E: ?Sized, O: Observe<E>> Observe<E> for Option<O> {
    fn observe(&self, event: &E) {
        if let Some(observer) = self {
            observer.observe(event);
        }
    }

    fn listens(&self) -> bool {
        self.as_ref().is_some_and(O::listens)
    }
}

impl<E: ?Sized, O: Observe<E> + ?Sized> Observe<E> for Arc<O> {
    fn observe(&self, event: &E) {
        (**self).observe(event);
    }

    fn listens(&self) -> bool {
        (**self).listens()
    }
}
