//! Reads the waits that headers state in the open: `Retry-After` and its relatives.
//!
//! This is the one parser of these headers; the classify layer adds the dialects of providers on
//! top of it.

mod moment;
mod span;

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, header};

const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");
const X_MS_RETRY_AFTER_MS: HeaderName = HeaderName::from_static("x-ms-retry-after-ms");

/// The wait that the headers state: `retry-after-ms`, else `x-ms-retry-after-ms`, else
/// `retry-after`.
///
/// `retry-after` may be whole or decimal seconds or an HTTP date, as RFC 9110 has it. What servers send
/// against it is read too: spans with a unit (`7m`, `7 seconds`, `PT7S`), RFC 3339 dates, and seconds
/// or milliseconds since 1970 (a number from 1e9 or 1e12 on).
///
/// A moment is read relative to the response's own `Date` header, so that a skewed clock does no harm;
/// `now` stands in where that header is missing, and without either a moment is no hint. Where a
/// header comes more than once, the longest wait counts.
///
/// The wait is as told, rounded up to milliseconds and not capped. A well-formed `0` is zero.
/// Negative numbers, moments that have passed, `inf`, `NaN`, and what does not fit 64 bits of
/// milliseconds are no hint.
///
/// # Examples
///
/// ```
/// use http::HeaderMap;
/// use std::time::Duration;
/// use tollgate_core::retry_after;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("retry-after", "1.5".parse().unwrap());
/// assert_eq!(retry_after::wait(&headers, None), Some(Duration::from_millis(1500)));
/// headers.insert("retry-after", "7m".parse().unwrap());
/// assert_eq!(retry_after::wait(&headers, None), Some(Duration::from_secs(420)));
/// headers.insert("retry-after", "inf".parse().unwrap());
/// assert_eq!(retry_after::wait(&headers, None), None);
/// ```
#[must_use]
pub fn wait(headers: &HeaderMap, now: Option<SystemTime>) -> Option<Duration> {
    if headers.is_empty() {
        return None;
    }
    longest(headers, &RETRY_AFTER_MS, millis)
        .or_else(|| longest(headers, &X_MS_RETRY_AFTER_MS, millis))
        .or_else(|| {
            longest(headers, &header::RETRY_AFTER, |text| {
                let now = || date(headers).or(now);
                match seconds(text) {
                    Some(time) if time.as_secs() < 1_000_000_000 => Some(time),
                    Some(time) => moment::until_epoch(time, now()?),
                    None => span::read(text).or_else(|| moment::until(text, now()?)),
                }
            })
        })
}

/// The response's own idea of now: its `Date` header.
#[must_use]
pub fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    httpdate::parse_http_date(text.trim()).ok()
}

/// Whole or decimal milliseconds, rounded up. `None` for anything that is not a finite number of
/// zero or more, or does not fit.
#[must_use]
pub fn millis(text: &str) -> Option<Duration> {
    decimal(text.trim(), 0)
}

/// Whole or decimal seconds, with or without an `s` behind them, rounded up to milliseconds.
#[must_use]
pub fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    decimal(text.strip_suffix('s').unwrap_or(text), 3)
}

/// Reads digits with at most one point as a whole number of `10^-places`, rounded up. In integers,
/// so that nothing is lost to binary fractions.
fn decimal(text: &str, places: u32) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    // `u64::from_str` would also read "+5".
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let (kept, cut) = fraction.split_at(fraction.len().min(places as usize));
    let mut ms = whole.checked_mul(10_u64.pow(places))?;
    if !kept.is_empty() {
        let missing = places - u32::try_from(kept.len()).ok()?;
        ms = ms.checked_add(kept.parse::<u64>().ok()? * 10_u64.pow(missing))?;
    }
    if cut.bytes().any(|b| b != b'0') {
        ms = ms.checked_add(1)?;
    }
    Some(Duration::from_millis(ms))
}

/// The longest wait among all values of a header, each of which may hold several, joined by commas.
fn longest(
    headers: &HeaderMap,
    name: &HeaderName,
    parse: impl Fn(&str) -> Option<Duration>,
) -> Option<Duration> {
    let values = headers.get_all(name).into_iter();
    let texts = values.filter_map(|value: &HeaderValue| value.to_str().ok());
    texts
        .filter_map(|text| {
            // A date holds a comma itself, so the whole value comes first.
            parse(text).or_else(|| text.split(',').filter_map(&parse).max())
        })
        .max()
}

#[cfg(test)]
mod tests;
