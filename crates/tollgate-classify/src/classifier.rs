//! How a classifier of one's own plugs in.

use std::{fmt, time::SystemTime};

use http::{HeaderMap, StatusCode};
use tollgate_core::{Classification, Quota, WallClock};

/// One answer of a provider, as a classifier sees it.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    origin: Option<&'a str>,
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a [u8],
    clock: Option<&'a dyn WallClock>,
}

impl<'a> Answer<'a> {
    /// An answer with this head, whose body was not read.
    #[must_use]
    pub const fn new(status: StatusCode, headers: &'a HeaderMap) -> Self {
        Self {
            origin: None,
            status,
            headers,
            body: &[],
            clock: None,
        }
    }

    /// Says who answered: the name of a provider (`groq`) or a host (`api.groq.com`), without a port.
    #[must_use]
    pub const fn with_origin(mut self, origin: Option<&'a str>) -> Self {
        self.origin = origin;
        self
    }

    /// Adds the bytes of the body that were read: its start, or all of it. For an event stream, its
    /// first event.
    #[must_use]
    pub const fn with_body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        self
    }

    /// Adds a clock, for resets that are given as a time of day.
    #[must_use]
    pub const fn with_clock(mut self, clock: &'a dyn WallClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Who answered: the name of a provider, or a host.
    #[must_use]
    pub const fn origin(&self) -> Option<&'a str> {
        self.origin
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What was read of the body. May be cut anywhere.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// When the answer was made: its own `Date` header, else the clock. Read it only where a time
    /// of day must be turned into a wait.
    #[must_use]
    pub fn now(&self) -> Option<SystemTime> {
        tollgate_core::retry_after::date(self.headers).or_else(|| Some(self.clock?.now()))
    }
}

/// Tells what an answer means.
///
/// The built-in one knows the providers and reads the rest by their common shapes. One's own needs
/// to say something only about what it knows better: `None` means "no opinion" and leaves the answer
/// to the built-in one.
///
/// # Examples
///
/// A provider that says 420 when it is busy, and writes its limits into headers of its own:
///
/// ```
/// use std::time::Duration;
/// use tollgate_classify::{Answer, Classifier, ClassifyLayer};
/// use tollgate_core::{Class, Classification, LimitKind, Quota, Window, retry_after};
///
/// #[derive(Debug)]
/// struct Acme;
///
/// impl Classifier for Acme {
///     fn classify(&self, answer: &Answer<'_>) -> Option<Classification> {
///         if answer.origin() != Some("llm.acme.example") || answer.status() != 420 {
///             return None;
///         }
///         let wait = retry_after::wait(answer.headers(), answer.now());
///         let seen = Classification::new(Class::RateLimited)
///             .with_limit(LimitKind::Requests)
///             .with_wait(wait.or(Some(Duration::from_secs(5))))
///             .with_evidence("status 420");
///         Some(seen)
///     }
///
///     fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
///         let left = answer.headers().get("x-acme-left")?.to_str().ok()?;
///         let mut quota = Quota::new();
///         quota.entry(LimitKind::Requests, Some(Window::Minute))?.remaining = left.parse().ok();
///         Some(quota)
///     }
/// }
///
/// let layer = ClassifyLayer::builder().classifier(Acme).build()?;
/// # let _ = layer;
/// # Ok::<(), tollgate_classify::ConfigError>(())
/// ```
pub trait Classifier: fmt::Debug + Send + Sync {
    /// What the answer means; `None` for no opinion.
    ///
    /// Asked about every status of 400 and above, and about a success whose body was read, or whose stream
    /// carries what may be an error event (then a success may be said with
    /// [`Class::Ok`](tollgate_core::Class::Ok)).
    fn classify(&self, answer: &Answer<'_>) -> Option<Classification>;

    /// What the headers say about limits; `None` for no opinion.
    ///
    /// Asked about every answer that has headers, the ordinary success included: must be quick where there is nothing
    /// to find. The body is not there yet.
    fn quota(&self, answer: &Answer<'_>) -> Option<Quota> {
        let _ = answer;
        None
    }

    /// Whether this provider puts errors into JSON answers with status 200, so that their start must
    /// be read. Of others only the first bytes are, to see whether they look like an error.
    fn hides_errors(&self, origin: Option<&str>) -> bool {
        let _ = origin;
        false
    }
}
