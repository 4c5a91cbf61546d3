//! A provider whose `Retry-After` says anything.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::time::Instant;
use tollgate_core::Random;
use tollgate_test::{Answer, Asked};

/// When the run begins, by the provider's clock.
pub(crate) const DAWN: Duration = Duration::from_secs(1_750_000_000);

/// Replaces what each rejection says about the wait: by one lie of twelve, or by the truth.
pub(crate) fn retry_after(seed: u64) -> impl Fn(&Asked, Answer) -> Answer + Send + Sync {
    let random = Random::seeded(seed ^ 0x6c69_6573);
    let start = Instant::now();
    move |_, answer| {
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            return answer;
        }
        let told = answer.headers().get("retry-after");
        let truth = told.and_then(|it| it.to_str().ok()?.parse().ok());
        let truth: u64 = truth.unwrap_or(1);
        let now = SystemTime::UNIX_EPOCH + DAWN + start.elapsed();
        let hour = Duration::from_secs(3_600 + truth);
        let lie = match (random.unit() * 12.0) as u32 {
            0 => "0".to_owned(),
            1 => "-1".to_owned(),
            2 => truth.saturating_sub(1).to_string(),
            3 => truth.to_string(),
            4 => (truth * 10).to_string(),
            5 => (10 * 365 * 86_400).to_string(),
            6 => "1e400".to_owned(),
            7 => "inf".to_owned(),
            8 => "NaN".to_owned(),
            9 => "Wed, 21 Oct 2015 07:28:00 GMT".to_owned(),
            10 => httpdate::fmt_http_date(now + hour),
            _ => "soon; ".repeat(50),
        };
        answer.header("retry-after", lie)
    }
}
