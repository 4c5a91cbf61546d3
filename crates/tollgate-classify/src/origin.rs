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
    Authority { authority: Authority, host: usize },
    Host(Box<str>),
}

impl Origin {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        if let Some(target) = Call::of(request).and_then(Call::target) {
            return Self::Target(target.clone());
        }
        if let Some(authority) = request.uri().authority() {
            if let Some(host) = plain_host(authority.as_str()) {
                let authority = authority.clone();
                return Self::Authority { authority, host };
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
            Self::Authority { authority, host } => authority.as_str().get(..*host),
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

/// How long the host is, in an authority that begins with one in lower case: no user, no address in
/// brackets.
fn plain_host(authority: &str) -> Option<usize> {
    let bytes = authority.as_bytes();
    // Upper case lies between these two.
    let odd = |byte: &u8| (b'@'..=b'[').contains(byte);
    // Without an early end this is a few wide instructions.
    if bytes.iter().fold(false, |any, byte| any | odd(byte)) {
        return None;
    }
    match bytes.last()? {
        // Only a port (or an address) ends in a digit.
        b'0'..=b'9' | b':' => bytes.iter().position(|byte| *byte == b':'),
        _ => None,
    }
    .or(Some(bytes.len()))
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
