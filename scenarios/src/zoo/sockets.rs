//! Over real sockets, in real time: how long do 300 calls at once take where 10 a second go?

mod client;
mod play;
mod shape;
mod table;

use std::{error::Error, sync::Arc, thread};

use lexopt::{Arg, ValueExt};
use tokio::time::Instant;
use tollgate::{BoxError, Event};

use self::{
    client::Client,
    play::{Played, play},
    shape::Shape,
};

const USAGE: &str = "\
scenarios sockets: 300 calls at once over loopback, where 10 a second are allowed, in real time

Providers with three shapes of the limit, and four clients, all at the same time: about a minute.

  --trace SHAPE,CLIENT  only one of them, and what its stack tells, such as `bucket 10,told`";

/// Plays all shapes with all clients and prints what came of it.
pub(super) fn run(mut parser: lexopt::Parser) -> Result<(), Box<dyn Error>> {
    let mut traced = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Long("trace") => traced = Some(pair(&parser.value()?.string()?)?),
            Arg::Long("help") | Arg::Short('h') => {
                println!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let played = match traced {
        Some((shape, client)) => trace(shape, client),
        None => all(),
    };
    table::print(&played.map_err(|error| error.to_string())?);
    Ok(())
}

/// Each run has a thread and a runtime of its own: on a shared one, the calls of the client without
/// a limiter would delay the answers of the others.
fn all() -> Result<Vec<Played>, BoxError> {
    let pairs = Shape::ALL
        .into_iter()
        .flat_map(|shape| Client::ALL.map(|client| (shape, client)));
    thread::scope(|scope| {
        let run = |(shape, client)| scope.spawn(move || play(shape, client, None));
        let running: Vec<_> = pairs.map(run).collect();
        let joined = running
            .into_iter()
            .map(|it| it.join().expect("no run panics"));
        joined.collect()
    })
}

fn trace(shape: Shape, client: Client) -> Result<Vec<Played>, BoxError> {
    let start = Instant::now();
    let print = move |event: &Event<'_>| {
        println!("{:>7.3} s  {event}", start.elapsed().as_secs_f64());
    };
    Ok(vec![play(shape, client, Some(Arc::new(print)))?])
}

/// A shape and a client by their names, with a comma between them.
fn pair(text: &str) -> Result<(Shape, Client), String> {
    let (shape, client) = text.split_once(',').ok_or("--trace takes SHAPE,CLIENT")?;
    let mut shapes = Shape::ALL.into_iter();
    let shape = shapes.find(|it| it.name() == shape.trim());
    let mut clients = Client::ALL.into_iter();
    let client = clients.find(|it| it.name() == client.trim());
    let shape = shape.ok_or("there is no such shape")?;
    Ok((shape, client.ok_or("there is no such client")?))
}
