//! One way to make the calls: all of them at once, on one client.

use std::{error::Error, io, sync::Arc};

use bytes::Bytes;
use http::{Request, Response};
use tokio::task::JoinSet;
use tower::Service;

use super::{
    calls::{self, Body, Failure},
    progress,
    providers::{self, Site},
    tally::{Counts, End, Tally},
};

/// What came of it.
pub(crate) struct Run {
    pub(crate) way: &'static str,
    pub(crate) counts: Counts,
    pub(crate) sites: Vec<Site>,
}

impl Run {
    /// Starts the providers and makes `total` calls of them through the client that is built for the
    /// tally.
    pub(crate) async fn of<S, R>(
        way: &'static str,
        total: usize,
        client: impl FnOnce(&Arc<Tally>) -> Result<S, Failure>,
    ) -> Result<Self, Failure>
    where
        S: Service<
                Request<Body>,
                Response = Response<R>,
                Error: Into<Failure> + Send,
                Future: Send,
            > + Clone
            + Send
            + 'static,
        R: http_body::Body<Data = Bytes, Error: Error> + Send + 'static,
    {
        let (sites, tally) = (providers::start().await?, Arc::new(Tally::default()));
        let client = client(&tally)?;
        println!("{way}: {total} calls at once");
        let progress = progress::show(tally.clone(), total);
        let mut running = JoinSet::new();
        for n in 0..total {
            let site = &sites[n % sites.len()];
            running.spawn(calls::run(client.clone(), site, n, tally.clone()));
        }
        while let Some(done) = running.join_next().await {
            done?;
        }
        progress.await.map_err(io::Error::other)?;
        let counts = tally.counts();
        Ok(Self { way, counts, sites })
    }

    pub(crate) fn ok(&self) -> usize {
        self.counts.count(|end| matches!(end, End::Ok))
    }

    pub(crate) fn rejected(&self) -> usize {
        self.counts.count(|end| matches!(end, End::Rejected(_)))
    }

    /// Calls that ended in any other way, or in none.
    pub(crate) fn lost(&self, of: usize) -> usize {
        of - self.ok() - self.rejected()
    }

    /// How often the providers pushed back.
    pub(crate) fn rate_limited(&self) -> u64 {
        self.sites.iter().map(Site::rate_limited).sum()
    }
}
