//! The classifier that knows the providers.

use tollgate_core::{Classification, Quota};

use crate::{Answer, Classifier, dialect, quota, reading};

/// The classifier that comes with the layer: knows the providers by name or host, and reads the rest
/// by the shapes they have in common.
///
/// What decides, the strongest first: a structured code or type, a phrase known to be the provider's,
/// a header, the status. Text never overrules a 400, 401, 403, 404, 413 or 422, because such an
/// answer may quote what the user wrote. Only the start of a message does, up to the first quotation:
/// where it says that money is used up, or a 403 that a rate limit or a quota is. What gateways put in
/// front of a message ("litellm.RateLimitError: ", "HTTP 429: ") is no part of it.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use tollgate_classify::{Answer, Builtin, Classifier};
/// use tollgate_core::Class;
///
/// let headers = HeaderMap::new();
/// let body = br#"{"error":{"type":"insufficient_quota","message":"..."}}"#;
/// let answer = Answer::new(StatusCode::TOO_MANY_REQUESTS, &headers).with_body(body);
/// let seen = Builtin.classify(&answer).unwrap();
/// assert_eq!(seen.class(), Class::QuotaExhausted);
/// assert_eq!(seen.evidence(), "error.type = insufficient_quota");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "written `Builtin` wherever it is used"
)]
pub struct Builtin;

impl Classifier for Builtin {
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
        Some(reading::read(answer))
    }

    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        quota::of(answer, || dialect::windows_of(answer.origin()?))
    }

    /// Also where nothing is known about who answers.
    fn hides_errors(&self, origin: Option<&str>) -> bool {
        origin.is_none_or(dialect::hides_errors)
    }
}
