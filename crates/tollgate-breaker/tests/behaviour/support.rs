//! A provider that answers by script, and a client that asks it through a breaker.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use tollgate_breaker::{Breaker, BreakerLayer, Builder, Event, GuardBody, Handle};
use tollgate_core::{BoxError, Random, Rejected, StaleConnection, Target};
use tollgate_test::Recorder;
use tower::{Service, ServiceExt};
use tower_layer::Layer;

pub(crate) const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What a provider does with one call.
#[derive(Debug)]
pub(crate) enum Step {
    Answer(Response<Frames>),
    Fail(io::ErrorKind),
    /// A connection that had been used before broke.
    Stale,
    Refuse(Rejected),
    Hang,
    /// Not at once.
    After(Duration, u16),
    /// Pending so many times, then a 200 with three frames.
    Yield(u32),
    PanicInCall,
    PanicInPoll,
}

pub(crate) fn status(code: u16) -> Step {
    Step::Answer(response(code))
}

pub(crate) fn response(code: u16) -> Response<Frames> {
    let response = Response::builder().status(code);
    response.body(Frames::default()).expect("a response")
}

/// A status that says when to come back.
pub(crate) fn told(code: u16, seconds: u64) -> Step {
    let mut response = response(code);
    response.headers_mut().insert("retry-after", seconds.into());
    Step::Answer(response)
}

/// A body of these frames; an error is the last of them.
#[derive(Debug, Default)]
pub(crate) struct Frames(pub(crate) VecDeque<Result<Bytes, io::ErrorKind>>);

impl Frames {
    pub(crate) fn of(
        frames: impl IntoIterator<Item = Result<&'static str, io::ErrorKind>>,
    ) -> Self {
        let bytes = frames.into_iter().map(|frame| frame.map(Bytes::from));
        Self(bytes.collect())
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let frame = self.0.pop_front();
        Poll::Ready(frame.map(|frame| frame.map(Frame::data).map_err(io::Error::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }
}

/// Answers by script, then with 200 for ever. Clones share the script.
#[derive(Debug, Clone, Default)]
pub(crate) struct Provider(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    script: VecDeque<Step>,
    calls: u32,
}

impl Provider {
    pub(crate) fn does(&self, steps: impl IntoIterator<Item = Step>) {
        self.0.lock().expect("no panic").script.extend(steps);
    }

    pub(crate) fn calls(&self) -> u32 {
        self.0.lock().expect("no panic").calls
    }
}

pub(crate) type Answer = Result<Response<Frames>, BoxError>;

impl Service<Request<()>> for Provider {
    type Response = Response<Frames>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let step = {
            let mut inside = self.0.lock().expect("no panic");
            inside.calls += 1;
            inside.script.pop_front()
        };
        if let Some(Step::PanicInCall) = step {
            panic!("in call");
        }
        Box::pin(async move {
            match step {
                None => Ok(response(200)),
                Some(Step::Answer(answer)) => Ok(answer),
                Some(Step::Fail(kind)) => Err(io::Error::from(kind).into()),
                Some(Step::Stale) => {
                    let reset = io::Error::from(io::ErrorKind::ConnectionReset);
                    Err(StaleConnection::new(reset).into())
                }
                Some(Step::Refuse(rejected)) => Err(rejected.into()),
                Some(Step::After(time, code)) => {
                    tokio::time::sleep(time).await;
                    Ok(response(code))
                }
                Some(Step::Yield(times)) => {
                    for _ in 0..times {
                        tokio::task::yield_now().await;
                    }
                    let frames = Frames::of([Ok("a"), Ok("b"), Ok("c")]);
                    Ok(response(200).map(|_| frames))
                }
                Some(Step::Hang) => std::future::pending().await,
                Some(Step::PanicInCall | Step::PanicInPoll) => panic!("in poll"),
            }
        })
    }
}

pub(crate) type Client<S = Provider> = Breaker<S, Recorder<Event>>;

/// What is drawn for an open time: up to a tenth more.
pub(crate) fn drawn(least: Duration, draws: &Random) -> Duration {
    let tenth = (least / 10).as_nanos() as f64;
    least + Duration::from_nanos((tenth * draws.unit()) as u64)
}

/// A provider behind a breaker, and all there is to see of it.
pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
    pub(crate) handle: Handle,
    pub(crate) seen: Recorder<Event>,
}

/// The jitter of every test.
pub(crate) fn jitter() -> Random {
    Random::seeded(7)
}

pub(crate) fn layer(builder: Builder) -> (BreakerLayer<Recorder<Event>>, Handle, Recorder<Event>) {
    let seen = Recorder::new();
    let builder = builder.random(jitter()).observer(seen.clone());
    let (layer, handle) = builder.build_with_handle().expect("good settings");
    (layer, handle, seen)
}

pub(crate) fn world(builder: Builder) -> World {
    let (layer, handle, seen) = layer(builder);
    let provider = Provider::default();
    World {
        client: layer.layer(provider.clone()),
        provider,
        handle,
        seen,
    }
}

pub(crate) fn host() -> Target {
    Target::provider_only("api.test")
}

pub(crate) fn request() -> Request<()> {
    let request = Request::post("https://api.test/v1/chat/completions");
    request.body(()).expect("a request")
}

pub(crate) type Guarded = Response<GuardBody<Frames, Recorder<Event>>>;

/// Makes a call; its status, or why it was refused.
pub(crate) async fn ask<S>(client: &mut S) -> Result<u16, Rejected>
where
    S: Service<Request<()>, Response = Guarded, Error = BoxError>,
{
    let answer = client.ready().await.expect("ready").call(request()).await;
    let refused = |error: BoxError| Rejected::find(error.as_ref()).cloned();
    match answer {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => refused(error).map_or(Ok(0), Err),
    }
}

impl World {
    pub(crate) async fn ask(&mut self) -> Result<u16, Rejected> {
        ask(&mut self.client).await
    }

    /// Asks once per step, and expects not to be refused.
    pub(crate) async fn play(&mut self, steps: impl IntoIterator<Item = Step>) {
        for step in steps {
            self.provider.does([step]);
            self.ask().await.expect("let in");
        }
    }

    /// Fails until it opens, and waits until a probe may go out.
    pub(crate) async fn half_open(&mut self) {
        let fail = || status(500);
        self.play((0..5).map(|_| fail())).await;
        let left = self.handle.status(&host()).left().expect("it has an end");
        assert!(!left.is_zero(), "it did not open");
        tokio::time::advance(left).await;
    }

    pub(crate) fn state(&self) -> &'static str {
        self.handle.state(&host()).as_str()
    }
}
