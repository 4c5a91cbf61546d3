//! A scripted provider: answers, limits and faults, as a service or as a server.

mod builder;
mod config;
mod engine;
mod in_flight;
mod neighbour;
mod reply;
mod shape;
mod stats;

use std::{fmt, io, sync::Arc};

pub use builder::ProviderBuilder;
pub use config::Headers;
pub(crate) use engine::{End, Plan, Shared};
pub(crate) use in_flight::InFlight;
pub use neighbour::Neighbour;
pub use stats::{Entry, Stats};

use crate::{Dialect, ProviderService, Server};

/// A provider that behaves as it is told.
///
/// # Sharing
///
/// Clones, services and servers of one provider share its counts, its quota and its faults.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use std::time::Duration;
/// use tollgate_test::{Dialect, Kind, KitBody, Provider, Quota};
/// use tower::ServiceExt;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let provider = Provider::builder(Dialect::Groq)
///     .quota(Quota::bucket(Kind::Requests, 1, Duration::from_secs(60), 1))
///     .build();
/// let ask = || Request::post("/openai/v1/chat/completions").body(KitBody::new(r#"{"model":"m"}"#)).unwrap();
///
/// assert_eq!(provider.service().oneshot(ask()).await.unwrap().status(), 200);
/// let second = provider.service().oneshot(ask()).await.unwrap();
/// assert_eq!(second.status(), 429);
/// assert_eq!(second.headers()["retry-after"], "60");
/// assert_eq!(provider.stats().rate_limited, 1);
/// # });
/// ```
#[derive(Clone)]
pub struct Provider {
    shared: Arc<Shared>,
}

impl Provider {
    /// A provider without limits and without faults, which answers at once in this dialect.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self::builder(dialect).build()
    }

    /// Starts to describe a provider.
    pub fn builder(dialect: Dialect) -> ProviderBuilder {
        ProviderBuilder::new(dialect)
    }

    /// How it speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.shared.config.dialect
    }

    /// A tower service that answers as this provider. Its time is tokio's, so it works on the paused
    /// clock.
    #[must_use]
    pub fn service(&self) -> ProviderService {
        ProviderService::new(Arc::clone(&self.shared))
    }

    /// A server on a free port of `127.0.0.1` that answers as this provider, over HTTP/1.1 and
    /// HTTP/2 (with prior knowledge).
    ///
    /// # Errors
    ///
    /// When no port can be had.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn serve(&self) -> io::Result<Server> {
        Server::start(self.service()).await
    }

    /// What it has counted so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Every call so far, in the order of their arrival.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.shared.log()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("dialect", &self.dialect())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
