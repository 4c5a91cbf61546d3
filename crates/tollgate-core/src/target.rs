//! Where a call goes.

use std::{borrow::Cow, fmt, sync::Arc};

use http::{HeaderMap, Request, Uri, header};
use serde::{Deserialize, Serialize};

use crate::{Call, Replay, model_of};

/// Where a call goes: a provider, one of its models, and the account (key) that pays.
///
/// Cheap to clone, and fit as a key of a map. The account is an alias that people choose
/// ("team-a"), never the key itself, so that a target can be logged.
///
/// # Examples
///
/// ```
/// use tollgate_core::Target;
///
/// let target = Target::new("groq", "llama-3.1-8b-instant").with_account("team-a");
/// assert_eq!(target.to_string(), "groq (llama-3.1-8b-instant) as team-a");
/// assert_eq!(target, target.clone());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    provider: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<Arc<str>>,
}

impl Target {
    /// A model of a provider.
    #[must_use]
    pub fn new(provider: impl Into<Arc<str>>, model: impl Into<Arc<str>>) -> Self {
        Self {
            provider: provider.into(),
            model: Some(model.into()),
            account: None,
        }
    }

    /// A provider, whatever the model.
    #[must_use]
    pub fn provider_only(provider: impl Into<Arc<str>>) -> Self {
        Self {
            provider: provider.into(),
            model: None,
            account: None,
        }
    }

    /// The target that a request names by itself: the one in its [`Call`], else its host with the
    /// model from the path or the JSON body, else its host alone.
    ///
    /// The provider is then the [authority](authority_of) in lower case: the host, and its port where that
    /// is not the usual one. `None` where there is no host either.
    #[must_use]
    pub fn from_request<B: Replay>(request: &Request<B>) -> Option<Self> {
        if let Some(target) = Call::of(request).and_then(Call::target) {
            return Some(target.clone());
        }
        let host = authority_of(request)?;
        let model = |model: Cow<'_, str>| Arc::from(&*model);
        let in_path = model_of(request.uri(), None).map(model);
        Some(Self {
            provider: lower(host),
            model: in_path.or_else(|| request.body().json()?.model().map(model)),
            account: None,
        })
    }

    /// Names the account that pays, by an alias.
    #[must_use]
    pub fn with_account(mut self, alias: impl Into<Arc<str>>) -> Self {
        self.account = Some(alias.into());
        self
    }

    /// Whether what holds for this target holds for the other one as well: it is the same; or this one
    /// names no model, and perhaps no account, and the rest is the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use tollgate_core::Target;
    ///
    /// let (groq, model) = (Target::provider_only("groq"), Target::new("groq", "m"));
    /// assert!(groq.covers(&model) && groq.covers(&model.clone().with_account("a")));
    /// assert!(groq.clone().with_account("a").covers(&model.clone().with_account("a")));
    /// assert!(!groq.with_account("a").covers(&model) && !model.covers(&model.clone().with_account("a")));
    /// ```
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let account = || match (&self.account, &self.model) {
            (None, None) => true,
            (account, _) => *account == other.account,
        };
        let model = || self.model.is_none() || self.model == other.model;
        self.provider == other.provider && model() && account()
    }

    /// The provider: its name where a router set it, else the host.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The model, where it is known.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The alias of the account, where there is more than one.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.provider)?;
        if let Some(model) = &self.model {
            write!(f, " ({model})")?;
        }
        match &self.account {
            Some(account) => write!(f, " as {account}"),
            None => Ok(()),
        }
    }
}

/// The host a request goes to, without a port: from its URI, else from its `Host` header.
pub fn host_of<B>(request: &Request<B>) -> Option<&str> {
    host_in(request.uri(), request.headers())
}

/// [`host_of`], for the parts of a request.
pub fn host_in<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    if let Some(host) = uri.host() {
        return Some(host);
    }
    let text = headers.get(header::HOST)?.to_str().ok()?;
    // An IPv6 address keeps its brackets, as `Uri::host` does.
    let end = if text.starts_with('[') {
        text.find(']')? + 1
    } else {
        text.find(':').unwrap_or(text.len())
    };
    Some(&text[..end]).filter(|host| !host.is_empty())
}

/// The host a request goes to with its port, unless that is the one its scheme has anyway: who answers at
/// `localhost:8000` is not who answers at `localhost:8001`. From its URI, else from its `Host` header; a
/// user is left out. As written: hosts are the same in any case.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use tollgate_core::authority_of;
///
/// let of = |uri| authority_of(&Request::get(uri).body(()).unwrap()).map(str::to_owned);
/// assert_eq!(of("http://localhost:8000/v1").as_deref(), Some("localhost:8000"));
/// assert_eq!(of("https://api.x.ai:443/v1").as_deref(), Some("api.x.ai"));
/// ```
pub fn authority_of<B>(request: &Request<B>) -> Option<&str> {
    let uri = request.uri();
    let whole = match uri.authority() {
        Some(authority) => authority.as_str(),
        None => request.headers().get(header::HOST)?.to_str().ok()?,
    };
    let place = whole.rsplit_once('@').map_or(whole, |(_, place)| place);
    // The scheme of a request that has none is that of the client, which encrypts.
    let usual = match uri.scheme_str() {
        Some("http") => ":80",
        _ => ":443",
    };
    let place = place.strip_suffix(usual).unwrap_or(place);
    let place = place.strip_suffix(':').unwrap_or(place);
    Some(place).filter(|place| !place.is_empty())
}

fn lower(host: &str) -> Arc<str> {
    if host.bytes().any(|b| b.is_ascii_uppercase()) {
        host.to_ascii_lowercase().into()
    } else {
        host.into()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Full;

    use super::*;

    #[test]
    fn it_is_written_down_and_read_back() {
        let target = Target::new("groq", "m");
        let json = serde_json::to_string(&target).expect("text");
        assert_eq!(json, r#"{"provider":"groq","model":"m"}"#);
        assert_eq!(
            serde_json::from_str::<Target>(&json).expect("a target"),
            target
        );
    }

    fn target(uri: &str, host: Option<&str>, body: &'static str) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .expect("a request");
        Target::from_request(&request).map(|target| target.to_string())
    }

    #[test]
    fn the_host_and_the_model() {
        let body = r#"{"model":"m"}"#;
        assert_eq!(
            target("https://API.x.ai/v1", None, body).as_deref(),
            Some("api.x.ai (m)")
        );
        assert_eq!(
            target("/v1", Some("h:8080"), body).as_deref(),
            Some("h:8080 (m)")
        );
        assert_eq!(
            target("http://u@LocalHost:8001/v1", None, "").as_deref(),
            Some("localhost:8001")
        );
        assert_eq!(target("http://h:80/", None, "").as_deref(), Some("h"));
        assert_eq!(target("http://h:/", None, "").as_deref(), Some("h"));
        assert_eq!(
            target("/v1", Some("[::1]:80"), "").as_deref(),
            Some("[::1]:80")
        );
        assert_eq!(target("/v1", None, body), None);
    }

    #[test]
    fn the_call_comes_first() {
        let mut request = Request::builder()
            .uri("https://a/")
            .body(Full::new(Bytes::new()))
            .expect("ok");
        let set = Target::new("groq", "m").with_account("k1");
        request
            .extensions_mut()
            .insert(Call::new().with_target(set.clone()));
        assert_eq!(Target::from_request(&request), Some(set));
    }
}
