//! Three simulated providers on loopback, to try the gateway without a key. The first two have limits
//! that a burst meets at once; the last one takes what is left.

use std::{io, time::Duration};

use tollgate::config::{Config, ConfigError};
use tollgate_test::{Dialect, Kind, Provider, ProviderBuilder, Quota, Server};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Embedded {
    groq: Server,
    openai: Server,
    mistral: Server,
}

/// A provider that takes so long to answer.
fn provider(dialect: Dialect, millis: u64) -> ProviderBuilder {
    let text = "Hello from a simulated provider: whatever you asked, the answer is yes.";
    let latency = Duration::from_millis(millis);
    Provider::builder(dialect)
        .latency(latency, latency / 4)
        .pace(Duration::from_millis(10))
        .text(text)
}

impl Embedded {
    pub(crate) async fn start() -> io::Result<Self> {
        let large = Quota::sliding(Kind::Requests, 20, MINUTE);
        let small = Quota::sliding(Kind::Requests, 30, MINUTE);
        let groq = provider(Dialect::Groq, 40)
            .quota(large.only("llama-3.3-70b-versatile"))
            .quota(small.only("llama-3.1-8b-instant"));
        let openai = provider(Dialect::OpenAi, 120);
        let openai = openai.quota(Quota::bucket(Kind::Requests, 60, MINUTE, 30));
        let mistral = provider(Dialect::Mistral, 80);
        let mistral = mistral.quota(Quota::bucket(Kind::Requests, 6_000, MINUTE, 200));
        Ok(Self {
            groq: groq.build().serve().await?,
            openai: openai.build().serve().await?,
            mistral: mistral.build().serve().await?,
        })
    }

    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        let text = include_str!("embedded.toml")
            .replace("{groq}", &self.groq.uri())
            .replace("{openai}", &self.openai.uri())
            .replace("{mistral}", &self.mistral.uri());
        Config::from_toml(&text)
    }
}
