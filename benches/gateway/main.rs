//! What the gateway adds to a call, beside nginx as a plain proxy, over real sockets.
//!
//! `benches/gateway/run` builds the gateway and runs this. The upstream answers at once; direct calls, nginx and
//! the gateway take turns in rounds, so that all of them meet the same noise. Both proxies have one worker, and with
//! `--core` one core. Times are what a proxy adds to the p50 of direct calls; CPU is what the scheduler counts for its process.

mod load;
mod process;
mod proxies;
mod table;
mod upstream;

use std::{env, error::Error, process::ExitCode};

use load::{Answer, Load};
use proxies::Proxy;
use table::Table;
use upstream::Upstream;

/// How often the proxies take turns.
const ROUNDS: usize = 20;

/// Streams that are open at the same time, for their memory.
const STREAMS: usize = 1_000;

/// The loads: name, connections, calls of each in one round, and what is asked for.
const LOADS: [Load; 4] = [
    Load::new("JSON, 1 connection", 1, 300, Answer::Json),
    Load::new("JSON, 16 connections", 16, 60, Answer::Json),
    Load::new("stream, 1 connection", 1, 150, Answer::Stream),
    Load::new("stream, 16 connections", 16, 30, Answer::Stream),
];

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gateway-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), Box<dyn Error>> {
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1).map(String::as_str)
    };
    let gateway = value("--gateway").ok_or("--gateway PATH is missing")?;
    let rounds = value("--rounds").map_or(Ok(ROUNDS), str::parse)?;
    let core = value("--core");
    let upstream = Upstream::start()?;
    let direct = upstream.address();
    let gateway = Proxy::gateway(gateway.as_ref(), direct, core)?;
    let nginx = Proxy::nginx(direct, core)?;
    if nginx.is_none() {
        println!("nginx is not installed: the rows beside it, and the ratios, are left out");
    }
    let proxies: Vec<&Proxy> = nginx.iter().chain([&gateway]).collect();
    for load in &LOADS {
        // Not counted: connections of pools are made, and what happens once.
        for proxy in &proxies {
            load.run(proxy.address())?;
        }
        let mut table = Table::new(load.name, &proxies);
        for _ in 0..rounds {
            table.direct(load.run(direct)?);
            for proxy in &proxies {
                let before = proxy.cpu()?;
                let times = load.run(proxy.address())?;
                table.proxied(proxy.name(), times, proxy.cpu()?.saturating_sub(before));
            }
        }
        println!("{table}");
    }
    println!("memory, MiB resident | idle | {STREAMS} open streams");
    for proxy in &proxies {
        let idle = proxy.fresh_memory();
        let open = load::open_streams(proxy.address(), STREAMS)?;
        println!("{} | {idle:.1} | {:.1}", proxy.name(), proxy.memory()?);
        upstream.release();
        load::read_to_end(open);
    }
    Ok(())
}
