//! What it costs to read 64 KiB of text that somebody made to be slow.
//!
//! `cargo bench -p tollgate-benches --bench prose` prints the worst texts with nanoseconds per byte, how
//! that grew from a quarter of the length (1.0 is linear), and how it compares to a plain pass over the
//! characters in the same run. `-- --check` fails where a text grows more than twice as fast as its
//! length, or costs more than 60 plain passes; run it on a quiet machine. `-- --random N` tries N
//! texts more, `-- --seed N` other ones.

use std::{env, hint::black_box};

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;
use tollgate_classify::{Answer, Builtin, Classifier};

const LONG: usize = 64 * 1024;
const SHORT: usize = LONG / 4;

/// What readers look for, and noise. Each is repeated, alone and beside others.
const PIECES: [&str; 60] = [
    "后",
    "秒",
    "请在",
    "30秒后",
    "1초 후 ",
    "try x ",
    "retry after ",
    "try again in 5 s ",
    "again ",
    "after ",
    "resets at ",
    "in 5 ",
    "5 to ",
    "1-",
    "1,",
    "1.",
    " 1",
    "1 111 ",
    "1s ",
    "1h 1m ",
    "12:",
    "2026-10-02 ",
    "fri, ",
    "oct ",
    "z ",
    "a ",
    "a",
    "aB",
    "_",
    "half a ",
    "one ",
    "ten to ",
    "got \"",
    "got '",
    "'",
    "\"",
    "model ",
    "model:",
    "model '",
    "limit 1 ",
    "requested 1",
    "1 per ",
    "tokens per ",
    "requests and tokens ",
    "rate limi",
    "quota exceede",
    "error code: 1",
    "is overloaded ",
    "{",
    "[",
    "{\"a\":",
    "{'a': ",
    "{\"a\":1,",
    "[{\"error\"",
    "}",
    "<",
    "<!--",
    "http://",
    "@cf/",
    "é",
];

struct Cost {
    text: String,
    per_byte: f64,
    growth: f64,
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let value = |name: &str| {
        let at = args.iter().position(|arg| arg == name)?;
        args.get(at + 1)?.parse::<u64>().ok()
    };
    let mut seeds: Vec<String> = PIECES.iter().map(ToString::to_string).collect();
    let mut random = value("--seed").unwrap_or(1);
    for _ in 0..value("--random").unwrap_or(40) {
        seeds.push((0..3).map(|_| PIECES[pick(&mut random)]).collect());
    }
    let plain = plain_pass();
    let mut costs: Vec<Cost> = seeds.iter().flat_map(|seed| of(seed)).collect();
    costs.sort_by(|a, b| b.per_byte.total_cmp(&a.per_byte));
    println!(
        "{:<32} {:>10} {:>8} {:>13}",
        "text, repeated", "ns a byte", "growth", "plain passes"
    );
    for cost in costs.iter().take(12) {
        let passes = cost.per_byte / plain;
        println!(
            "{:<32} {:>10.1} {:>8.1} {passes:>13.0}",
            cost.text, cost.per_byte, cost.growth
        );
    }
    let steep = costs.iter().map(|cost| cost.growth).fold(0.0, f64::max);
    println!("steepest growth {steep:.1}; a plain pass {plain:.2} ns a byte");
    if args.iter().any(|arg| arg == "--check") {
        let worst = costs.first().map_or(0.0, |cost| cost.per_byte);
        assert!(steep <= 2.0, "a text grows faster than its length");
        assert!(
            worst <= plain * 60.0,
            "a text costs {:.0} plain passes",
            worst / plain
        );
    }
}

/// A generator that is good enough to mix pieces.
fn pick(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1);
    (*state >> 33) as usize % PIECES.len()
}

/// The cost of a piece that is repeated, as a page of text and as a message.
fn of(piece: &str) -> [Cost; 2] {
    let as_text = |len: usize| repeated(piece, len).into_bytes();
    let as_message = |len: usize| {
        let body = serde_json::json!({ "error": { "message": repeated(piece, len) } });
        body.to_string().into_bytes()
    };
    let cost = |kind: &str, long: Vec<u8>, short: Vec<u8>| {
        let per_byte = |body: &[u8]| read(body) / body.len() as f64;
        let (mut long_cost, mut short_cost) = (per_byte(&long), per_byte(&short));
        // Other programs get in the way; a text that is slow by itself stays so.
        for _ in 0..4 {
            if long_cost > 50.0 || long_cost > short_cost * 1.5 {
                long_cost = long_cost.min(per_byte(&long));
                short_cost = short_cost.min(per_byte(&short));
            }
        }
        Cost {
            text: format!("{kind} {piece:?}"),
            per_byte: long_cost,
            growth: long_cost / short_cost,
        }
    };
    [
        cost("text", as_text(LONG), as_text(SHORT)),
        cost("json", as_message(LONG / 2), as_message(SHORT / 2)),
    ]
}

fn repeated(piece: &str, len: usize) -> String {
    let mut text = piece.repeat(len / piece.len());
    // No more than asked for: what is escaped in JSON takes twice the place.
    text.truncate(text.len().min(len));
    text
}

/// The least time of several readings, in nanoseconds.
fn read(body: &[u8]) -> f64 {
    let headers = HeaderMap::new();
    least(|| {
        let answer =
            Answer::new(StatusCode::TOO_MANY_REQUESTS, &headers).with_body(black_box(body));
        black_box(Builtin.classify(&answer));
    })
}

/// What it costs to look at each character once, in nanoseconds per byte.
fn plain_pass() -> f64 {
    let text = repeated("Try again in 20s, é后. ", LONG);
    let letters = || {
        black_box(
            black_box(&text)
                .chars()
                .filter(|c| c.is_alphabetic())
                .count(),
        );
    };
    least(letters) / text.len() as f64
}

fn least(mut run: impl FnMut()) -> f64 {
    let times = (0..7).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64
    });
    times.fold(f64::MAX, f64::min)
}
