//! An answer before it is sent: status, headers and the pieces of its body.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::KitBody;

/// A canned answer.
///
/// [`Dialect`](crate::Dialect) makes them in the words of a provider; these constructors make any
/// other. It becomes an [`http::Response`] with any body that is made of [`Bytes`], so that a test
/// with `tower_test::mock` can send it.
///
/// # Examples
///
/// ```
/// use http::StatusCode;
/// use tollgate_test::{Answer, KitBody};
///
/// let answer = Answer::text(StatusCode::SERVICE_UNAVAILABLE, "try later").header("retry-after", "7");
/// let response = answer.into_response::<KitBody>();
/// assert_eq!(response.headers()["retry-after"], "7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    pieces: Vec<Bytes>,
    events: bool,
}

impl Answer {
    /// An answer without a body.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            pieces: Vec::new(),
            events: false,
        }
    }

    /// An answer with a JSON body.
    #[must_use]
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self::whole(status, "application/json", body.to_string())
    }

    /// An answer with a text body.
    #[must_use]
    pub fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self::whole(status, "text/plain; charset=utf-8", body.into())
    }

    /// A stream of server-sent events with status 200; each text is one event with its blank line
    /// at the end, and is sent as one piece.
    #[must_use]
    pub fn events(events: impl IntoIterator<Item = String>) -> Self {
        let pieces = events.into_iter().map(Bytes::from).collect();
        Self::stream("text/event-stream", pieces)
    }

    /// A stream of some kind with status 200, of unknown length.
    pub(crate) fn stream(kind: &'static str, pieces: Vec<Bytes>) -> Self {
        let mut answer = Self::new(StatusCode::OK).header("content-type", kind);
        answer.pieces = pieces;
        answer.events = true;
        answer
    }

    /// A stream goes on with the pieces of another after so many of its own.
    pub(crate) fn fail_after(&mut self, pieces: usize, error: Self) {
        if self.events {
            self.pieces.truncate(pieces);
            self.pieces.extend(error.pieces);
        }
    }

    fn whole(status: StatusCode, kind: &'static str, body: String) -> Self {
        let mut answer = Self::new(status).header("content-type", kind);
        answer.pieces.push(body.into());
        answer
    }

    /// Sets a header, in place of one of the same name.
    ///
    /// # Panics
    ///
    /// If the name or the value is not one that HTTP allows.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.set(name, value.as_ref());
        self
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        set(&mut self.headers, name, value);
    }

    pub(crate) fn extend(&mut self, headers: HeaderMap) {
        self.headers.extend(headers);
    }

    /// Changes the headers: takes some away, for instance.
    #[must_use]
    pub fn map_headers(mut self, change: impl FnOnce(&mut HeaderMap)) -> Self {
        change(&mut self.headers);
        self
    }

    /// Answers the same with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers. `Content-Length` and `Date` are added when it is sent.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// All bytes of the body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        if let [one] = &self.pieces[..] {
            return one.clone();
        }
        let mut all = BytesMut::new();
        for piece in &self.pieces {
            all.extend_from_slice(piece);
        }
        all.freeze()
    }

    /// The body as JSON; `None` where it is something else.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.body()).ok()
    }

    /// Whether it is a stream of events.
    #[must_use]
    pub const fn is_stream(&self) -> bool {
        self.events
    }

    pub(crate) fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The response, with a body of any type that is made of bytes: [`KitBody`], `Full<Bytes>`.
    ///
    /// A stream of events then comes in one piece; as [`Response<KitBody>`] through `From` it keeps
    /// its pieces.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        let body = B::from(self.body());
        self.head().map(|()| body)
    }

    /// The head. A stream has no known length; all else has.
    pub(crate) fn head(self) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if !self.events {
            let length: usize = self.pieces.iter().map(Bytes::len).sum();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

impl From<Answer> for Response<KitBody> {
    fn from(answer: Answer) -> Self {
        let body = KitBody::pieces(answer.pieces.iter().cloned(), !answer.events);
        answer.head().map(|()| body)
    }
}

/// Sets a header whose name and value this crate made.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes()).expect("a header name");
    let value = HeaderValue::from_str(value).expect("a header value");
    headers.insert(name, value);
}
