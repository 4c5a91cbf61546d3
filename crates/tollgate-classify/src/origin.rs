//! Who a call goes to, kept small until the answer is there.

use std::fmt;

use http::Request;
use tollgate_core::{Call, Target, host_of};

/// Who a call goes to: the target somebody set, else the host in lower case.
///
/// Made for every call and read for few, so the host is copied in place and nothing is allocated.
#[derive(Clone)]
pub(crate) enum Origin {
    Unknown,
    Target(Target),
    Host { len: u8, text: [u8; INLINE] },
    LongHost(Box<str>),
}

/// Holds every host name of a provider seen so far; a name of DNS may have 253 bytes.
const INLINE: usize = 62;

impl Origin {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        if let Some(target) = Call::of(request).and_then(Call::target) {
            return Self::Target(target.clone());
        }
        host_of(request).map_or(Self::Unknown, Self::host)
    }

    fn host(host: &str) -> Self {
        let mut text = [0; INLINE];
        let (Some(place), Ok(len)) = (text.get_mut(..host.len()), u8::try_from(host.len())) else {
            return Self::LongHost(host.to_ascii_lowercase().into());
        };
        place.copy_from_slice(host.as_bytes());
        text.make_ascii_lowercase();
        Self::Host { len, text }
    }

    /// The name of the provider, or the host.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::Target(target) => Some(target.provider()),
            Self::Host { len, text } => std::str::from_utf8(text.get(..usize::from(*len))?).ok(),
            Self::LongHost(host) => Some(host),
        }
    }

    pub(crate) const fn target(&self) -> Option<&Target> {
        match self {
            Self::Target(target) => Some(target),
            _ => None,
        }
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
    fn hosts_of_every_length() {
        assert_eq!(of("/v1"), None);
        assert_eq!(
            of("https://API.Groq.com:443/v1").as_deref(),
            Some("api.groq.com")
        );
        for len in [INLINE - 1, INLINE, INLINE + 1, 200] {
            let host = "H".repeat(len);
            assert_eq!(of(&format!("http://{host}/")), Some("h".repeat(len)));
        }
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
