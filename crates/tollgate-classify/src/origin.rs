//! Who a call goes to, kept small until the answer is there.

use std::fmt;

use http::{Request, uri::Authority};
use tollgate_core::{Call, Target, host_of};

/// Who a call goes to: the target somebody set, else the host in lower case.
///
/// Made for every call and read for few. So the authority of the request's URI is kept as it is,
/// which counts up a reference and copies nothing; the host is cut out of it when somebody asks.
#[derive(Clone)]
pub(crate) enum Origin {
    Unknown,
    Target(Target),
    Authority(Authority),
    Host(Box<str>),
}

impl Origin {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        if let Some(target) = Call::of(request).and_then(Call::target) {
            return Self::Target(target.clone());
        }
        if let Some(authority) = request.uri().authority() {
            if is_plain(authority.as_str()) {
                return Self::Authority(authority.clone());
            }
        }
        host_of(request).map_or(Self::Unknown, |host| {
            Self::Host(host.to_ascii_lowercase().into())
        })
    }

    /// The name of the provider, or the host.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::Target(target) => Some(target.provider()),
            Self::Authority(authority) => Some(plain_host(authority.as_str())),
            Self::Host(host) => Some(host),
        }
    }

    pub(crate) const fn target(&self) -> Option<&Target> {
        match self {
            Self::Target(target) => Some(target),
            _ => None,
        }
    }
}

/// An authority begins with its host, in lower case: no user, no address in brackets.
fn is_plain(authority: &str) -> bool {
    // Upper case lies between these two.
    let odd = |byte: &u8| (b'@'..=b'[').contains(byte);
    // Without an early end this is a few wide instructions.
    !authority
        .as_bytes()
        .iter()
        .fold(false, |any, byte| any | odd(byte))
}

/// The host of such an authority.
fn plain_host(authority: &str) -> &str {
    match authority.as_bytes().last() {
        // Only a port (or an address) ends in a digit.
        Some(b'0'..=b'9' | b':') => authority.split(':').next().unwrap_or(authority),
        _ => authority,
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => target.fmt(f),
            _ => self.as_str().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str) -> Option<String> {
        let request = Request::builder().uri(uri).body(()).expect("a request");
        Origin::of(&request).as_str().map(str::to_owned)
    }

    #[test]
    fn hosts_of_every_form() {
        assert_eq!(of("/v1"), None);
        for (uri, host) in [
            ("https://api.groq.com/v1", "api.groq.com"),
            ("https://api.groq.com:443/v1", "api.groq.com"),
            ("https://API.Groq.com:443/v1", "api.groq.com"),
            ("http://user:pass@api.x.ai:80/", "api.x.ai"),
            ("http://[::1]:80/", "[::1]"),
            ("http://[::1]/", "[::1]"),
            ("h:80", "h"),
        ] {
            assert_eq!(of(uri).as_deref(), Some(host), "{uri}");
        }
    }

    #[test]
    fn the_host_header_stands_in() {
        let request = Request::builder().uri("/v1").header("host", "H:80");
        let request = request.body(()).expect("a request");
        assert_eq!(Origin::of(&request).as_str(), Some("h"));
    }

    #[test]
    fn the_target_comes_first() {
        let target = Target::new("groq", "m");
        let mut request = Request::builder()
            .uri("http://h/")
            .body(())
            .expect("a request");
        request
            .extensions_mut()
            .insert(Call::new().with_target(target.clone()));
        let origin = Origin::of(&request);
        assert_eq!(origin.as_str(), Some("groq"));
        assert_eq!(origin.target(), Some(&target));
    }
}
