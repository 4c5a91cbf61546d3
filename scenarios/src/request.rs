//! What is sent.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;

use super::twist::Twist;

/// Which call a request belongs to.
pub(crate) const CALL: &str = "x-call";

pub(crate) type Req = Request<Full<Bytes>>;

/// The request of this call.
pub(crate) fn request(call: usize, twist: Twist) -> Req {
    let body: &[u8] = match twist {
        Twist::Slow => br#"{"model":"m","stream":true}"#,
        _ => br#"{"model":"m"}"#,
    };
    Request::post("/v1/chat/completions")
        .header(CALL, call)
        .body(Full::new(Bytes::from_static(body)))
        .expect("the parts are good")
}
