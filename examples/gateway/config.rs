//! Where the stack comes from: a file, or the simulated providers.

use std::path::PathBuf;

use tollgate::BoxError;

use crate::{embedded::Embedded, gateway::Routed};

pub(crate) enum Source {
    Embedded(Embedded),
}

impl Source {
    pub(crate) async fn open(file: Option<PathBuf>) -> Result<Self, BoxError> {
        match file {
            Some(_) => Err("no file yet".into()),
            None => Ok(Self::Embedded(Embedded::start().await?)),
        }
    }

    pub(crate) fn stack(&self) -> Routed {
        match self {
            Self::Embedded(embedded) => embedded.stack(),
        }
    }
}
