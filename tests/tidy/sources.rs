//! How the sources look.

use std::path::Path;

use crate::{files, none, read, root};

const MOST_LINES: usize = 500;
const MOST_TEST_LINES: usize = 600;
const MOST_EXAMPLE_LINES: usize = 100;

/// What people read to see how it is done.
const PROGRAMS: [&str; 4] = ["demo/", "examples/", "gateway/", "scenarios/"];

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let name = |path: &Path| {
        path.strip_prefix(&root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let found = files(&root.join(folder), "rs");
    found.iter().map(|path| (name(path), read(path))).collect()
}

fn everything() -> Vec<(String, String)> {
    ["crates", "tests", "benches"]
        .into_iter()
        .chain(PROGRAMS)
        .flat_map(rust_files)
        .collect()
}

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    for (name, text) in everything() {
        let most = match () {
            () if PROGRAMS.iter().any(|folder| name.starts_with(folder)) => MOST_EXAMPLE_LINES,
            () if name.contains("tests") => MOST_TEST_LINES,
            () => MOST_LINES,
        };
        let lines = text.lines().count();
        if lines > most {
            complaints.push(format!("{name}: {lines} lines, {most} are allowed"));
        }
    }
    none(&complaints);
}

#[test]
fn every_file_says_what_it_is() {
    let all = everything();
    let silent = all.iter().filter(|(_, text)| !text.starts_with("//! "));
    none(
        &silent
            .map(|(name, _)| format!("{name}: no module documentation"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn there_is_no_mod_rs() {
    let all = everything();
    let old = all.iter().filter(|(name, _)| name.ends_with("/mod.rs"));
    none(&old.map(|(name, _)| name.clone()).collect::<Vec<_>>());
}

/// Clippy forbids the calls; this forbids the words, in macros and behind renames too.
#[test]
fn no_wall_clock_is_read() {
    let words = ["std::time::Instant", "SystemTime::now", "thread::sleep"];
    let mut complaints = Vec::new();
    for (name, text) in everything() {
        // The one place that may, and this list.
        if name.ends_with("tollgate-core/src/clock.rs") || name.ends_with("tidy/sources.rs") {
            continue;
        }
        for word in words.iter().filter(|word| text.contains(**word)) {
            complaints.push(format!("{name}: {word}"));
        }
        // In a list of imports, and under another name.
        let imports = text
            .split("use std::")
            .skip(1)
            .map(|rest| rest.split(';').next());
        let of_time = imports
            .flatten()
            .flat_map(|list| list.split("time::").skip(1));
        let names = of_time.map(|list| list.split('}').next().unwrap_or(list));
        if names.flat_map(|list| list.split([',', '{'])).any(|name| {
            let name = name.trim();
            name == "Instant" || name.starts_with("Instant as")
        }) {
            complaints.push(format!("{name}: Instant of std"));
        }
    }
    none(&complaints);
}

/// A boxed future costs an allocation a call and hides its type.
#[test]
fn layers_box_no_futures() {
    let mut complaints = Vec::new();
    for (name, text) in rust_files("crates") {
        let library = name.contains("/src/") && !name.contains("test");
        for word in ["BoxFuture", "async_trait", "tokio::spawn"] {
            if library && text.contains(word) {
                complaints.push(format!("{name}: {word}"));
            }
        }
    }
    none(&complaints);
}

#[test]
fn nothing_is_skipped_or_left_open() {
    let mut complaints = Vec::new();
    for (name, text) in everything() {
        // Spelled in two, so that this file does not complain about itself.
        for word in [
            concat!("#[ig", "nore"),
            concat!("todo", "!("),
            concat!("unimplem", "ented!("),
        ] {
            if text.contains(word) {
                complaints.push(format!("{name}: {word}"));
            }
        }
    }
    none(&complaints);
}
