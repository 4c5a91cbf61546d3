//! Where the settings come from: a file, or the simulated providers.

use std::path::PathBuf;

use tollgate::{BoxError, config::Config};

use crate::embedded::Embedded;

#[derive(Debug)]
pub(crate) enum Source {
    File(PathBuf),
    Embedded(Embedded),
}

impl Source {
    pub(crate) async fn open(file: Option<PathBuf>) -> Result<Self, BoxError> {
        Ok(match file {
            Some(file) => Self::File(file),
            None => Self::Embedded(Embedded::start().await?),
        })
    }

    /// The settings as they are now.
    pub(crate) fn config(&self) -> Result<Config, BoxError> {
        Ok(match self {
            Self::File(file) => Config::from_file(file)?,
            Self::Embedded(embedded) => embedded.config()?,
        })
    }
}
