//! A request on its way out, as an estimator sees it.

mod endpoint;

use std::{borrow::Cow, cell::OnceCell, fmt};

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Request, Uri};
use tollgate_core::{
    Call, JsonRequest, PromptContents, Replay, Target, authority_of, host_in, model_of,
};

use endpoint::Endpoint;

/// A request that waits to be sent: its head, and its body where the bytes are known.
///
/// Made without a copy and without an allocation. The body is read at most once, and only when
/// somebody asks for what is in it; a [`ReplayBody`](tollgate_core::ReplayBody) once for all layers.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use http_body_util::Full;
/// use tollgate_limit::Outgoing;
///
/// let request = Request::post("https://api.groq.com/openai/v1/chat/completions")
///     .body(Full::new(Bytes::from(r#"{"model":"llama-3.1-8b-instant","max_tokens":64}"#)))
///     .unwrap();
/// let outgoing = Outgoing::new(&request);
/// assert_eq!(outgoing.host(), Some("api.groq.com"));
/// assert_eq!(outgoing.model().as_deref(), Some("llama-3.1-8b-instant"));
/// assert_eq!(outgoing.output_cap(), Some(64));
/// ```
pub struct Outgoing<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    authority: Option<&'a str>,
    endpoint: Endpoint,
    body: Option<Bytes>,
    source: &'a dyn Source,
    in_path: OnceCell<Option<Cow<'a, str>>>,
    json: OnceCell<Option<Cow<'a, JsonRequest>>>,
}

/// A body, whatever its type.
trait Source {
    fn json(&self) -> Option<Cow<'_, JsonRequest>>;
}

impl<B: Replay> Source for B {
    fn json(&self) -> Option<Cow<'_, JsonRequest>> {
        Replay::json(self)
    }
}

impl<'a> Outgoing<'a> {
    /// A view of this request.
    #[must_use]
    pub fn new<B: Replay>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
            authority: authority_of(request),
            endpoint: Endpoint::of(request.uri().path()),
            body: request.body().bytes(),
            source: request.body(),
            in_path: OnceCell::new(),
            json: OnceCell::new(),
        }
    }

    /// Its method.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        self.method
    }

    /// Where it goes.
    #[must_use]
    pub const fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// Its headers.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// Its extensions.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        self.extensions
    }

    /// What somebody above said about the call.
    #[must_use]
    pub fn call(&self) -> Option<&'a Call> {
        self.extensions.get()
    }

    /// The host it goes to, as written, without a port.
    #[must_use]
    pub fn host(&self) -> Option<&'a str> {
        host_in(self.uri, self.headers)
    }

    /// The host it goes to, as written, with its port where that is not the usual one of its scheme.
    #[must_use]
    pub const fn authority(&self) -> Option<&'a str> {
        self.authority
    }

    /// All bytes of its body; `None` where they are not known beforehand.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The model it asks for: the one in its path, else in its JSON body.
    #[must_use]
    pub fn model(&self) -> Option<Cow<'_, str>> {
        let in_path = self.in_path.get_or_init(|| model_of(self.uri, None));
        match in_path {
            Some(model) => Some(Cow::Borrowed(model)),
            None => self.json()?.model(),
        }
    }

    /// What its body asks for, where it is a JSON object.
    #[must_use]
    pub fn json(&self) -> Option<&JsonRequest> {
        let json = self.json.get_or_init(|| self.source.json());
        json.as_deref()
    }

    /// Where it goes, by name: what its [`Call`] says, else its [authority](Self::authority) and model. `None` where there
    /// is no host either.
    #[must_use]
    pub fn target(&self) -> Option<Cow<'a, Target>> {
        if let Some(target) = self.call().and_then(Call::target) {
            return Some(Cow::Borrowed(target));
        }
        let host = self.authority?.to_ascii_lowercase();
        Some(Cow::Owned(match self.model() {
            Some(model) => Target::new(host, &*model),
            None => Target::provider_only(host),
        }))
    }

    /// The most tokens of answer that its JSON body allows, for all the answers it asks for
    /// together: `max_tokens` and whatever else it is called, times `n`. `None` where it sets no cap.
    #[must_use]
    pub fn output_cap(&self) -> Option<u64> {
        let json = self.json()?;
        Some(json.output_cap()?.saturating_mul(json.answers()))
    }

    /// How many answers its JSON body asks for (`n`, `candidateCount`): 1 unless it says so, at most
    /// 128.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.json().map_or(1, JsonRequest::answers)
    }

    /// How many requests it counts as.
    pub(crate) fn requests(&self) -> u64 {
        match self.endpoint.counts_batched {
            true => self.json().map_or(1, |json| json.batched().max(1)),
            false => 1,
        }
    }

    /// What its path says about it.
    pub(crate) const fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// What its JSON body holds besides text.
    pub(crate) fn contents(&self) -> PromptContents {
        self.json()
            .map(JsonRequest::contents)
            .copied()
            .unwrap_or_default()
    }

    /// Whether its prompt is what its bytes say, and nothing more. A conversation that the provider
    /// keeps, a file, a link or a tool of the provider makes a prompt of any length out of a few
    /// bytes.
    pub(crate) fn is_all_text(&self) -> bool {
        self.json()
            .is_some_and(|json| !json.continues() && !json.contents().elsewhere)
    }

    /// Whether its body is one JSON object.
    pub(crate) fn is_json(&self) -> bool {
        self.json().is_some()
    }
}

impl fmt::Debug for Outgoing<'_> {
    /// The method and the host: nothing that may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", self.method)
            .field("host", &self.host())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
