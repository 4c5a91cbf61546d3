//! Serves until told to stop, and then until the last call has ended.

use std::{io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::oneshot, time::sleep};
use tollgate::stack::Handle;

/// How long calls may go on after the gateway was told to stop.
const GRACE: Duration = Duration::from_secs(30);

/// When those who waited may come back.
const BACK: Duration = Duration::from_secs(1);

pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    handle: Handle,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // A token is a small packet: it must not wait for the next one.
    let listener = listener.tap_io(|tcp| {
        let _ = tcp.set_nodelay(true);
    });
    let (stopping, stopped) = oneshot::channel();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("stopping; who waits is turned away, calls under way may end");
        // Another instance may take the call by then.
        drop(handle.close(BACK));
        let _ = stopping.send(());
    });
    let over = async {
        // Told before it was dropped: otherwise the server has ended by itself.
        let _ = stopped.await;
        sleep(GRACE).await;
    };
    tokio::select! {
        served = server => served,
        () = over => {
            tracing::warn!("calls were still under way after {GRACE:?}");
            Ok(())
        }
    }
}
