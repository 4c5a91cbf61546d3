//! What all requests share.

use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http_body_util::Full;
use metrics_exporter_prometheus::PrometheusHandle;
use tollgate::{
    BoxClient, BoxError, Client, Metrics, Tracing, config::Config, recent::Recent, stack::Handle,
};

use crate::{body, models::Models};

/// One gateway, for all requests.
pub(crate) type Shared = Arc<Gateway>;

/// The stack around a client, and what is known about it.
pub(crate) struct Gateway {
    pub(crate) client: BoxClient<Full<Bytes>>,
    pub(crate) handle: Handle,
    pub(crate) metrics: Metrics,
    pub(crate) figures: PrometheusHandle,
    models: RwLock<Arc<Models>>,
}

impl Gateway {
    pub(crate) fn new(config: Config, figures: PrometheusHandle) -> Result<Shared, BoxError> {
        let config = own(config);
        // The recorder is there, and stays.
        let metrics = Metrics::new().keep_handles();
        let layer = config
            .stack()?
            .observer((Tracing::new(), metrics.clone()))
            .remember(Recent::new())
            .spans(true)
            .build()?;
        let handle = layer.handle();
        let models = Arc::new(Models::new(&config, &handle));
        Ok(Arc::new(Self {
            client: layer.boxed(Client::new()),
            handle,
            metrics,
            figures,
            models: RwLock::new(models),
        }))
    }

    /// What may be asked for.
    pub(crate) fn models(&self) -> Arc<Models> {
        let models = self.models.read();
        models.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes by other settings from now on; calls under way end by the old ones. Says what changed.
    pub(crate) fn reload(&self, config: Config) -> Result<String, BoxError> {
        let config = own(config);
        let reloaded = self.handle.reload(&config)?;
        let models = Arc::new(Models::new(&config, &self.handle));
        *self.models.write().unwrap_or_else(PoisonError::into_inner) = models;
        Ok(reloaded.to_string())
    }
}

/// What a gateway needs, whatever the file says.
fn own(mut config: Config) -> Config {
    config.keep_bodies = body::MOST;
    config.router.response_headers = true;
    config
}
