//! Builds a `RouteLayer` with settings of one's own.

use std::{fmt, sync::Arc, time::Duration};

use http::HeaderName;
use tollgate_core::{Outlook, Random, Sleepers};

use crate::{
    ConfigError, Flaw, Handle, Route, RouteLayer,
    cooldown::LONGEST,
    run::MOST_ATTEMPTS,
    state::{Settings, State},
    table::Table,
};

/// The settings of a [`RouteLayer`]; every one but the routes has a default.
///
/// Made by [`RouteLayer::builder`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use tollgate_route::{Event, Route, RouteLayer, provider::preset};
///
/// let groq = preset::groq().key("gsk_not_a_real_key");
/// let chat = Route::new("chat").ordered([groq.model("llama-3.3-70b-versatile")]);
/// let embed = Route::new("embed").ordered([preset::openai().key("sk_x").model("text-embedding-3-small")]);
/// let (layer, handle) = RouteLayer::builder(chat)
///     .route(embed)
///     .max_wait(Duration::from_secs(10))
///     .observer(|event: &Event| eprintln!("{event}"))
///     .build_with_handle()?;
/// # let _ = (layer, handle);
/// # Ok::<_, tollgate_route::ConfigError>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until it is built"]
pub struct Builder<O = ()> {
    routes: Vec<Route>,
    max_wait: Option<Duration>,
    attempts: usize,
    headers: Vec<String>,
    query: Vec<Box<str>>,
    listens: bool,
    tells: bool,
    delivers_auth: bool,
    outlooks: Vec<Arc<dyn Outlook>>,
    random: Option<Random>,
    sleepers: Sleepers,
    observer: O,
}

impl Builder {
    pub(crate) fn new(route: Route) -> Self {
        Self {
            routes: vec![route],
            max_wait: None,
            attempts: 8,
            headers: Vec::new(),
            query: Vec::new(),
            listens: false,
            tells: false,
            delivers_auth: false,
            outlooks: Vec::new(),
            random: None,
            sleepers: Sleepers::default(),
            observer: (),
        }
    }
}

impl<O> Builder<O> {
    /// Adds a route. The first one is for calls that choose none.
    pub fn route(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }

    /// How long, together, a call may wait for a target to return when none may be asked: 24 h at most.
    /// Zero never waits.
    ///
    /// Default: a call with a deadline or a wait budget waits whatever these allow, one with neither at
    /// most 120 s.
    pub const fn max_wait(mut self, time: Duration) -> Self {
        self.max_wait = Some(time);
        self
    }

    /// Hands an answer up at once that refuses the key (401, 403). Unless set, another account of the
    /// provider is asked, then another provider; the refused one is left alone for 5 minutes, and longer
    /// each time, and [`Event::KeyRefused`](crate::Event::KeyRefused) tells of each refusal.
    pub const fn deliver_auth(mut self) -> Self {
        self.delivers_auth = true;
        self
    }

    /// How many targets a call is sent to at most: 1 to 16; 8 unless set.
    pub const fn attempts(mut self, most: usize) -> Self {
        self.attempts = most;
        self
    }

    /// Lets this header of a call pass to every target. Only headers that are known to say nothing
    /// about who asks pass without.
    pub fn keep_header(mut self, name: impl Into<String>) -> Self {
        self.headers.push(name.into());
        self
    }

    /// Lets this part of a call's query pass to every target, though its name looks like that of a
    /// secret (`token`, `key`, `signature`) or it is an `api-version`. All other parts pass without.
    pub fn keep_query(mut self, name: impl Into<Box<str>>) -> Self {
        self.query.push(name.into());
        self
    }

    /// Listens to the headers of [`Preference::from_headers`](crate::Preference::from_headers), for
    /// proxies whose callers are trusted with that. The extension comes first.
    pub const fn listen_to_headers(mut self) -> Self {
        self.listens = true;
        self
    }

    /// Adds `x-tollgate-target` (`groq/llama-3.1-8b-instant`) and `x-tollgate-attempts` (`2`) to
    /// each response.
    pub const fn response_headers(mut self) -> Self {
        self.tells = true;
        self
    }

    /// Asks this before a target is asked: the handle of a limiter or of a breaker below.
    ///
    /// One that knows how much is left is taken for a limiter, which queues what does not fit: the
    /// call goes there when nothing better is left. One that does not is taken for a breaker, which
    /// refuses: the call waits for it like for a cooldown.
    pub fn outlook(mut self, outlook: impl Outlook + 'static) -> Self {
        self.outlooks.push(Arc::new(outlook));
        self
    }

    /// Where strategies draw from; a seeded one makes them repeatable. Default: [`Random::new`].
    pub fn random(mut self, random: Random) -> Self {
        self.random = Some(random);
        self
    }

    /// The list in which calls are entered that wait for a target, where it is shared with other layers.
    /// Default: one of its own.
    pub fn sleepers(mut self, sleepers: Sleepers) -> Self {
        self.sleepers = sleepers;
        self
    }

    /// Who hears of each [`Event`](crate::Event). Default: nobody.
    pub fn observer<P>(self, observer: P) -> Builder<P> {
        Builder {
            routes: self.routes,
            max_wait: self.max_wait,
            attempts: self.attempts,
            headers: self.headers,
            query: self.query,
            listens: self.listens,
            tells: self.tells,
            delivers_auth: self.delivers_auth,
            outlooks: self.outlooks,
            random: self.random,
            sleepers: self.sleepers,
            observer,
        }
    }

    /// Builds the layer.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] names the first route, target or setting that makes no sense.
    pub fn build(self) -> Result<RouteLayer<O>, ConfigError> {
        let (table, settings) = self.check()?;
        let state = State::new(
            table,
            settings,
            self.outlooks,
            self.random.unwrap_or_default(),
            self.sleepers,
        );
        Ok(RouteLayer::of(Arc::new(state), self.observer))
    }

    /// What calls go by, once all of it makes sense.
    pub(crate) fn check(&self) -> Result<(Table, Settings), ConfigError> {
        let setting = |name, range| ConfigError::new(name, Flaw::Setting(range));
        if self.max_wait.is_some_and(|wait| wait > LONGEST) {
            return Err(setting("max_wait", "must not be above 24 h"));
        }
        if !(1..=MOST_ATTEMPTS).contains(&self.attempts) {
            return Err(setting("attempts", "must be from 1 to 16"));
        }
        let mut settings = Settings {
            max_wait: self.max_wait,
            attempts: self.attempts,
            keep: crate::rewrite::Keep {
                headers: Vec::new(),
                query: self.query.clone(),
            },
            listens: self.listens,
            tells: self.tells,
            delivers_auth: self.delivers_auth,
        };
        for name in &self.headers {
            let bad = || ConfigError::new("keep_header", Flaw::Header(name.clone()));
            let name: HeaderName = name.parse().map_err(|_| bad())?;
            settings.keep.headers.push(name);
        }
        Ok((Table::new(&self.routes)?, settings))
    }

    /// Builds the layer and a handle to look at its cooldowns and outcomes.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn build_with_handle(self) -> Result<(RouteLayer<O>, Handle), ConfigError> {
        let layer = self.build()?;
        let handle = layer.handle();
        Ok((layer, handle))
    }
}

impl<O> fmt::Debug for Builder<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("routes", &self.routes)
            .field("max_wait", &self.max_wait)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}
