//! The command-line examples as a user meets them.

use std::{
    io::Write,
    process::{Output, Stdio},
};

use tollgate_tests::cargo;

/// Runs an example with this input. Of the whole workspace and with all features, as it is when all tests
/// are run, so that nothing is built anew.
fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = cargo()
        .args([
            "run",
            "-q",
            "--offline",
            "--all-features",
            "--example",
            "classify",
            "--",
        ])
        .args(args)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("cargo runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input).expect("the example reads");
    drop(stdin);
    child.wait_with_output().expect("the example ends")
}

const LIMITED: &str = r#"{"id":"a","provider":"groq","status":429,"headers":{"retry-after":["7"]},"body":"","unknown":1}"#;
const BROKEN_OFF: &[u8] = b"{\"id\": \"b\", \xFF\n";
const FINE: &str =
    r#"{"id":"c","provider":null,"status":200,"headers":{},"body":"{}","received_at":null}"#;

#[test]
fn a_bad_line_is_named_and_does_not_stop_the_rest() {
    let input = [LIMITED.as_bytes(), b"\n", BROKEN_OFF, FINE.as_bytes()].concat();
    let output = run(&[], &input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("line 2"), "{said}");
    let text = String::from_utf8(output.stdout).expect("it writes UTF-8");
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    assert_eq!(rows.len(), 2, "{text}");
    assert_eq!(rows[0]["id"], "a");
    assert_eq!(rows[0]["class"], "rate_limited");
    assert_eq!(rows[0]["wait_ms"], 7_000);
    assert_eq!(rows[1]["id"], "c");
    assert_eq!(rows[1]["class"], "ok");
    let mut keys: Vec<_> = rows[0].as_object().expect("an object").keys().collect();
    keys.sort();
    let known = "class evidence id limit model retry_same try_elsewhere wait_ms window";
    assert_eq!(keys, known.split(' ').collect::<Vec<_>>());
}

#[test]
fn it_explains_in_a_sentence() {
    let output = run(&["--explain"], LIMITED.as_bytes());
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("a: ") && text.contains("7s"), "{text}");
    assert_eq!(text.lines().count(), 1);
}
