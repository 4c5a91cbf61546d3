//! A provider: its address, its keys, and how it wants to be asked.

pub mod preset;

use std::{borrow::Cow, fmt, sync::Arc};

use crate::{Endpoint, MissingKey, Place, Secret, Wire, site::Elsewhere};
use preset::Preset;

/// How a provider wants to see its key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// The key alone, in this header.
    Header(Cow<'static, str>),
    /// The key in this part of the query. It then shows in whatever logs addresses: prefer a header.
    Query(Cow<'static, str>),
    /// No key at all.
    None,
    /// No key from here: something below the router adds it or signs the request (`SigV4`, a token
    /// that expires). See the [front page](crate#signing).
    External,
}

/// Who shares the provider's limits, for people: give each key that does not share them an account
/// of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitScope {
    /// Every key has limits of its own.
    Key,
    /// All keys of an organisation.
    Organisation,
    /// All keys of a project or workspace.
    Project,
    /// Each deployment.
    Deployment,
    /// Each region of a project.
    Region,
}

/// A provider as the router needs to know it: from a [`preset`], or by hand.
///
/// Models of it become targets through [`model`](Self::model).
///
/// # Examples
///
/// ```
/// use tollgate_route::{Provider, Secret, Wire, provider::preset};
///
/// let groq = preset::groq().key(Secret::new("gsk_one"));
/// let two_keys = preset::openai()
///     .account("research", Secret::new("sk_a"))
///     .account("product", Secret::new("sk_b"));
/// // A server of one's own that speaks OpenAI's dialect.
/// let own = Provider::new("vllm", "http://127.0.0.1:8000/v1", Wire::OpenAi).without_key();
/// # let _ = (groq, two_keys, own);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Provider {
    pub(crate) name: Arc<str>,
    pub(crate) base: String,
    pub(crate) wire: Wire,
    pub(crate) place: Place,
    pub(crate) auth: Auth,
    pub(crate) headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(crate) query: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(crate) accounts: Vec<(Option<Arc<str>>, Secret)>,
    pub(crate) limits: LimitScope,
    pub(crate) plain_http: bool,
    /// What is wrong with it; told when a route is built.
    pub(crate) flaw: Option<String>,
    /// What it has at another place than behind its base.
    pub(crate) elsewhere: &'static [Elsewhere],
    /// The parts of its address, which another dialect has too.
    parts: Vec<(&'static str, String)>,
    preset: Option<&'static Preset>,
}

impl Provider {
    /// A provider that no preset knows: its name, the address before the path of its calls, and its
    /// dialect. Its key goes into `Authorization: Bearer` unless [`auth`](Self::auth) says otherwise.
    ///
    /// Classifiers know a provider by its name: use theirs where it has one.
    pub fn new(name: impl Into<Arc<str>>, base: impl Into<String>, wire: Wire) -> Self {
        Self {
            name: name.into(),
            base: base.into(),
            wire,
            place: wire.place(),
            auth: Auth::Bearer,
            headers: Vec::new(),
            query: Vec::new(),
            accounts: Vec::new(),
            limits: LimitScope::Key,
            plain_http: false,
            flaw: None,
            elsewhere: &[],
            parts: Vec::new(),
            preset: None,
        }
    }

    /// Speaks another dialect, at the address the preset has for it. A preset without it does not
    /// build.
    pub fn speaking(mut self, wire: Wire) -> Self {
        let speaks = self.preset.and_then(|preset| preset.speaks(wire));
        match speaks {
            Some(speaks) => self.speak(speaks),
            None => self.flaw = Some(format!("no address where it speaks {wire} is known")),
        }
        self
    }

    /// Another name, to tell two providers of one kind apart.
    pub fn named(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Another address: a region, a proxy, a server of a test.
    pub fn base(mut self, base: impl Into<String>) -> Self {
        self.base = base.into();
        self
    }

    /// Its key, where there is one only.
    pub fn key(mut self, key: impl Into<Secret>) -> Self {
        self.accounts.push((None, key.into()));
        self
    }

    /// A key under an alias, where there are several. Each makes targets of its own, tried in this
    /// order.
    pub fn account(mut self, alias: impl Into<Arc<str>>, key: impl Into<Secret>) -> Self {
        self.accounts.push((Some(alias.into()), key.into()));
        self
    }

    /// Its key from the environment variable that its own libraries read, such as `OPENAI_API_KEY`.
    ///
    /// # Errors
    ///
    /// As [`Secret::from_env`]; also where no such variable is known.
    pub fn key_from_env(self) -> Result<Self, MissingKey> {
        let variable = self.preset.map_or("", Preset::variable);
        match variable {
            "" => Err(MissingKey {
                variable: String::new(),
            }),
            variable => Ok(self.key(Secret::from_env(variable)?)),
        }
    }

    /// How it wants to see its key.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// It wants no key.
    pub fn without_key(self) -> Self {
        self.auth(Auth::None)
    }

    /// Where its requests name the model, if not where its dialect has it.
    pub fn place(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// A header that every request to it carries, and no request to others.
    pub fn header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// A part of the query that every request to it carries.
    pub fn query(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends its key without encryption, to a host that is neither this machine nor in a private
    /// network. Without this such a route does not build.
    pub fn plain_http(mut self) -> Self {
        self.plain_http = true;
        self
    }

    /// One of its models, as a target.
    pub fn model(&self, model: impl Into<Arc<str>>) -> Endpoint {
        Endpoint::new(self.clone(), Some(model.into()))
    }

    /// Whatever model a call asks for, as a target: its model is passed on as it is.
    pub fn any_model(&self) -> Endpoint {
        Endpoint::new(self.clone(), None)
    }

    /// Who shares its limits, as far as it is known.
    #[must_use]
    pub const fn limits(&self) -> LimitScope {
        self.limits
    }

    /// It is the same in all that a request depends on.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.base == other.base
            && self.wire == other.wire
            && self.place == other.place
            && self.elsewhere == other.elsewhere
            && self.auth == other.auth
            && self.headers == other.headers
            && self.query == other.query
            && self.accounts == other.accounts
    }

    fn speak(&mut self, speaks: &preset::Speaks) {
        self.base = speaks.base.to_owned();
        for (variable, value) in &self.parts {
            self.base = self.base.replace(&format!("{{{variable}}}"), value);
        }
        self.wire = speaks.wire;
        self.place = speaks.place;
        self.elsewhere = speaks.elsewhere;
        self.auth = speaks.key.auth();
        let pairs = |all: &[(&'static str, &'static str)]| {
            let own = |&(name, value): &(_, _)| (Cow::Borrowed(name), Cow::Borrowed(value));
            all.iter().map(own).collect::<Vec<_>>()
        };
        self.headers = pairs(speaks.headers);
        self.query = pairs(speaks.query);
    }

    /// Fills in a part of the address. It may not add to it.
    fn fill(mut self, variable: &'static str, value: &str) -> Self {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if value.is_empty() || !value.bytes().all(plain) {
            self.flaw = Some(format!("{value:?} cannot be its {variable}"));
        }
        self.fill_with(variable, value.to_owned())
    }

    /// Fills in a part of the address that is known to be one.
    fn fill_with(mut self, variable: &'static str, value: String) -> Self {
        self.base = self.base.replace(&format!("{{{variable}}}"), &value);
        self.parts.push((variable, value));
        self
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and query may hold secrets, and so may a bad address.
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("wire", &self.wire)
            .field("accounts", &self.accounts.len())
            .finish_non_exhaustive()
    }
}
