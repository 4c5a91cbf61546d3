//! Two real threads, many calls, a provider that falls ill and heals: nothing is left taken.

use tollgate_breaker::BreakerLayer;
use tower::{Service, ServiceExt};
use tower_layer::Layer;

use crate::support::{Provider, Step, host, request, status};

const CALLS: u32 = 20_000;

/// Makes calls; some are dropped before their end. Gives how many were let in.
async fn many(
    mut client: tollgate_breaker::Breaker<Provider>,
    handle: tollgate_breaker::Handle,
    provider: Provider,
    salt: u32,
) -> u32 {
    let mut passed = 0;
    for call in 0..CALLS {
        let step = match (call / 50 + salt) % 5 {
            0 | 1 => status(503),
            2 => Step::Yield(2),
            _ => status(200),
        };
        provider.does([step]);
        let answer = client.ready().await.expect("ready").call(request());
        if call % 7 == 0 {
            drop(answer);
        } else if answer.await.is_ok() {
            passed += 1;
        }
        if call % 101 == 0 {
            handle.force_open(&host(), std::time::Duration::ZERO);
        }
        if call % 499 == 0 {
            handle.reset(&host());
        }
    }
    passed
}

#[test]
fn two_threads_leave_nothing_taken() {
    let (layer, handle) = BreakerLayer::builder()
        .open_time(
            std::time::Duration::from_nanos(1),
            std::time::Duration::from_micros(1),
        )
        .build_with_handle()
        .expect("good settings");
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_time().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        let threads = [0, 1].map(|salt| {
            let provider = Provider::default();
            let client = layer.layer(provider.clone());
            tokio::spawn(many(client, handle.clone(), provider, salt))
        });
        for thread in threads {
            let passed = thread.await.expect("no panic");
            assert!(passed > CALLS / 10, "{passed} of {CALLS} passed");
        }
        assert_eq!(handle.status(&host()).probes(), 0);
        assert_eq!(handle.list().len(), 1);
        // And it still closes.
        handle.force_open(&host(), std::time::Duration::ZERO);
        let mut client = layer.layer(Provider::default());
        for _ in 0..2 {
            let call = client.ready().await.expect("ready").call(request());
            call.await.expect("a probe");
        }
        assert_eq!(handle.state(&host()).as_str(), "closed");
    });
}
