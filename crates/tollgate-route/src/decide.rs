//! What to do after an attempt, as a pure function of what came back.

use http::StatusCode;
use tollgate_core::{Class, Classification, LimitKind, Reason};

/// Where a call may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nowhere: what came back goes to the caller as it is.
    Deliver,
    /// To any target that was not tried.
    Anyone,
    /// To another account of the same provider, else to any target with another key: this one was
    /// refused.
    OtherKey,
    /// To a target that takes more than this one: the call is too long for it.
    Larger,
}

/// After an answer.
pub(crate) fn after_answer(status: StatusCode, seen: &Classification) -> Next {
    match seen.class() {
        Class::Ok => Next::Deliver,
        _ if !seen.try_elsewhere() => Next::Deliver,
        Class::Auth => Next::OtherKey,
        Class::InvalidRequest if is_too_long(status, seen) => Next::Larger,
        _ => Next::Anyone,
    }
}

/// After an error: its class, or the reason for which a layer below refused the call.
pub(crate) const fn after_error(class: Option<Class>, reason: Option<Reason>) -> Next {
    match (reason, class) {
        // There is no more time for another one either.
        (Some(Reason::DeadlineExceeded | Reason::Closed), _) => Next::Deliver,
        (Some(_), _) | (None, None) => Next::Anyone,
        (None, Some(class)) => match class {
            Class::Ok | Class::InvalidRequest => Next::Deliver,
            Class::Auth => Next::OtherKey,
            _ => Next::Anyone,
        },
    }
}

/// A call that is wrong for one model only is either too long for it, or asks for a model that is
/// not there. A classifier says which by what decided.
fn is_too_long(status: StatusCode, seen: &Classification) -> bool {
    let evidence = seen.evidence();
    let tokens = matches!(
        seen.limit(),
        Some(LimitKind::InputTokens | LimitKind::Tokens)
    );
    status == StatusCode::PAYLOAD_TOO_LARGE || tokens || evidence.contains("context")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(status: u16, seen: &Classification) -> Next {
        after_answer(StatusCode::from_u16(status).expect("a status"), seen)
    }

    #[test]
    fn every_class_has_its_way() {
        for (class, status, next) in [
            (Class::Ok, 200, Next::Deliver),
            (Class::Ok, 302, Next::Deliver),
            (Class::RateLimited, 429, Next::Anyone),
            (Class::RateLimited, 200, Next::Anyone),
            (Class::QuotaExhausted, 402, Next::Anyone),
            (Class::Overloaded, 529, Next::Anyone),
            (Class::ServerError, 500, Next::Anyone),
            (Class::Timeout, 504, Next::Anyone),
            (Class::Transport, 502, Next::Anyone),
            (Class::Auth, 401, Next::OtherKey),
            (Class::InvalidRequest, 400, Next::Deliver),
        ] {
            assert_eq!(after(status, &Classification::new(class)), next, "{class}");
        }
    }

    #[test]
    fn the_word_of_the_classifier_counts_more_than_the_class() {
        let wrong = || Classification::new(Class::InvalidRequest).with_try_elsewhere(true);
        assert_eq!(after(404, &wrong()), Next::Anyone, "a retired model");
        assert_eq!(after(413, &wrong()), Next::Larger);
        let code = "error.code = context_length_exceeded";
        assert_eq!(after(400, &wrong().with_evidence(code)), Next::Larger);
        assert_eq!(
            after(400, &wrong().with_limit(LimitKind::InputTokens)),
            Next::Larger
        );
        for class in Class::ALL {
            let stays = Classification::new(class).with_try_elsewhere(false);
            assert_eq!(after(429, &stays), Next::Deliver, "{class}");
        }
    }

    #[test]
    fn a_refusal_of_a_layer_below_sends_on_unless_time_is_up() {
        for reason in [
            Reason::QueueFull,
            Reason::WaitTooLong,
            Reason::CircuitOpen,
            Reason::TooLarge,
            Reason::StoreUnavailable,
        ] {
            assert_eq!(after_error(None, Some(reason)), Next::Anyone, "{reason}");
        }
        assert_eq!(
            after_error(None, Some(Reason::DeadlineExceeded)),
            Next::Deliver
        );
        assert_eq!(after_error(Some(Class::Timeout), None), Next::Anyone);
        assert_eq!(after_error(Some(Class::Transport), None), Next::Anyone);
    }
}
