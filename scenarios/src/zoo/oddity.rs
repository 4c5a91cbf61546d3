//! Headers that depart from their dialect.

use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderValue, StatusCode};
use tollgate_test::{Answer, Asked};

use super::world::{Lie, Oddity};

/// Makes headers as odd as they are in this world.
pub(super) fn edit(oddity: Oddity) -> impl Fn(&Asked, Answer) -> Answer + Send + Sync {
    let answers = AtomicU64::new(0);
    move |_, answer| {
        let before = answers.fetch_add(1, Ordering::Relaxed);
        let rejected = answer.status() == StatusCode::TOO_MANY_REQUESTS;
        match oddity {
            Oddity::Stop(after) if before >= after => answer.map_headers(silence),
            Oddity::RejectionsOnly if !rejected => answer.map_headers(silence),
            Oddity::Lie(Lie::OneSecond) if rejected => answer.map_headers(one_second),
            _ => answer,
        }
    }
}

fn silence(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().cloned().collect();
    let limits = names
        .iter()
        .filter(|name| name.as_str().contains("ratelimit"));
    limits.for_each(|name| drop(headers.remove(name)));
}

fn one_second(headers: &mut HeaderMap) {
    headers.remove("retry-after-ms");
    headers.insert("retry-after", HeaderValue::from_static("1"));
}
