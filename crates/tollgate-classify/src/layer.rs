//! The layer.

use std::{fmt, sync::Arc};

use tower_layer::Layer;

use crate::{Builtin, Classify, ClassifyBuilder, settings::Settings, shared::Shared};

/// Classifies the answers of the service below; see the [crate's front page](crate).
///
/// # Sharing
///
/// What was set up is made once; clones of the layer, and every service it makes, share it.
///
/// # Examples
///
/// ```
/// use tollgate_classify::ClassifyLayer;
///
/// let layer = ClassifyLayer::new();
/// # let _ = layer;
/// ```
pub struct ClassifyLayer<C = Builtin, O = ()> {
    shared: Arc<Shared<C, O>>,
}

impl ClassifyLayer {
    /// A layer with the built-in classifier, the default limits, and no observer.
    #[must_use]
    pub fn new() -> Self {
        Self::of(Shared {
            classifier: Builtin,
            observer: (),
            settings: Settings::default(),
        })
    }

    /// Sets up a layer.
    pub fn builder() -> ClassifyBuilder {
        ClassifyBuilder::new()
    }
}

impl<C, O> ClassifyLayer<C, O> {
    pub(crate) fn of(shared: Shared<C, O>) -> Self {
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl Default for ClassifyLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S, C, O> Layer<S> for ClassifyLayer<C, O> {
    type Service = Classify<S, C, O>;

    fn layer(&self, inner: S) -> Self::Service {
        Classify::new(inner, Arc::clone(&self.shared))
    }
}

impl<C, O> Clone for ClassifyLayer<C, O> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<C: fmt::Debug, O> fmt::Debug for ClassifyLayer<C, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClassifyLayer").field(&self.shared).finish()
    }
}
