//! One row of a bench.

use std::{fmt, future::poll_fn, hint::black_box, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::{runtime::Runtime, time::Instant};
use tower_service::Service;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

const COUNTED_CALLS: u64 = 1_000;
const TIMED_CALLS: u64 = 20_000;
const ROUNDS: u32 = 15;

/// What one call costs, the request it takes included.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Figures {
    /// Time, the least of several rounds.
    pub ns: f64,
    /// Allocations.
    pub allocs: f64,
    /// Bytes allocated.
    pub bytes: f64,
    /// Instructions, where callgrind ran.
    pub ir: Option<f64>,
}

type Calls = Box<dyn FnMut(&Runtime, u64)>;

/// A named service, ready to be measured.
pub struct Row {
    pub(crate) name: String,
    /// The bare client is part of each call, so a table takes it off.
    pub(crate) over_bare: bool,
    calls: Calls,
}

impl Row {
    /// A row for a service that is called with clones of this request, one after the other.
    ///
    /// The clone is part of every row, so it cancels out where rows are compared.
    pub fn new<S, R>(name: impl Into<String>, request: Request<Full<Bytes>>, mut service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<R>, Error: fmt::Debug> + 'static,
        R: 'static,
    {
        let calls = move |runtime: &Runtime, n: u64| {
            runtime.block_on(async {
                for _ in 0..n {
                    poll_fn(|cx| service.poll_ready(cx))
                        .await
                        .expect("the mock is ready");
                    let response = service.call(black_box(request.clone())).await;
                    drop(black_box(response.expect("the mock answers")));
                }
            });
        };
        Self {
            name: name.into(),
            over_bare: true,
            calls: Box::new(calls),
        }
    }

    /// A row for a function that is called again and again.
    pub fn plain(name: impl Into<String>, mut function: impl FnMut() + 'static) -> Self {
        let calls = move |_: &Runtime, n: u64| (0..n).for_each(|_| function());
        Self {
            name: name.into(),
            over_bare: false,
            calls: Box::new(calls),
        }
    }

    /// Just makes `n` calls: what callgrind looks at.
    pub(crate) fn call(&mut self, runtime: &Runtime, n: u64) {
        (self.calls)(runtime, n);
    }

    /// Allocations and time.
    pub(crate) fn measure(&mut self, runtime: &Runtime) -> Figures {
        (self.calls)(runtime, COUNTED_CALLS);
        let region = Region::new(ALLOCATOR);
        (self.calls)(runtime, COUNTED_CALLS);
        let counted = region.change();
        // A `realloc` is an allocation too: it moves bytes.
        let allocs = counted.allocations + counted.reallocations;
        let least = (0..ROUNDS)
            .map(|_| self.time(runtime))
            .min()
            .unwrap_or_default();
        let per_call = |n: f64, calls: u64| n / calls as f64;
        Figures {
            ns: per_call(least.as_nanos() as f64, TIMED_CALLS),
            allocs: per_call(allocs as f64, COUNTED_CALLS).round(),
            bytes: per_call(counted.bytes_allocated as f64, COUNTED_CALLS).round(),
            ir: None,
        }
    }

    fn time(&mut self, runtime: &Runtime) -> Duration {
        let start = Instant::now();
        (self.calls)(runtime, TIMED_CALLS);
        start.elapsed()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.name).finish()
    }
}
