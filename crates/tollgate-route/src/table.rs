//! All routes, checked and flattened into one list of targets.

use std::sync::Arc;

use tollgate_core::Target;

use crate::{
    ConfigError, Endpoint, Flaw, Place, Route, route::Tier, site::Site, strategy::Strategy,
};

/// What a router may send calls to. A target that several routes have is one target here.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) sites: Vec<Site>,
    pub(crate) routes: Vec<Lane>,
    /// Some target wants its model in the body, or that of the body in its path.
    pub(crate) reads_bodies: bool,
}

/// One route: its targets by their number in the table.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) name: Arc<str>,
    pub(crate) tiers: Vec<Level>,
}

/// One tier of a route.
#[derive(Debug)]
pub(crate) struct Level {
    /// None where the order decides.
    pub(crate) strategy: Option<Arc<dyn Strategy>>,
    pub(crate) sites: Vec<usize>,
}

impl Lane {
    /// All of its targets in their order.
    pub(crate) fn sites(&self) -> impl Iterator<Item = usize> {
        self.tiers
            .iter()
            .flat_map(|level| level.sites.iter().copied())
    }
}

impl Lane {
    /// Whether some tier keeps calls together.
    pub(crate) fn ties(&self) -> bool {
        let mut strategies = self
            .tiers
            .iter()
            .filter_map(|level| level.strategy.as_ref());
        strategies.any(|strategy| strategy.ties())
    }
}

impl Table {
    /// Checks all routes.
    pub(crate) fn new(routes: &[Route]) -> Result<Self, ConfigError> {
        if routes.is_empty() {
            return Err(ConfigError::new("the router", Flaw::Empty));
        }
        let mut table = Self {
            sites: Vec::new(),
            routes: Vec::new(),
            reads_bodies: false,
        };
        let mut seen: Vec<&Endpoint> = Vec::new();
        for route in routes {
            if routes
                .iter()
                .filter(|other| other.name == route.name)
                .count()
                > 1
            {
                return Err(ConfigError::new(&route.name, Flaw::NameTaken));
            }
            let lane = table.lane(route, routes, &mut seen)?;
            table.routes.push(lane);
        }
        let reads = |site: &Site| match site.place {
            Place::Body | Place::Invoke | Place::RawPredict => true,
            // Beside its deployments Azure has the model in the body.
            Place::Deployment => true,
            Place::Path => site.model.is_none(),
        };
        table.reads_bodies = table.sites.iter().any(reads);
        table.share_bases();
        if u16::try_from(table.sites.len()).is_err() {
            return Err(ConfigError::new("the router", Flaw::TooMany));
        }
        Ok(table)
    }

