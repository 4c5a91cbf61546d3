//! Where the settings of a stack come from.

#[cfg(feature = "config")]
use std::sync::Arc;

use super::Handle;

/// The settings that a stack began with.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    #[cfg(feature = "config")]
    config: Option<Arc<crate::config::Config>>,
}

impl Handle {
    /// A hand on a stack that began with these settings.
    #[cfg_attr(
        not(feature = "config"),
        expect(unused_variables, reason = "it holds nothing")
    )]
    pub(super) fn of(origin: &Origin) -> Self {
        Self {
            #[cfg(feature = "config")]
            loaded: crate::config::reload::Loaded::of(origin.config.clone()),
            ..Self::default()
        }
    }
}

#[cfg(feature = "config")]
mod config {
    use tollgate_route as route;

    use super::{
        super::{Off, Stack},
        Arc,
    };
    use crate::config::{Config, ConfigError};

    impl<R, T, B, L, C, O> Stack<R, T, B, L, C, O> {
        /// Remembers what it was read from, so that a change can be compared with it.
        pub(crate) fn loaded_from(mut self, config: Config) -> Self {
            self.common.origin.config = Some(Arc::new(config));
            self
        }
    }

    impl Stack<Off> {
        pub(crate) fn with_router(self, router: route::Builder) -> Stack<route::Builder> {
            self.change_route(|Off| router)
        }
    }

    impl Stack<route::Builder> {
        /// The stack that a configuration describes: [`Config::stack`].
        ///
        /// # Errors
        ///
        /// As there.
        pub fn from_config(config: &Config) -> Result<Self, ConfigError> {
            config.stack()
        }
    }
}
