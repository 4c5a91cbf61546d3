//! Callers on sockets of their own: the next call of each begins when the last byte of the answer is there.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use tokio::time::Instant;

use crate::upstream::find;

/// Nothing here takes longer, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A whole one.
    Json,
    /// Some events, one after the other.
    Stream,
    /// An event, and then nothing for a long time.
    Held,
}

/// Calls of one kind.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    connections: usize,
    calls: usize,
    answer: Answer,
}

/// When the answers came, in nanoseconds after their calls.
#[derive(Debug, Default)]
pub(crate) struct Times {
    /// The first byte of the body, so the first token of a stream.
    pub(crate) first: Vec<u64>,
    /// The last byte.
    pub(crate) last: Vec<u64>,
}

impl Load {
    pub(crate) const fn new(
        name: &'static str,
        connections: usize,
        calls: usize,
        answer: Answer,
    ) -> Self {
        Self {
            name,
            connections,
            calls,
            answer,
        }
    }

    /// One round.
    pub(crate) fn run(&self, to: SocketAddr) -> io::Result<Times> {
        let callers: Vec<_> = (0..self.connections)
            .map(|_| Caller::new(to, self.answer))
            .collect::<Result<_, _>>()?;
        let calls = self.calls;
        let threads: Vec<_> = callers
            .into_iter()
            .map(|caller| thread::spawn(move || caller.calls(calls)))
            .collect();
        let mut all = Times::default();
        for thread in threads {
            let times = thread.join().map_err(|_| io::Error::other("panicked"))??;
            all.first.extend(times.first);
            all.last.extend(times.last);
        }
        Ok(all)
    }
}

/// Opens streams, and waits until each has begun.
pub(crate) fn open_streams(to: SocketAddr, number: usize) -> io::Result<Vec<TcpStream>> {
    let open = |_| {
        let mut caller = Caller::new(to, Answer::Held)?;
        caller.tcp.write_all(&caller.request)?;
        while find(&caller.read, b"data: ").is_none() {
            caller.more()?;
        }
        Ok(caller.tcp)
    };
    (0..number).map(open).collect()
}

/// Lets streams end as they do, so that nobody logs callers who left.
pub(crate) fn read_to_end(streams: Vec<TcpStream>) {
    let mut some = [0; 4 * 1024];
    for mut tcp in streams {
        let mut end = false;
        // What breaks off has ended, too.
        while !end && matches!(tcp.read(&mut some), Ok(1..)) {
            end = find(&some, b"[DONE]").is_some();
        }
    }
}

struct Caller {
    tcp: TcpStream,
    request: Vec<u8>,
    read: Vec<u8>,
}

impl Caller {
    fn new(to: SocketAddr, answer: Answer) -> io::Result<Self> {
        let tcp = TcpStream::connect(to)?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            tcp,
            request: request(answer),
            read: Vec::with_capacity(16 * 1024),
        })
    }

    fn calls(mut self, number: usize) -> io::Result<Times> {
        let mut times = Times::default();
        for _ in 0..number {
            self.read.clear();
            let start = Instant::now();
            self.tcp.write_all(&self.request)?;
            let head = loop {
                if let Some(end) = find(&self.read, b"\r\n\r\n") {
                    break end + 4;
                }
                self.more()?;
            };
            if !self.read.starts_with(b"HTTP/1.1 200 ") {
                let head = String::from_utf8_lossy(&self.read);
                return Err(io::Error::other(format!("not a success: {head}")));
            }
            let length = length(&self.read[..head]);
            while self.read.len() == head {
                self.more()?;
            }
            times.first.push(nanos(start));
            match length {
                Some(length) => {
                    while self.read.len() < head + length {
                        self.more()?;
                    }
                }
                None => {
                    while !self.read.ends_with(b"\r\n0\r\n\r\n") {
                        self.more()?;
                    }
                }
            }
            times.last.push(nanos(start));
        }
        Ok(times)
    }

    fn more(&mut self) -> io::Result<()> {
        let mut some = [0; 16 * 1024];
        match self.tcp.read(&mut some)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                self.read.extend_from_slice(&some[..n]);
                Ok(())
            }
        }
    }
}

fn nanos(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// The length of a body; `None` where it comes in chunks.
fn length(head: &[u8]) -> Option<usize> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, rest) = head.split_once("\r\ncontent-length:")?;
    rest.lines().next()?.trim().parse().ok()
}

/// A chat call of 1 KiB, with the headers of an SDK.
fn request(answer: Answer) -> Vec<u8> {
    let model = match answer {
        Answer::Held => "held",
        Answer::Json | Answer::Stream => "m",
    };
    let stream = match answer {
        Answer::Json => "",
        Answer::Stream | Answer::Held => r#""stream":true,"#,
    };
    let prompt = "words ".repeat(150);
    let body = format!(
        r#"{{"model":"{model}",{stream}"messages":[{{"role":"system","content":"You are brief."}},{{"role":"user","content":"{prompt}"}}]}}"#
    );
    let length = body.len();
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: llm.internal\r\naccept: application/json\r\n\
         content-type: application/json\r\nauthorization: Bearer none\r\nuser-agent: OpenAI/Python 2.9.0\r\n\
         x-stainless-lang: python\r\nx-stainless-retry-count: 0\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.into_bytes(), body.into_bytes()].concat()
}