    fn lane<'a>(
        &mut self,
        route: &'a Route,
        routes: &'a [Route],
        seen: &mut Vec<&'a Endpoint>,
    ) -> Result<Lane, ConfigError> {
        let mut lane = Lane {
            name: route.name.clone(),
            tiers: Vec::new(),
        };
        let mut followed = vec![&route.name];
        let mut next = Some(route);
        while let Some(part) = next {
            for tier in &part.tiers {
                let own = followed.len() == 1;
                self.tier(&mut lane, tier, own, seen)?;
            }
            next = match &part.then {
                None => None,
                Some(name) if followed.contains(&name) => {
                    return Err(ConfigError::new(&route.name, Flaw::Circle));
                }
                Some(name) => {
                    followed.push(name);
                    let found = routes.iter().find(|other| other.name == *name);
                    let missing = || Flaw::NoSuchRoute(name.to_string());
                    Some(found.ok_or_else(|| ConfigError::new(&route.name, missing()))?)
                }
            };
        }
        if lane.sites().next().is_none() {
            return Err(ConfigError::new(&route.name, Flaw::Empty));
        }
        self.one_dialect(&lane)?;
        Ok(lane)
    }

    /// Adds a tier; what another route handed over may be there already.
    fn tier<'a>(
        &mut self,
        lane: &mut Lane,
        tier: &'a Tier,
        own: bool,
        seen: &mut Vec<&'a Endpoint>,
    ) -> Result<(), ConfigError> {
        let mut sites = Vec::new();
        for endpoint in &tier.endpoints {
            Self::one_provider(endpoint, seen)?;
            for site in self.expand(endpoint)? {
                let there = lane
                    .sites()
                    .chain(sites.iter().copied())
                    .any(|other| other == site);
                if there && own {
                    return Err(ConfigError::new(&self.sites[site].target, Flaw::Twice));
                }
                if !self.sites[site].is_set_as(endpoint) {
                    let culprit = &self.sites[site].target;
                    return Err(ConfigError::new(culprit, Flaw::TwoSettings));
                }
                if !there {
                    sites.push(site);
                }
            }
        }
        let weights = tier.endpoints.iter().map(|endpoint| endpoint.weight);
        if !tier.endpoints.is_empty() && weights.sum::<f64>() <= 0.0 {
            return Err(ConfigError::new(&lane.name, Flaw::NoWeight));
        }
        if !sites.is_empty() {
            let strategy = tier.strategy.clone();
            lane.tiers.push(Level { strategy, sites });
        }
        Ok(())
    }

    /// The targets of an endpoint, one per account; added where they are new.
    fn expand(&mut self, endpoint: &Endpoint) -> Result<Vec<usize>, ConfigError> {
        let provider = &endpoint.provider;
        let none = [(None, None)];
        let accounts = provider
            .accounts
            .iter()
            .map(|(alias, key)| (alias.clone(), Some(key)));
        let accounts: Vec<_> = match provider.accounts.is_empty() {
            true => none.into_iter().collect(),
            false => accounts.collect(),
        };
        let mut sites = Vec::with_capacity(accounts.len());
        for (alias, key) in accounts {
            let mut target = match &endpoint.model {
                Some(model) => Target::new(provider.name.clone(), model.clone()),
                None => Target::provider_only(provider.name.clone()),
            };
            if let Some(alias) = alias {
                target = target.with_account(alias);
            }
            let site = Site::new(endpoint, target.clone(), key)
                .map_err(|flaw| ConfigError::new(&target, flaw))?;
            let at = self.sites.iter().position(|other| other.target == target);
            sites.push(at.unwrap_or(self.sites.len()));
            if at.is_none() {
                self.sites.push(site);
            }
        }
        Ok(sites)
    }

    fn one_provider<'a>(
        endpoint: &'a Endpoint,
        seen: &mut Vec<&'a Endpoint>,
    ) -> Result<(), ConfigError> {
        let provider = &endpoint.provider;
        let mut others = seen.iter().map(|other| &other.provider);
        if others.any(|other| other.name == provider.name && !other.is_same(provider)) {
            return Err(ConfigError::new(&provider.name, Flaw::TwoProviders));
        }
        seen.push(endpoint);
        Ok(())
    }

    fn one_dialect(&self, lane: &Lane) -> Result<(), ConfigError> {
        let mut sites = lane.sites().map(|site| &self.sites[site]);
        let Some(first) = sites.next() else {
            return Ok(());
        };
        match sites.find(|site| site.wire != first.wire) {
            None => Ok(()),
            Some(other) => {
                let flaw = Flaw::MixedDialects(first.wire.as_str(), other.wire.as_str());
                Err(ConfigError::new(&other.target, flaw))
            }
        }
    }

    /// Each target understands paths that are written for any other.
    fn share_bases(&mut self) {
        let mut bases: Vec<Box<str>> = Vec::new();
        for site in &self.sites {
            let path = &*site.base.path;
            if !path.is_empty() && !bases.iter().any(|base| **base == *path) {
                bases.push(path.into());
            }
        }
        let bases: Arc<[Box<str>]> = bases.into();
        for site in &mut self.sites {
            site.bases = bases.clone();
        }
    }

    /// A target by its name.
    pub(crate) fn find(&self, target: &Target) -> Option<usize> {
        self.sites.iter().position(|site| site.target == *target)
    }
}

#[cfg(test)]
mod tests;
