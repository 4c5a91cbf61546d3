//! Where the settings of a stack come from.

use super::Handle;

/// The settings that a stack began with.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    #[cfg(feature = "config")]
    config: Option<Box<crate::config::Config>>,
}

impl Handle {
    /// A hand on a stack that began with these settings.
    pub(super) fn of(origin: Origin) -> Self {
        let Origin {
            #[cfg(feature = "config")]
            config,
        } = origin;
        Self {
            #[cfg(feature = "config")]
            loaded: crate::config::reload::Loaded::of(config.map(|it| *it).unwrap_or_default()),
            ..Self::default()
        }
    }
}

#[cfg(feature = "config")]
mod config {
    use tollgate_route as route;

    use super::super::{Off, Stack};
    use crate::config::{Config, ConfigError};

    impl<R, T, B, L, C, O> Stack<R, T, B, L, C, O> {
        /// Remembers what it was read from, so that a change can be compared with it.
        pub(crate) fn loaded_from(mut self, config: Config) -> Self {
            self.common.origin.config = Some(Box::new(config));
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
