//! What one call wants for itself.

use std::{borrow::Cow, sync::Arc, time::Duration};

use http::HeaderMap;
use tollgate_core::{JsonField, JsonRequest, Target};

/// What one call wants for itself: a request extension.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use tollgate_route::Preference;
///
/// let request = Request::post("https://any.example/v1/chat/completions")
///     .extension(Preference::new().prefer_provider("groq").deny("openrouter"))
///     .body("{}")?;
/// # let _ = request;
/// # Ok::<_, http::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preference {
    pub(crate) route: Option<Arc<str>>,
    prefer: Option<Wish>,
    allow: Option<Vec<Arc<str>>>,
    deny: Vec<Arc<str>>,
    no_fallback: bool,
    affinity: Option<Arc<str>>,
    time: Option<Duration>,
    stay: Option<Target>,
}

/// A request extension: the call goes to the account of this target only, since nobody else knows
/// what it continues.
#[derive(Debug, Clone)]
pub(crate) struct Stay(pub(crate) Target);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Wish {
    provider: Arc<str>,
    model: Option<Arc<str>>,
}

impl Preference {
    /// Nothing in particular.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the route of this name. A name that no route has is an error of the call.
    #[must_use]
    pub fn route(mut self, name: impl Into<Arc<str>>) -> Self {
        self.route = Some(name.into());
        self
    }

    /// Tries this model of this provider first, as soon as it is healthy.
    #[must_use]
    pub fn prefer(mut self, provider: impl Into<Arc<str>>, model: impl Into<Arc<str>>) -> Self {
        self.prefer = Some(Wish {
            provider: provider.into(),
            model: Some(model.into()),
        });
        self
    }

    /// Tries the targets of this provider first.
    #[must_use]
    pub fn prefer_provider(mut self, provider: impl Into<Arc<str>>) -> Self {
        self.prefer = Some(Wish {
            provider: provider.into(),
            model: None,
        });
        self
    }

    /// Tries targets of this provider, and of others that were allowed, only.
    #[must_use]
    pub fn allow(mut self, provider: impl Into<Arc<str>>) -> Self {
        self.allow.get_or_insert_default().push(provider.into());
        self
    }

    /// Tries no target of this provider.
    #[must_use]
    pub fn deny(mut self, provider: impl Into<Arc<str>>) -> Self {
        self.deny.push(provider.into());
        self
    }

    /// Asks one target only, and hands over what it says.
    #[must_use]
    pub const fn no_fallback(mut self) -> Self {
        self.no_fallback = true;
        self
    }

    /// Must be over after this time, or at the deadline of its [`Call`](tollgate_core::Call) if that
    /// is sooner.
    #[must_use]
    pub const fn within(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Belongs together with other calls that say the same: see
    /// [`Sticky`](crate::strategy::Sticky).
    #[must_use]
    pub fn affinity(mut self, words: impl Into<Arc<str>>) -> Self {
        self.affinity = Some(words.into());
        self
    }

    pub(crate) fn allows(&self, target: &Target) -> bool {
        let is = |name: &Arc<str>| **name == *target.provider();
        self.allow
            .as_ref()
            .is_none_or(|allowed| allowed.iter().any(is))
            && !self.deny.iter().any(is)
            && self.stay.as_ref().is_none_or(|stay| {
                (stay.provider(), stay.account()) == (target.provider(), target.account())
            })
    }

    pub(crate) fn prefers(&self, target: &Target) -> bool {
        if let Some(stay) = &self.stay {
            return stay == target;
        }
        self.prefer.as_ref().is_some_and(|wish| {
            *wish.provider == *target.provider()
                && wish
                    .model
                    .as_deref()
                    .is_none_or(|model| target.model() == Some(model))
        })
    }

    pub(crate) const fn falls_back(&self) -> bool {
        !self.no_fallback
    }

    pub(crate) const fn time(&self) -> Option<Duration> {
        self.time
    }

    pub(crate) fn stay_at(preference: &mut Option<Self>, Stay(target): Stay) {
        preference.get_or_insert_default().stay = Some(target);
    }

    /// Takes what a JSON body says about which calls belong together, unless the call said so itself.
    pub(crate) fn tie_by(preference: &mut Option<Self>, body: &JsonRequest) {
        if preference
            .as_ref()
            .is_some_and(|own| own.affinity.is_some())
        {
            return;
        }
        if let Some(words) = affinity_in(body) {
            preference.get_or_insert_default().affinity = Some(words.into());
        }
    }

    pub(crate) fn words(&self) -> Option<&str> {
        self.affinity.as_deref()
    }

    /// What the headers of a request say, where a router listens to them:
    ///
    /// | header | value |
    /// |---|---|
    /// | `x-tollgate-route` | the name of a route |
    /// | `x-tollgate-prefer` | `provider`, or `provider/model` |
    /// | `x-tollgate-allow`, `x-tollgate-deny` | providers, with commas between them |
    /// | `x-tollgate-fallback` | `off` |
    /// | `x-tollgate-timeout-ms` | whole milliseconds |
    /// | `x-tollgate-affinity` | any words |
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let list = |name: &str| {
            let parts = text(name)?.split(',').map(str::trim);
            Some(
                parts
                    .filter(|part| !part.is_empty())
                    .map(Arc::from)
                    .collect::<Vec<_>>(),
            )
        };
        let prefer = text("x-tollgate-prefer").map(|wish| {
            let (provider, model) = match wish.split_once('/') {
                Some((provider, model)) => (provider, Some(model.trim().into())),
                None => (wish, None),
            };
            Wish {
                provider: provider.trim().into(),
                model,
            }
        });
        Self {
            route: text("x-tollgate-route").map(|name| name.trim().into()),
            prefer,
            allow: list("x-tollgate-allow"),
            deny: list("x-tollgate-deny").unwrap_or_default(),
            no_fallback: text("x-tollgate-fallback").is_some_and(|word| word.trim() == "off"),
            affinity: text("x-tollgate-affinity").map(Arc::from),
            time: text("x-tollgate-timeout-ms")
                .and_then(|ms| ms.trim().parse().ok())
                .map(Duration::from_millis),
            stay: None,
        }
    }
}

