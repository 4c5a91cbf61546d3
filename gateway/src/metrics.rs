//! Figures for Prometheus.

use std::time::Duration;

use axum::{extract::State, response::IntoResponse};
use http::header;
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tollgate::metrics::BUCKETS;

use crate::gateway::Shared;

/// How often figures are put together when nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(10);

/// Counts from now on.
pub(crate) fn start() -> Result<PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS)?;
    let figures = builder.install_recorder()?;
    metrics::describe_gauge!("tollgate_gateway_up", "1 while the gateway runs");
    metrics::gauge!("tollgate_gateway_up").set(1.0);
    let kept = figures.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            kept.run_upkeep();
        }
    });
    Ok(figures)
}

pub(crate) async fn text(State(gateway): State<Shared>) -> impl IntoResponse {
    gateway.metrics.refresh(&gateway.handle.parts());
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], gateway.figures.render())
}
