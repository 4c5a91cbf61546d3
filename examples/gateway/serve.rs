//! Serves until told to stop, and then until the last call has ended.

use std::{io, time::Duration};

use axum::{Router, serve::ListenerExt};
use tokio::{net::TcpListener, sync::oneshot, time::sleep};

/// How long calls may go on after the gateway was told to stop.
const GRACE: Duration = Duration::from_secs(30);

pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // A token is a small packet: it must not wait for the next one.
    let listener = listener.tap_io(|tcp| {
        let _ = tcp.set_nodelay(true);
    });
    let (stopping, stopped) = oneshot::channel();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        stop.await;
        tracing::info!("stopping; calls under way may end");
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
