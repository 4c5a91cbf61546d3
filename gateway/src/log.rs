//! What it does, line by line, on stderr.

mod fields;

use std::io;

use tollgate::BoxError;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use self::fields::Fields;

/// Logs what the filter lets through, such as `warn` or `info,tollgate::limit=debug`.
pub(crate) fn start(filter: &str) -> Result<(), BoxError> {
    let filter: Targets = filter.parse()?;
    let lines = fmt::layer().fmt_fields(Fields).with_writer(io::stderr);
    registry().with(lines.with_filter(filter)).try_init()?;
    Ok(())
}
