//! A target, checked and ready to have requests written for it.

mod form;

use std::{fmt, sync::Arc, time::Duration};

use http::{
    HeaderName, HeaderValue, Uri,
    uri::{Authority, Scheme},
};
use tollgate_core::Target;

use crate::{
    Auth, Endpoint, Flaw, Place, Price, Provider, Secret, Wire,
    rewrite::{
        envelope,
        uri::{part, segment},
    },
    strategy::id_of,
};

pub(crate) use form::{Elsewhere, Form};

/// One target.
pub(crate) struct Site {
    pub(crate) target: Target,
    pub(crate) id: u64,
    pub(crate) wire: Wire,
    pub(crate) place: Place,
    pub(crate) base: Base,
    pub(crate) elsewhere: &'static [Elsewhere],
    /// The paths of the bases of all targets: a caller may write for any of them.
    pub(crate) bases: Arc<[Box<str>]>,
    /// The header with the key.
    pub(crate) auth: Option<(HeaderName, HeaderValue)>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// Encoded; may hold a key.
    pub(crate) query: String,
    pub(crate) model: Option<Model>,
    pub(crate) weight: f64,
    pub(crate) price: Option<Price>,
    pub(crate) context: Option<u64>,
    pub(crate) wait_budget: Duration,
    pub(crate) tries: Tries,
}

/// How often a target is asked before a call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tries {
    pub(crate) most: u32,
    /// The wait before the second; then it doubles.
    pub(crate) base: Duration,
}

/// Where a provider is, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    pub(crate) path: String,
}

/// A model in the forms in which it is written.
#[derive(Debug)]
pub(crate) struct Model {
    /// As it is.
    pub(crate) name: Box<str>,
    /// As a JSON string.
    pub(crate) json: Box<str>,
    /// As a segment of a path.
    pub(crate) segment: Box<str>,
}

impl Site {
    /// Checks a target of one account.
    pub(crate) fn new(
        endpoint: &Endpoint,
        target: Target,
        key: Option<&Secret>,
    ) -> Result<Self, Flaw> {
        let provider = &endpoint.provider;
        if let Some(flaw) = &provider.flaw {
            return Err(Flaw::Provider(flaw.clone()));
        }
        let base = Base::new(&provider.base)?;
        if envelope::is_one(provider.place) && provider.wire != Wire::Anthropic {
            return Err(Flaw::Setting(
                "only Anthropic's dialect has the model where its place says",
            ));
        }
        let weight = endpoint.weight;
        if !(weight >= 0.0 && weight.is_finite()) {
            return Err(Flaw::Weight(weight));
        }
        let prices = endpoint.price.map(|price| [price.input, price.output]);
        if prices.is_some_and(|all| all.iter().any(|one| !(*one >= 0.0 && one.is_finite()))) {
            return Err(Flaw::Price);
        }
        let mut site = Self {
            id: id_of(&target),
            target,
            wire: provider.wire,
            place: provider.place,
            base,
            elsewhere: provider.elsewhere,
            bases: Arc::default(),
            auth: None,
            headers: Vec::new(),
            query: String::new(),
            model: endpoint.model.as_deref().map(Model::new).transpose()?,
            weight,
            price: endpoint.price,
            context: endpoint.context,
            wait_budget: endpoint.wait_budget.unwrap_or_default(),
            tries: Tries::new(endpoint.tries)?,
        };
        site.dress(provider)?;
        site.authenticate(provider, key)?;
        Ok(site)
    }

    /// The headers and the query that go with every request.
    fn dress(&mut self, provider: &Provider) -> Result<(), Flaw> {
        for (name, value) in &provider.headers {
            let bad = |_| Flaw::Header(name.to_string());
            let (name, mut value) = (header(name)?, HeaderValue::from_str(value).map_err(bad)?);
            // What people set themselves may be a key too.
            value.set_sensitive(!self.wire.headers().contains(&name.as_str()));
            self.headers.push((name, value));
        }
        for (name, value) in &provider.query {
            self.push_query(name, value);
        }
        Ok(())
    }

