//! Who a request is for, found out when it must be known.

use std::borrow::Cow;

use http::{Request, header};
use tollgate_core::{Call, Replay, ReplayBody, Target, model_of};

/// Who a request is for. Its body is read only where somebody wants to know.
#[derive(Debug)]
pub(crate) enum Asked {
    /// It says so, or it was found out.
    Known(Option<Target>),
    /// What must be read to know.
    Later(Box<Request<ReplayBody<()>>>),
}

impl Asked {
    pub(crate) fn of<B: Replay>(request: &Request<B>) -> Self {
        if let Some(target) = Call::of(request).and_then(Call::target) {
            return Self::Known(Some(target.clone()));
        }
        let body = request.body().to_whole();
        let mut kept = Request::new(body.unwrap_or_else(|| ReplayBody::whole("")));
        kept.uri_mut().clone_from(request.uri());
        // Only where the address has no host of its own: a first header allocates.
        if request.uri().host().is_none() {
            if let Some(host) = request.headers().get(header::HOST) {
                kept.headers_mut().insert(header::HOST, host.clone());
            }
        }
        Self::Later(Box::new(kept))
    }

    /// Finds out, once.
    pub(crate) fn target(&mut self) -> Option<&Target> {
        if let Self::Later(request) = self {
            *self = Self::Known(Target::from_request(request));
        }
        match self {
            Self::Known(target) => target.as_ref(),
            Self::Later(_) => None,
        }
    }
}

/// The model named by a request, before any router chooses a target. All layers share one reading of the body.
pub(crate) fn model<B: Replay>(request: &Request<B>) -> Option<String> {
    let in_path = model_of(request.uri(), None).map(Cow::into_owned);
    in_path.or_else(|| request.body().json()?.model().map(Cow::into_owned))
}
