//! Whose breaker a call is for.

use std::borrow::Cow;

use http::{Extensions, HeaderMap, Method, Request, Uri};
use tollgate_core::{Call, Target, authority_of, host_of};

use crate::cell::Cell;

/// The head of a request, for a [key function](crate::Builder::key) to read.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    host: Option<&'a str>,
}

impl<'a> Head<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
            host: host_of(request),
        }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        self.method
    }

    /// The URI.
    #[must_use]
    pub const fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The extensions.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        self.extensions
    }

    /// The host as the request has it, without a port.
    #[must_use]
    pub const fn host(&self) -> Option<&'a str> {
        self.host
    }

    /// The target in the request's [`Call`], if there is one.
    #[must_use]
    pub fn target(&self) -> Option<&'a Target> {
        self.extensions.get::<Call>().and_then(Call::target)
    }
}

/// A key in parts, so that looking it up builds nothing.
#[derive(Debug, Hash)]
pub(crate) struct Key<'a> {
    provider: Cow<'a, str>,
    model: Option<&'a str>,
    account: Option<&'a str>,
}

impl<'a> Key<'a> {
    /// The target of the request's `Call`, else its host in lower case, with its port where that is not
    /// the usual one; a request with neither shares an empty name with its like.
    #[inline]
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        match Call::of(request).and_then(Call::target) {
            Some(target) => Self::from(target),
            None => Self {
                provider: host(request),
                model: None,
                account: None,
            },
        }
    }

    #[inline]
    pub(crate) fn is(&self, target: &Target) -> bool {
        *self.provider == *target.provider()
            && self.model == target.model()
            && self.account == target.account()
    }

    pub(crate) fn to_target(&self) -> Target {
        let target = match self.model {
            Some(model) => Target::new(&*self.provider, model),
            None => Target::provider_only(&*self.provider),
        };
        match self.account {
            Some(account) => target.with_account(account),
            None => target,
        }
    }
}

impl<'a> From<&'a Target> for Key<'a> {
    fn from(target: &'a Target) -> Self {
        Self {
            provider: target.provider().into(),
            model: target.model(),
            account: target.account(),
        }
    }
}

/// The host of a request in lower case, with a port of its own: hosts are the same in any case.
#[inline]
fn host<B>(request: &Request<B>) -> Cow<'_, str> {
    // Nearly always the URI says just that, which takes one look at each byte.
    match request.uri().authority() {
        Some(whole) if whole.as_str().bytes().all(is_plain) => Cow::Borrowed(whole.as_str()),
        _ => lower(authority_of(request).unwrap_or_default()),
    }
}

/// The target is such a host and nothing else.
pub(crate) fn is_host(target: &Target) -> bool {
    let more = target.model().is_some() || target.account().is_some();
    !more && target.provider().bytes().all(is_plain)
}

/// Whether a call of this request is for this cell, as far as can be told at a glance.
#[inline(always)]
pub(crate) fn is_for<B>(request: &Request<B>, cell: &Cell) -> bool {
    match Call::of(request).and_then(Call::target) {
        Some(target) => target == cell.target(),
        None => {
            let whole = request.uri().authority();
            cell.is_host() && whole.is_some_and(|whole| whole.as_str() == cell.target().provider())
        }
    }
}

/// A byte of a name in lower case, and of nothing else: no user, no port, no address in brackets.
#[inline]
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')
}

fn lower(host: &str) -> Cow<'_, str> {
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        host.to_ascii_lowercase().into()
    } else {
        host.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_becomes_a_target_and_back() {
        let whole = Target::new("groq", "m").with_account("a");
        for target in [
            whole,
            Target::new("groq", "m"),
            Target::provider_only("groq").with_account("a"),
        ] {
            let key = Key::from(&target);
            assert!(key.is(&target));
            assert_eq!(key.to_target(), target);
            assert!(!key.is(&Target::provider_only("groq")));
        }
    }

    #[test]
    fn the_host_in_lower_case() {
        for (uri, host) in [
            ("https://api.x.ai/v1", "api.x.ai"),
            ("https://API.x.ai/v1", "api.x.ai"),
            ("https://api.x.ai:443/v1", "api.x.ai"),
            ("https://user@api.x.ai/v1", "api.x.ai"),
            ("https://[::1]:443/v1", "[::1]"),
            ("http://LOCALHOST:8000/v1", "localhost:8000"),
            ("http://localhost:8001/v1", "localhost:8001"),
        ] {
            let request = Request::get(uri).body(()).expect("ok");
            assert_eq!(Key::of(&request).to_target().provider(), host, "{uri}");
        }
        assert_eq!(Key::of(&Request::new(())).to_target().provider(), "");
    }

    #[test]
    fn the_target_of_the_call_comes_first() {
        let target = Target::new("groq", "m");
        let mut request = Request::get("https://api.x.ai/").body(()).expect("ok");
        let call = Call::new().with_target(target.clone());
        request.extensions_mut().insert(call);
        assert!(Key::of(&request).is(&target));
        assert_eq!(Head::of(&request).target(), Some(&target));
        assert_eq!(Head::of(&request).host(), Some("api.x.ai"));
    }
}
