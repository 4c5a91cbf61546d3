//! What the types promise, checked by the compiler.

use std::{convert::Infallible, future::Ready, io};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Full, combinators::BoxBody, combinators::UnsyncBoxBody};
use static_checks::*;
use tollgate_classify::{
    Classified, Classify, ClassifyBuilder, ClassifyLayer, ConfigError, Cut, PeekBody,
    future::ResponseFuture,
};

mod static_checks {
    pub(crate) const fn send<T: Send>() {}
    pub(crate) const fn sync<T: Sync>() {}
    pub(crate) const fn unpin<T: Unpin>() {}
    pub(crate) const fn clone<T: Clone>() {}
    pub(crate) const fn owned<T: 'static>() {}
}

type Answer<R> = Ready<io::Result<Response<R>>>;

const _: () = {
    send::<PeekBody<Full<Bytes>>>();
    sync::<PeekBody<Full<Bytes>>>();
    unpin::<PeekBody<Full<Bytes>>>();
    send::<PeekBody<BoxBody<Bytes, io::Error>>>();
    sync::<PeekBody<BoxBody<Bytes, io::Error>>>();
    unpin::<PeekBody<UnsyncBoxBody<Bytes, io::Error>>>();
    send::<PeekBody<UnsyncBoxBody<Bytes, io::Error>>>();
    send::<ResponseFuture<Answer<Full<Bytes>>, Full<Bytes>, tollgate_classify::Builtin, ()>>();
    send::<ClassifyLayer>();
    sync::<ClassifyLayer>();
    clone::<ClassifyLayer>();
    clone::<ClassifyBuilder>();
    owned::<ClassifyLayer>();
    send::<Classify<()>>();
    sync::<Classify<()>>();
    clone::<Classify<()>>();
    send::<Classified>();
    sync::<Classified>();
    clone::<Classified>();
    clone::<Cut>();
    clone::<ConfigError>();
};

/// Callers who box their services can.
#[tokio::test]
async fn under_a_box() {
    use tower::{Layer, ServiceExt, util::BoxCloneSyncService};
    let inner = tower::service_fn(|_: Request<()>| async {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("x"))))
    });
    let service = BoxCloneSyncService::new(ClassifyLayer::new().layer(inner));
    let answer = service.clone().oneshot(Request::new(())).await.expect("ok");
    assert_eq!(answer.status(), 200);
}

#[test]
fn the_body_is_as_small_as_it_can_be() {
    let inner = size_of::<Full<Bytes>>();
    assert_eq!(
        size_of::<PeekBody<Full<Bytes>>>(),
        inner + size_of::<usize>()
    );
}
