//! A provider as a real server on loopback.

mod socket;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Request, Version};
use http_body_util::BodyExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{JoinHandle, JoinSet},
};
use tower_service::Service;

use crate::{ProviderService, closing::Closing};
use socket::Socket;

/// A [`Provider`](crate::Provider) on a port of `127.0.0.1`: made by
/// [`Provider::serve`](crate::Provider::serve).
///
/// Dropping it closes the port and every connection at once.
///
/// # Examples
///
/// ```
/// use tollgate_test::{Dialect, Provider};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let server = Provider::new(Dialect::OpenAi).serve().await?;
/// let url = format!("{}/v1/chat/completions", server.uri());
/// assert!(url.starts_with("http://127.0.0.1:"));
/// server.shutdown().await;
/// # Ok::<_, std::io::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(service: ProviderService) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        Ok(Self {
            address,
            stop: Some(stop),
            task: tokio::spawn(accept(listener, service, stopped)),
        })
    }

    /// The address it listens on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it is, to put a path behind: `http://127.0.0.1:4567`.
    #[must_use]
    pub fn uri(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops to accept, lets the answers that are under way end, and closes all connections. Calls
    /// that hang are reset.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes all connections at once.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // It fails only where the task is gone already.
            let _ = stop.send(());
        }
        let _ = (&mut self.task).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(
    listener: TcpListener,
    service: ProviderService,
    mut stopped: oneshot::Receiver<()>,
) {
    let closing = Arc::new(Closing::default());
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((tcp, _)) => {
                    let connection = connection(tcp, service.clone(), Arc::clone(&closing));
                    connections.spawn(graceful.watch(connection));
                }
                // Out of file handles, say: give others time to close theirs.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    closing.close();
    graceful.shutdown().await;
    while connections.join_next().await.is_some() {}
}

fn connection(
    tcp: TcpStream,
    service: ProviderService,
    closing: Arc<Closing>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = tollgate_core::BoxError>
+ Send
+ 'static {
    let reset = Arc::new(AtomicBool::new(false));
    let socket = TokioIo::new(Socket::new(tcp, Arc::clone(&reset)));
    let answer = service_fn(move |mut request: Request<Incoming>| {
        // An HTTP/2 connection carries other calls: there hyper resets the one stream.
        let alone = request.version() < Version::HTTP_2;
        let reset = Arc::clone(&reset);
        let resets = move |error: io::Error| {
            if alone && error.kind() == io::ErrorKind::ConnectionReset {
                reset.store(true, Ordering::Relaxed);
            }
            error
        };
        request.extensions_mut().insert(Arc::clone(&closing));
        let answer = service.clone().call(request);
        async move {
            match answer.await {
                Ok(response) => Ok(response.map(|body| body.map_err(resets))),
                Err(error) => Err(resets(error)),
            }
        }
    });
    auto::Builder::new(TokioExecutor::new())
        .serve_connection(socket, answer)
        .into_owned()
}

#[cfg(test)]
mod tests;
