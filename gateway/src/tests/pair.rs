//! A gateway in front of two providers.

use tollgate_test::{Provider, Server};

use super::kit::{Running, chat};

/// The gateway, and the providers' servers, which stop when they are dropped.
pub(super) async fn start(groq: &Provider, openai: &Provider) -> (Running, [Server; 2]) {
    let servers = [groq.serve().await, openai.serve().await];
    let servers = servers.map(|server| server.expect("a port"));
    let bases = [servers[0].uri(), servers[1].uri()];
    (Running::start(chat(&bases)).await, servers)
}
