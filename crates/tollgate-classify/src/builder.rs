//! Sets up a layer.

use std::{fmt, sync::Arc, time::Duration};

use tollgate_core::WallClock;

use crate::{Builtin, ClassifyLayer, ConfigError, settings::Settings, shared::Shared};

/// Sets up a [`ClassifyLayer`]; made by [`ClassifyLayer::builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_classify::{Classified, ClassifyLayer};
///
/// let layer = ClassifyLayer::builder()
///     .max_peek(4 << 10)
///     .hold(Duration::from_secs(3))
///     .observer(|event: &Classified| println!("{}", event.classification()))
///     .build()?;
/// # let _ = layer;
/// # Ok::<(), tollgate_classify::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct ClassifyBuilder<C = Builtin, O = ()> {
    classifier: C,
    observer: O,
    settings: Settings,
}

impl ClassifyBuilder {
    pub(crate) fn new() -> Self {
        Self {
            classifier: Builtin,
            observer: (),
            settings: Settings::default(),
        }
    }
}

impl<C, O> ClassifyBuilder<C, O> {
    /// A classifier of one's own: asked first, and those set before it (at least the built-in one)
    /// where it has no opinion.
    pub fn classifier<C2>(self, classifier: C2) -> ClassifyBuilder<(C2, C), O> {
        ClassifyBuilder {
            classifier: (classifier, self.classifier),
            observer: self.observer,
            settings: self.settings,
        }
    }

    /// Hears of every answer that is not a plain success. Replaces one set before. A closure must
    /// name the type of what it hears: `|event: &Classified| ...`.
    pub fn observer<O2>(self, observer: O2) -> ClassifyBuilder<C, O2> {
        ClassifyBuilder {
            classifier: self.classifier,
            observer,
            settings: self.settings,
        }
    }

    /// [Holds](Self::hold) streams back for this time at least, unless that is switched off.
    pub fn hold_at_least(mut self, time: Duration) -> Self {
        self.settings.hold = self.settings.hold.map(|hold| hold.max(time));
        self
    }

    /// The wall clock, for answers that name a time of day and carry no `Date`. Unless set, the
    /// machine's own.
    pub fn clock(mut self, clock: impl WallClock + 'static) -> Self {
        self.settings.clock = Arc::new(clock);
        self
    }

    /// How many bytes of an error body are enough. 16 KiB unless set; at least 1. The built-in
    /// classifier looks at 64 KiB at most.
    pub const fn max_peek(mut self, bytes: usize) -> Self {
        self.settings.max_peek = bytes;
        self
    }

    /// How long the body of an error is waited for, from its head on. 2 s unless set; more than
    /// zero. Never beyond the deadline of the call.
    pub const fn peek_time(mut self, time: Duration) -> Self {
        self.settings.peek_time = time;
        self
    }

    /// How many bytes of an event stream are enough to find its first event. 64 KiB unless set; at
    /// least 1.
    pub const fn max_first_event(mut self, bytes: usize) -> Self {
        self.settings.max_first_event = bytes;
        self
    }

    /// How long an event stream is held back until its first event is there. 10 s unless set; more
    /// than zero, or `None` not to hold streams back at all. Never beyond the deadline of the call.
    pub fn hold(mut self, time: impl Into<Option<Duration>>) -> Self {
        self.settings.hold = time.into();
        self
    }

    /// The layer.
    ///
    /// # Errors
    ///
    /// A size or a time of zero; the error names it.
    pub fn build(self) -> Result<ClassifyLayer<C, O>, ConfigError> {
        self.settings.check()?;
        Ok(ClassifyLayer::of(Shared {
            classifier: self.classifier,
            observer: self.observer,
            settings: self.settings,
        }))
    }
}

impl<C: fmt::Debug, O> fmt::Debug for ClassifyBuilder<C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClassifyBuilder")
            .field("classifier", &self.classifier)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_no_setting() {
        let zero = Duration::ZERO;
        let builder = ClassifyBuilder::new;
        for (builder, field) in [
            (builder().max_peek(0), "max_peek"),
            (builder().peek_time(zero), "peek_time"),
            (builder().max_first_event(0), "max_first_event"),
            (builder().hold(zero), "hold"),
        ] {
            let error = builder.build().expect_err("zero");
            assert_eq!(error.field(), field);
            assert!(error.to_string().starts_with(field));
        }
        assert!(builder().hold(None).build().is_ok());
    }
}
