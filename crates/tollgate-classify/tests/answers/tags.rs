//! Whatever a message begins with, the rest of it is read.

use crate::row;

/// What gateways and logs put in front of messages that they hand on.
const TAGS: [&str; 4] = ["[429] ", "(upstream) ", "{429} ", "{\"x\":1} "];

/// The tag in front of every message of a body. Only text is touched, so that streams, Python's `repr`
/// and bodies that are cut off keep their form.
fn tagged(body: &str, tag: &str) -> String {
    const KEYS: [&str; 8] = [
        "message",
        "Message",
        "msg",
        "error",
        "detail",
        "error_msg",
        "status_msg",
        "errorMessage",
    ];
    if body.starts_with(|c: char| c.is_alphabetic()) && !body.contains("data:") {
        return format!("{tag}{body}");
    }
    let tag = tag.replace('"', "\\\"");
    let mut body = body.to_owned();
    for key in KEYS {
        for joint in [":", ": "] {
            let start = format!("\"{key}\"{joint}\"");
            body = body.replace(&start, &format!("{start}{tag}"));
        }
    }
    body
}

#[test]
fn a_tag_changes_no_field() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for row in row::all() {
        for origin in [row.provider.as_deref(), None] {
            let want = row.classify(origin);
            for tag in TAGS {
                let body = tagged(&row.body, tag);
                if body == row.body {
                    continue;
                }
                tried += 1;
                let got = row.with_body(body.as_bytes(), origin);
                // The evidence may be another one of the same weight.
                let got = got.with_evidence(want.evidence().to_owned());
                if got != want {
                    wrong.push(format!(
                        "{tag}{} {origin:?}:\n  {got:?}\n  {want:?}",
                        row.id
                    ));
                }
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
