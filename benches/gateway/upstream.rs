//! A provider that answers at once, with a thread for each connection.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// Events of a stream, the last one aside.
const EVENTS: usize = 8;

/// A stream that is held open is held no longer than that.
const LONGEST: Duration = Duration::from_secs(60);

const STACK: usize = 128 * 1024;

#[derive(Debug)]
pub(crate) struct Upstream {
    address: SocketAddr,
    held: Arc<Held>,
}

/// Open streams wait for this counter: each increment ends them.
#[derive(Debug, Default)]
struct Held {
    released: Mutex<u64>,
    changed: Condvar,
}

impl Upstream {
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let held = Arc::<Held>::default();
        let shared = Arc::clone(&held);
        thread::spawn(move || {
            for tcp in listener.incoming().map_while(Result::ok) {
                let held = Arc::clone(&shared);
                let serve = move || serve(tcp, &held);
                // Whose thread cannot be made is not answered.
                let _ = thread::Builder::new().stack_size(STACK).spawn(serve);
            }
        });
        Ok(Self { address, held })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends all streams that are held.
    pub(crate) fn release(&self) {
        let released = self.held.released.lock();
        *released.unwrap_or_else(PoisonError::into_inner) += 1;
        self.held.changed.notify_all();
    }
}

impl Held {
    fn wait(&self) {
        let released = self.released.lock();
        let released = released.unwrap_or_else(PoisonError::into_inner);
        let now = *released;
        let same = |released: &mut u64| *released == now;
        drop(self.changed.wait_timeout_while(released, LONGEST, same));
    }
}

/// Where a part of some bytes begins.
pub(crate) fn find(all: &[u8], part: &[u8]) -> Option<usize> {
    all.windows(part.len()).position(|window| window == part)
}

/// Answers until the other side closes; how it closes does not matter.
fn serve(mut tcp: TcpStream, held: &Held) {
    let (json, events) = (json(), events());
    let mut read = Vec::new();
    let mut some = [0; 8 * 1024];
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    while let Ok(n @ 1..) = tcp.read(&mut some) {
        read.extend_from_slice(&some[..n]);
        // The only brackets are those of the messages; the last ones end the body.
        if !read.ends_with(b"}]}") {
            continue;
        }
        let sent = match () {
            () if find(&read, br#""stream":true"#).is_none() => tcp.write_all(&json),
            () if find(&read, br#""model":"held""#).is_some() => {
                let begun = tcp.write_all(&events[0]);
                held.wait();
                begun.and_then(|()| tcp.write_all(&events[EVENTS]))
            }
            () => events.iter().try_for_each(|event| tcp.write_all(event)),
        };
        if sent.is_err() {
            return;
        }
        read.clear();
    }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ndate: Tue, 01 Dec 2026 12:00:00 GMT\r\nserver: upstream\r\n\
    x-request-id: req_0123456789abcdef\r\nopenai-version: 2020-10-01\r\nopenai-processing-ms: 1\r\n\
    cache-control: no-cache\r\n";

fn json() -> Vec<u8> {
    let text = "words ".repeat(130);
    let body = format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":160,"completion_tokens":130,"total_tokens":290}}}}"#
    );
    let length = body.len();
    format!("{HEAD}content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The head and the first event, further events, and the end of the stream: a write for each.
fn events() -> Vec<Vec<u8>> {
    let chunk = |data: &str| {
        let event = format!("data: {data}\n\n");
        format!("{:x}\r\n{event}\r\n", event.len())
    };
    let token = chunk(
        r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"words "},"finish_reason":null}]}"#,
    );
    let usage = chunk(
        r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":160,"completion_tokens":8,"total_tokens":168}}"#,
    );
    let head = format!(
        "{HEAD}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n{token}"
    );
    let end = format!("{usage}{}0\r\n\r\n", chunk("[DONE]"));
    let mut all = vec![head.into_bytes()];
    all.resize(EVENTS, token.into_bytes());
    all.push(end.into_bytes());
    all
}
