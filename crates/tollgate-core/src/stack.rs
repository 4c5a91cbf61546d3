//! Bounds whose compile errors are sentences.

use http::Request;
use tower_service::Service;

use crate::Replay;

/// Hands a service back unchanged, and states that it serves requests with the body `B`.
///
/// A wrong stack fails to compile here, with a sentence, instead of far away with a list of bounds.
///
/// # Examples
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tollgate_core::check;
///
/// let client = tower::service_fn(|_: Request<Full<Bytes>>| async {
///     Ok::<_, std::io::Error>(Response::new(Full::new(Bytes::new())))
/// });
/// let stack = check::<_, Full<Bytes>>(client);
/// # let _ = stack;
/// ```
pub fn check<S, B>(service: S) -> S
where
    S: Service<Request<B>>,
{
    service
}

/// [`check`] for a stack that sends requests again (retry, router): its body must be
/// [`Replay`] and the service `Clone`.
///
/// # Examples
///
/// ```compile_fail
/// use http::{Request, Response};
/// use tollgate_core::check_resend;
///
/// // error: the request body `hyper::body::Incoming` cannot be sent twice
/// let client = tower::service_fn(|_: Request<hyper::body::Incoming>| async {
///     Ok::<_, std::io::Error>(Response::new(()))
/// });
/// let stack = check_resend::<_, hyper::body::Incoming>(client);
/// ```
pub fn check_resend<S, B>(service: S) -> S
where
    B: Replay,
    S: Service<Request<B>> + Clone,
{
    service
}