/// The key of the prompt cache, else the user: fields of OpenAI's dialect.
/// <https://platform.openai.com/docs/api-reference/responses/create>.
fn affinity_in(body: &JsonRequest) -> Option<Cow<'_, str>> {
    let text = |field| body.text(field).filter(|text| !text.is_empty());
    text(JsonField::PromptCacheKey).or_else(|| text(JsonField::User))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_say_the_same_as_the_extension() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-tollgate-route", "chat"),
            ("x-tollgate-prefer", "openrouter/meta-llama/llama-3"),
            ("x-tollgate-allow", "groq, openrouter,"),
            ("x-tollgate-deny", "openai"),
            ("x-tollgate-fallback", "off"),
            ("x-tollgate-affinity", "user 7"),
            ("x-tollgate-timeout-ms", "1500"),
        ] {
            headers.insert(name, value.parse().expect("a value"));
        }
        let said = Preference::new()
            .route("chat")
            .prefer("openrouter", "meta-llama/llama-3")
            .allow("groq")
            .allow("openrouter")
            .deny("openai")
            .no_fallback()
            .affinity("user 7")
            .within(Duration::from_millis(1_500));
        assert_eq!(Preference::from_headers(&headers), said);
        assert_eq!(
            Preference::from_headers(&HeaderMap::new()),
            Preference::new()
        );
    }

    #[test]
    fn a_body_says_what_belongs_together() {
        for (body, words) in [
            (r#"{"user":"u","prompt_cache_key":"k"}"#, Some("k")),
            (r#"{"model":"m","user":"u\u0031"}"#, Some("u1")),
            (r#"{"prompt_cache_key":null,"user":"u"}"#, Some("u")),
            (r#"{"prompt_cache_key":"","user":"u"}"#, Some("u")),
            (r#"{"messages":[{"user":"no"}]}"#, None),
            (r#"{"user":7}"#, None),
            ("[]", None),
            ("", None),
        ] {
            let mut preference = None;
            if let Some(body) = JsonRequest::read(body.into()) {
                Preference::tie_by(&mut preference, &body);
            }
            let said = preference.as_ref().and_then(Preference::words);
            assert_eq!(said, words, "{body}");
        }
        // What the caller states comes first.
        let mut own = Some(Preference::new().affinity("mine"));
        let body = JsonRequest::read(r#"{"user":"u"}"#.into()).expect("an object");
        Preference::tie_by(&mut own, &body);
        assert_eq!(own, Some(Preference::new().affinity("mine")));
    }

    #[test]
    fn allowed_and_denied() {
        let groq = Target::new("groq", "m");
        assert!(Preference::new().allows(&groq));
        assert!(Preference::new().allow("groq").allows(&groq));
        assert!(!Preference::new().allow("openai").allows(&groq));
        assert!(!Preference::new().allow("groq").deny("groq").allows(&groq));
        assert!(Preference::new().prefer("groq", "m").prefers(&groq));
        assert!(!Preference::new().prefer("groq", "n").prefers(&groq));
        assert!(!Preference::new().prefers(&groq));
    }
}
