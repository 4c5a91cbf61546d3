//! What the documents say is so.

use crate::{none, read, root};

/// The two commands a newcomer runs.
const DEMO: &str = "cargo run --release -p tollgate-demo";
const TESTS: &str = "cargo test --workspace --all-features";

#[test]
fn the_readme_is_short_and_shows_both_commands() {
    let text = read(&root().join("README.md"));
    assert!(
        text.lines().count() < 150,
        "README.md has {} lines",
        text.lines().count()
    );
    assert!(text.contains(DEMO) && text.contains(TESTS));
}

#[test]
fn ci_runs_what_the_readme_says() {
    assert!(read(&root().join(".ci/run")).contains(TESTS));
    assert!(read(&root().join("examples/run-all")).contains("demo"));
    assert!(read(&root().join(".github/workflows/ci.yml")).contains(".ci/run"));
}

/// Every crate has a place in the code map, and every layer a line in the contract.
#[test]
fn the_code_map_is_complete() {
    let map = read(&root().join("ARCHITECTURE.md"));
    let contract = read(&root().join("tests/contract/main.rs"));
    let mut complaints = Vec::new();
    for program in ["demo", "examples", "gateway", "scenarios"] {
        if !map.contains(&format!("\n| `{program}` |")) {
            complaints.push(format!("ARCHITECTURE.md does not mention {program}"));
        }
    }
    for entry in std::fs::read_dir(root().join("crates")).expect("a readable folder") {
        let name = entry.expect("a readable entry").file_name();
        let name = name.to_str().expect("a plain name");
        if !map.contains(name) {
            complaints.push(format!("ARCHITECTURE.md does not mention {name}"));
        }
        let layer = name.trim_start_matches("tollgate-");
        // A crate whose decisions are there before its service has nothing to join with yet.
        let folder = root().join("crates").join(name);
        let places = ["src/service.rs", "src/layer/service.rs"];
        let service = places.iter().any(|place| folder.join(place).exists());
        let joins = ["classify", "retry", "limit", "breaker", "route"].contains(&layer);
        if joins && service && !contract.contains(&format!("    {layer}: ")) {
            complaints.push(format!("{name} has not joined the contract"));
        }
    }
    none(&complaints);
}
