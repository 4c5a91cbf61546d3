//! A wrong stack must read as a sentence: compiles each and looks at what the compiler says.

use std::{env, process::Command};

/// What the compiler says about `wrong_stack.rs` with this `--cfg`; empty if it compiles.
fn complaint(cfg: &str) -> String {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "rustc",
            "--offline",
            "--profile",
            "check",
            "-p",
            "tollgate-tests",
        ])
        .args(["--test", "wrong-stack", "--", "--cfg", cfg])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("cargo runs");
    if output.status.success() {
        return String::new();
    }
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_right_stack_compiles() {
    assert_eq!(complaint("nothing_wrong"), "");
}

#[test]
fn a_body_that_cannot_be_sent_twice() {
    let said = complaint("a_body_that_cannot_be_sent_twice");
    assert!(
        said.contains("the request body `hyper::body::Incoming` cannot be sent twice"),
        "{said}"
    );
    assert!(
        said.contains("put `tollgate_core::ReplayLayer` outermost"),
        "{said}"
    );
}
