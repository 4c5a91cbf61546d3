//! Reads 200,000 broken answers, made of the rows of `tests/data/answers.jsonl`, and prints how long the
//! slowest took: no input may cost much more than its length.
//!
//! `cargo bench -p tollgate-classify --bench mutations [-- NUMBER]`

#[path = "../tests/answers/mutate.rs"]
mod mutate;
#[path = "../tests/answers/row.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod row;

use std::{hint::black_box, time::Duration};

use mutate::{Random, mutate};
use tokio::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    // Without `--bench` this is `cargo test --all-targets`, which only wants to see it run.
    let usual = if args.any(|arg| arg == "--bench") {
        200_000
    } else {
        100
    };
    let number: u32 = std::env::args()
        .find_map(|arg| arg.parse().ok())
        .unwrap_or(usual);
    let rows = row::all();
    let mut random = Random::new(0x7011_6a7e);
    let mut slowest = (Duration::ZERO, Vec::new(), "");
    let mut total = Duration::ZERO;
    let mut bytes = 0;
    for _ in 0..number {
        let row = &rows[random.below(rows.len())];
        let other = rows[random.below(rows.len())].body.as_bytes();
        let mut body = row.body.clone().into_bytes();
        mutate(&mut body, other, &mut random);
        let origin = row.provider.as_deref().filter(|_| random.below(2) == 0);
        let read = || {
            let begun = Instant::now();
            black_box(row.with_body(black_box(&body), origin));
            begun.elapsed()
        };
        let mut took = read();
        total += took;
        bytes += body.len();
        if took > slowest.0 {
            // Not the machine's own pause: the least of three.
            took = took.min(read()).min(read());
        }
        if took > slowest.0 {
            slowest = (took, body, &row.id);
        }
    }
    let (took, body, id) = slowest;
    println!("{number} broken answers, {bytes} bytes in {total:.1?}");
    println!("slowest: {took:.1?} for {} bytes made of {id}", body.len());
    println!("{}", String::from_utf8_lossy(&body[..body.len().min(400)]));
}
