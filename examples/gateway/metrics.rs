//! Figures for Prometheus.

use std::{sync::OnceLock, time::Duration};

use axum::response::IntoResponse;
use http::header;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tollgate::BoxError;

static FIGURES: OnceLock<PrometheusHandle> = OnceLock::new();

/// How often histograms are tidied up when nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(10);

/// Counts from now on.
pub(crate) fn start() -> Result<(), BoxError> {
    let figures = PrometheusBuilder::new().install_recorder()?;
    metrics::describe_gauge!("tollgate_gateway_up", "1 while the gateway runs.");
    metrics::gauge!("tollgate_gateway_up").set(1.0);
    let figures = FIGURES.get_or_init(|| figures);
    tokio::spawn(async {
        loop {
            tokio::time::sleep(UPKEEP).await;
            figures.run_upkeep();
        }
    });
    Ok(())
}

pub(crate) async fn text() -> impl IntoResponse {
    let text = FIGURES.get().map(PrometheusHandle::render);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text.unwrap_or_default())
}
