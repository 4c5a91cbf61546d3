//! When to stop, and when to read the settings anew.

use std::io;

use crate::{gateway::Shared, source::Source};

/// Ends when somebody asks the process to stop, by Ctrl-C or SIGTERM; from the call on, neither kills
/// it.
#[cfg(unix)]
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Reads the settings anew at each SIGHUP. What is wrong changes nothing.
#[cfg(unix)]
pub(crate) fn reload(gateway: Shared, source: Source) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match source.config().and_then(|config| gateway.reload(config)) {
                Ok(changes) => tracing::info!("settings read anew: {changes}"),
                Err(error) => tracing::error!("the settings stay as they were: {error}"),
            }
        }
    });
    Ok(())
}

/// Ends when somebody presses Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

/// Without signals the settings stay; the source lives on for the providers it may have started.
#[cfg(not(unix))]
pub(crate) fn reload(_: Shared, source: Source) -> io::Result<()> {
    tokio::spawn(async move {
        let _source = source;
        std::future::pending::<()>().await
    });
    Ok(())
}
