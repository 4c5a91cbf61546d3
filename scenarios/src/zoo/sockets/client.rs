//! The stacks that make the calls.

use bytes::Bytes;
use http_body_util::Full;
use tollgate::{
    BoxClient, Stack,
    stack::{BuildError, Off},
};

use super::{play::Observer, shape::Shape};

/// What the stack knows of the limit beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// It has no limiter.
    Off,
    Untold,
    /// The requests a minute.
    Told,
    /// The limit and its shape.
    Exact,
}

impl Client {
    pub(super) const ALL: [Self; 4] = [Self::Off, Self::Untold, Self::Told, Self::Exact];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Untold => "untold",
            Self::Told => "told",
            Self::Exact => "exact",
        }
    }

    /// The default stack but for the limiter, around tollgate's own client.
    pub(super) fn stack(
        self,
        shape: Shape,
        observer: Option<Observer>,
    ) -> Result<BoxClient<Full<Bytes>>, BuildError> {
        let (stack, http) = (Stack::new().observer(observer), tollgate::Client::new());
        match self {
            Self::Off => stack.limit(|_| Off).boxed(http),
            Self::Untold => stack.boxed(http),
            Self::Told => stack
                .limit(|limit| limit.requests_per_minute(600))
                .boxed(http),
            Self::Exact => stack.limit(|limit| limit.limit(shape.limit())).boxed(http),
        }
    }
}
