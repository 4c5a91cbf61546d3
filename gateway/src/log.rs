//! What it does, line by line, on stderr.

use std::io;

use tollgate::BoxError;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

/// Logs what the filter lets through, such as `warn` or `info,tollgate::limit=debug`.
pub(crate) fn start(filter: &str) -> Result<(), BoxError> {
    let filter: Targets = filter.parse()?;
    let lines = fmt::layer().with_writer(io::stderr).with_filter(filter);
    registry().with(lines).try_init()?;
    Ok(())
}
