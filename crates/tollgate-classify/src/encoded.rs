//! Reads error bodies that are compressed.

#[cfg(feature = "compressed")]
mod decode;

use std::borrow::Cow;

use http::{HeaderMap, header};

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// It is not.
    Identity,
    Gzip,
    /// The zlib format; what HTTP calls `deflate`.
    Zlib,
    Brotli,
    Zstd,
}

/// How the body of an answer is compressed. `None` where that is unknown, or more than once.
pub(crate) fn coding(headers: &HeaderMap) -> Option<Coding> {
    let mut found = Coding::Identity;
    for value in headers.get_all(header::CONTENT_ENCODING) {
        for name in value.as_bytes().split(|byte| *byte == b',') {
            let one = of_name(name.trim_ascii())?;
            if one != Coding::Identity && found != Coding::Identity {
                return None;
            }
            if one != Coding::Identity {
                found = one;
            }
        }
    }
    Some(found)
}

fn of_name(name: &[u8]) -> Option<Coding> {
    let is = |names: &[&str]| {
        names
            .iter()
            .any(|one| name.eq_ignore_ascii_case(one.as_bytes()))
    };
    if is(&["", "identity"]) {
        return Some(Coding::Identity);
    }
    if !cfg!(feature = "compressed") {
        return None;
    }
    if is(&["gzip", "x-gzip"]) {
        Some(Coding::Gzip)
    } else if is(&["deflate"]) {
        Some(Coding::Zlib)
    } else if is(&["br"]) {
        Some(Coding::Brotli)
    } else if is(&["zstd"]) {
        Some(Coding::Zstd)
    } else {
        None
    }
}

/// The text behind the start of a compressed body, `cap` bytes of it at most, whatever the body grows to.
/// What cannot be read is left out.
#[cfg_attr(
    not(feature = "compressed"),
    expect(unused_variables, reason = "nothing is decoded")
)]
pub(crate) fn decoded(bytes: Cow<'_, [u8]>, coding: Coding, cap: usize) -> Cow<'_, [u8]> {
    match coding {
        Coding::Identity => bytes,
        #[cfg(feature = "compressed")]
        coding => Cow::Owned(decode::text(&bytes, coding, cap)),
        #[cfg(not(feature = "compressed"))]
        _ => Cow::Borrowed(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&'static str]) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        for value in values {
            let value = http::HeaderValue::from_static(value);
            headers.append(header::CONTENT_ENCODING, value);
        }
        coding(&headers)
    }

    #[test]
    fn codings_by_their_names() {
        for plain in [&[][..], &[""], &["identity"], &["Identity", "identity"]] {
            assert_eq!(of(plain), Some(Coding::Identity), "{plain:?}");
        }
        for unknown in [
            &["gzip, br"][..],
            &["gzip", "gzip"],
            &["compress"],
            &["aws-chunked"],
        ] {
            assert_eq!(of(unknown), None, "{unknown:?}");
        }
        let known = cfg!(feature = "compressed");
        for (name, coding) in [
            ("gzip", Coding::Gzip),
            ("X-GZip", Coding::Gzip),
            ("deflate", Coding::Zlib),
            ("br", Coding::Brotli),
            ("identity, zstd", Coding::Zstd),
        ] {
            assert_eq!(of(&[name]), known.then_some(coding), "{name}");
        }
    }
}
