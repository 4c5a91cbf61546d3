//! The providers: three dialects, three kinds of limit, on loopback.

use std::{io, time::Duration};

use http::StatusCode;
use tollgate_core::Window;
use tollgate_test::{Dialect, Fault, Kind, Provider, ProviderBuilder, Quota, Server};

/// One provider and the socket it listens on.
pub(crate) struct Site {
    pub(crate) name: &'static str,
    pub(crate) model: &'static str,
    pub(crate) path: &'static str,
    provider: Provider,
    server: Server,
}

impl Site {
    pub(crate) async fn start(
        name: &'static str,
        model: &'static str,
        path: &'static str,
        provider: ProviderBuilder,
    ) -> io::Result<Self> {
        let provider = provider.latency(Duration::from_millis(250), Duration::from_millis(150));
        let provider = provider.build();
        let server = provider.serve().await?;
        Ok(Self {
            name,
            model,
            path,
            provider,
            server,
        })
    }

    pub(crate) fn uri(&self) -> String {
        format!("{}{}", self.server.uri(), self.path)
    }

    /// The address before the path of a chat call.
    pub(crate) fn base(&self) -> String {
        let uri = self.uri();
        uri.trim_end_matches("/chat/completions").to_owned()
    }

    pub(crate) fn rate_limited(&self) -> u64 {
        self.provider.stats().rate_limited
    }

    /// How often it answered with this status.
    pub(crate) fn answered(&self, status: u16) -> u64 {
        let status = StatusCode::from_u16(status).ok();
        let log = self.provider.log();
        log.iter().filter(|call| call.status() == status).count() as u64
    }
}

/// Starts all of them. Minutes are scaled to seconds, so that the story is over soon.
pub(crate) async fn start() -> io::Result<Vec<Site>> {
    let second = Duration::from_secs(1);
    let groq = Provider::builder(Dialect::Groq)
        .quota(Quota::bucket(Kind::Requests, 24, second, 24).named(Window::Minute));
    let openai = Provider::builder(Dialect::OpenAi)
        .quota(Quota::fixed(Kind::Requests, 34, 2 * second).named(Window::Minute));
    let anthropic = Provider::builder(Dialect::Anthropic)
        .quota(Quota::sliding(Kind::Requests, 50, 2 * second).named(Window::Minute))
        .fault(Fault::status(529).chance(0.15))
        .seed(529);
    Ok(vec![
        Site::start(
            "groq",
            "llama-3.1-8b-instant",
            "/openai/v1/chat/completions",
            groq,
        )
        .await?,
        Site::start("openai", "gpt-4o-mini", "/v1/chat/completions", openai).await?,
        Site::start(
            "anthropic",
            "claude-3-5-haiku-20241022",
            "/v1/messages",
            anthropic,
        )
        .await?,
    ])
}
