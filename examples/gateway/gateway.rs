//! What all requests share.

use bytes::Bytes;
use http_body_util::Full;
use tollgate::{BoxClient, Client, Stack, route, stack};

use crate::body;

/// A stack that routes: what the gateway is made of.
pub(crate) type Routed = Stack<route::Builder>;

/// The stack around a client, and a hand on its layers. Clones are the same gateway.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    pub(crate) client: BoxClient<Full<Bytes>>,
    pub(crate) handle: stack::Handle,
}

impl Gateway {
    pub(crate) fn new(stack: Routed) -> Result<Self, stack::BuildError> {
        let layer = stack
            .keep_bodies(body::MOST)
            .router(route::Builder::response_headers)
            .build()?;
        Ok(Self {
            client: layer.boxed(Client::new()),
            handle: layer.handle(),
        })
    }
}
