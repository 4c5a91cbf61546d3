//! Three simulated providers on loopback, to try the gateway without a key. The first two have limits
//! that a burst meets at once; the last one takes what is left.

use std::{io, time::Duration};

use tollgate::{
    Route, Stack, Target,
    limit::{Limit, Limits},
    provider::preset,
};
use tollgate_test::{Dialect, Kind, Provider, ProviderBuilder, Quota, Server};

use crate::gateway::Routed;

const MINUTE: Duration = Duration::from_secs(60);
const LARGE: &str = "llama-3.3-70b-versatile";
const SMALL: &str = "llama-3.1-8b-instant";

pub(crate) struct Embedded {
    groq: Server,
    openai: Server,
    mistral: Server,
}

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
        let groq = provider(Dialect::Groq, 40)
            .quota(Quota::sliding(Kind::Requests, 20, MINUTE).only(LARGE))
            .quota(Quota::sliding(Kind::Requests, 30, MINUTE).only(SMALL));
        let openai =
            provider(Dialect::OpenAi, 120).quota(Quota::bucket(Kind::Requests, 60, MINUTE, 30));
        let mistral =
            provider(Dialect::Mistral, 80).quota(Quota::bucket(Kind::Requests, 6_000, MINUTE, 200));
        Ok(Self {
            groq: groq.build().serve().await?,
            openai: openai.build().serve().await?,
            mistral: mistral.build().serve().await?,
        })
    }

    pub(crate) fn stack(&self) -> Routed {
        let base = |server: &Server| format!("{}/v1", server.uri());
        let groq = preset::groq().base(base(&self.groq)).key("simulated");
        let openai = preset::openai().base(base(&self.openai)).key("simulated");
        let mistral = preset::mistral().base(base(&self.mistral)).key("simulated");
        let chat = Route::new("chat")
            .ordered([groq.model(LARGE), groq.model(SMALL)])
            .ordered([openai.model("gpt-4o-mini")])
            .ordered([mistral.model("mistral-small-latest")]);
        // Groq's is less than it says for one of the models, as happens: some calls are turned away, and
        // go on. Mistral's is not told; it is found out.
        Stack::new().route(chat).limit(|limit| {
            let told = |target: &str, limit: Limit| {
                (
                    Target::provider_only(target.to_owned()),
                    Limits::new().limit(limit),
                )
            };
            let (groq, its) = told("groq", Limit::requests(30, MINUTE).sliding());
            let (openai, that) = told("openai", Limit::requests(60, MINUTE).bucket(30));
            limit.limits_for(groq, its).limits_for(openai, that)
        })
    }
}
