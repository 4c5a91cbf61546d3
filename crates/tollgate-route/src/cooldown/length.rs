//! For how long a target cools down after an answer.

use std::time::Duration;

use tollgate_core::{Class, Classification, LimitKind};

/// No cooldown is longer, whatever was told.
pub(crate) const LONGEST: Duration = Duration::from_secs(86_400);

/// Where nothing at all was said.
const UNTOLD: Duration = Duration::from_secs(300);

/// Too many calls at once: some of them end soon.
const CONCURRENCY: Duration = Duration::from_secs(1);

/// A wait of "0" says no more than that nobody knows.
const SHORTEST: Duration = Duration::from_secs(1);

/// How long a target is left alone after this answer, and whether the provider said so; `None` if it is
/// not.
///
/// After a limit or an exhausted quota, and where a provider without capacity says when to come
/// back: as long as it says, else the length of the window it names. After a refused key, and where a
/// model is not there (`elsewhere`): for a while. All other failures are the business of a breaker.
pub(crate) fn length(seen: &Classification, elsewhere: bool) -> Option<(Duration, bool)> {
    let cools = match seen.class() {
        Class::RateLimited | Class::QuotaExhausted | Class::Auth => true,
        Class::Overloaded => seen.wait().is_some(),
        Class::InvalidRequest => elsewhere,
        _ => false,
    };
    if matches!(seen.class(), Class::Auth | Class::InvalidRequest) {
        return cools.then_some((UNTOLD, false));
    }
    let concurrency = (seen.limit() == Some(LimitKind::Concurrency)).then_some(CONCURRENCY);
    let told = seen
        .wait()
        .or_else(|| seen.window().map(tollgate_core::Window::length))
        .or(concurrency);
    let stated = seen.wait().is_some();
    cools.then(|| (told.unwrap_or(UNTOLD).clamp(SHORTEST, LONGEST), stated))
}

/// After a redirect: somebody set an address that is no longer right.
pub(crate) const REDIRECTED: Duration = UNTOLD;

#[cfg(test)]
mod tests {
    use tollgate_core::Window;

    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn of(class: Class) -> Classification {
        Classification::new(class)
    }

    #[test]
    fn the_wait_counts_then_the_window_then_a_guess() {
        let limited = || of(Class::RateLimited);
        let told = limited().with_wait(s(1_367)).with_window(Window::Day);
        for (seen, cools) in [
            (told, s(1_367)),
            (limited().with_wait(Duration::from_millis(200)), s(1)),
            (limited().with_wait(Duration::ZERO), s(1)),
            (limited().with_wait(s(40 * 86_400)), s(86_400)),
            (limited().with_wait(Duration::MAX), s(86_400)),
            (limited().with_window(Window::Minute), s(60)),
            (limited().with_window(Window::Second), s(1)),
            (limited().with_window(Window::Month), s(86_400)),
            (limited().with_limit(LimitKind::Concurrency), s(1)),
            (limited().with_limit(LimitKind::Tokens), s(300)),
            (of(Class::QuotaExhausted), s(300)),
            (
                of(Class::QuotaExhausted).with_window(Window::Day),
                s(86_400),
            ),
            (of(Class::Overloaded).with_wait(s(7)), s(7)),
        ] {
            let stated = seen.wait().is_some();
            assert_eq!(length(&seen, false), Some((cools, stated)), "{seen}");
        }
    }

    #[test]
    fn faults_are_no_reason() {
        assert_eq!(length(&of(Class::Overloaded), false), None);
        let refused = Some((s(300), false));
        assert_eq!(length(&of(Class::Auth).with_wait(s(9)), false), refused);
        assert_eq!(length(&of(Class::InvalidRequest), true), refused);
        for class in Class::ALL {
            let throttle = matches!(
                class,
                Class::RateLimited | Class::QuotaExhausted | Class::Overloaded | Class::Auth
            );
            let seen = of(class).with_wait(s(9));
            assert_eq!(length(&seen, false).is_some(), throttle, "{class}");
        }
    }
}