    fn authenticate(&mut self, provider: &Provider, key: Option<&Secret>) -> Result<(), Flaw> {
        if provider.auth == Auth::None {
            return Ok(());
        }
        if self.base.scheme != Scheme::HTTPS && !provider.plain_http && self.base.is_public() {
            return Err(Flaw::PlainHttp(self.base.authority.host().to_owned()));
        }
        let name = match &provider.auth {
            Auth::None | Auth::External => return Ok(()),
            Auth::Bearer => "authorization",
            Auth::Header(name) => name,
            Auth::Query(_) => "",
        };
        let key = key.ok_or(Flaw::NoKey)?.expose();
        if let Auth::Query(name) = &provider.auth {
            self.push_query(name, key);
            return Ok(());
        }
        let text = match provider.auth {
            Auth::Bearer => &format!("Bearer {key}"),
            _ => key,
        };
        let mut value = HeaderValue::from_str(text).map_err(|_| Flaw::BadKey)?;
        value.set_sensitive(true);
        self.auth = Some((header(name)?, value));
        Ok(())
    }

    /// It was set up as this endpoint has it.
    pub(crate) fn is_set_as(&self, endpoint: &Endpoint) -> bool {
        let (most, base) = endpoint.tries;
        self.weight.total_cmp(&endpoint.weight).is_eq()
            && self.price == endpoint.price
            && self.context == endpoint.context
            && self.wait_budget == endpoint.wait_budget.unwrap_or_default()
            && self.tries == Tries { most, base }
    }

    fn push_query(&mut self, name: &str, value: &str) {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(&part(name));
        self.query.push('=');
        self.query.push_str(&part(value));
    }
}

fn header(name: &str) -> Result<HeaderName, Flaw> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| Flaw::Header(name.to_owned()))
}

impl Tries {
    #[cfg(test)]
    pub(crate) const ONE: Self = Self {
        most: 1,
        base: Duration::ZERO,
    };

    fn new((most, base): (u32, Duration)) -> Result<Self, Flaw> {
        let hour = Duration::from_secs(3_600);
        if !(1..=10).contains(&most) || (most > 1 && (base.is_zero() || base > hour)) {
            return Err(Flaw::Setting(
                "must have 1 to 10 tries, with a delay above zero and up to an hour",
            ));
        }
        Ok(Self { most, base })
    }
}

impl Base {
    fn new(text: &str) -> Result<Self, Flaw> {
        // Not shown: it might hold a key.
        let bad = |why: &'static str| Flaw::Address(why);
        let uri: Uri = text.parse().map_err(|_| bad("is not one"))?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or(bad("has no scheme"))?;
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            return Err(bad("is neither http nor https"));
        }
        let authority = parts.authority.ok_or(bad("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("holds a user or a password"));
        }
        let path = parts.path_and_query.as_ref();
        if path.is_some_and(|path| path.query().is_some()) {
            return Err(bad("has a query: set its parts one by one"));
        }
        let path = path.map_or("", |path| path.path()).trim_end_matches('/');
        if path
            .split('/')
            .any(|segment| segment == "." || segment == "..")
        {
            return Err(bad("steps up in its path"));
        }
        let path = path.to_owned();
        Ok(Self {
            scheme,
            authority,
            path,
        })
    }

    /// Anybody may stand between here and there: it is not this machine, no address of a private
    /// network, and no bare name, which only a private network knows.
    fn is_public(&self) -> bool {
        use std::net::IpAddr;
        let host = self.authority.host();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(ip)) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
            Ok(IpAddr::V6(ip)) => {
                !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local())
            }
            // A number is an address too: 134744072 is 8.8.8.8.
            Err(_) if host.starts_with(|c: char| c.is_ascii_digit()) => true,
            Err(_) => host.contains('.') && !host.to_ascii_lowercase().ends_with(".localhost"),
        }
    }
}

impl Model {
    fn new(name: &str) -> Result<Self, Flaw> {
        let bad = || Flaw::Model(name.to_owned());
        Ok(Self {
            name: name.into(),
            segment: segment(name).ok_or_else(bad)?.into(),
            json: serde_json::to_string(name).map_err(|_| bad())?.into(),
        })
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Site").field(&self.target).finish()
    }
}
