//! A wrong stack must read as a sentence: compiles them all and looks at what the compiler says of each.

use std::{ops::Range, sync::LazyLock};

use tollgate_tests::cargo;

const SOURCE: &str = include_str!("wrong_stack.rs");

/// What the compiler says about `wrong_stack.rs` with these wrong stacks; empty if it compiles.
fn complaint(wrong: &[&str]) -> String {
    let cfg = |wrong: &&str| ["--cfg".to_owned(), format!("wrong=\"{wrong}\"")];
    let output = cargo()
        .args([
            "rustc",
            "--offline",
            "--profile",
            "check",
            "-p",
            "tollgate-tests",
        ])
        .args(["--test", "wrong-stack", "--"])
        .args(wrong.iter().flat_map(cfg))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("CARGO_TERM_COLOR", "never")
        .output()
        .expect("cargo runs");
    if output.status.success() {
        return String::new();
    }
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The wrong stacks, and the lines in which each of them stands.
fn stacks() -> impl Iterator<Item = (&'static str, Range<usize>)> {
    let begin = |line: &'static str| line.strip_prefix("#[cfg(wrong = \"")?.strip_suffix("\")]");
    let begins = SOURCE.lines().zip(1..);
    let begins = begins.filter_map(move |(line, at)| Some((begin(line)?, at)));
    let ends = begins.clone().skip(1).map(|(_, at)| at);
    let ends = ends.chain([usize::MAX]).collect::<Vec<_>>();
    begins
        .zip(ends)
        .map(|((wrong, from), to)| (wrong, from..to))
}

/// What is said about all of them at once, error by error.
static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
    let wrong: Vec<_> = stacks().map(|(wrong, _)| wrong).collect();
    let wrong: Vec<_> = wrong.into_iter().filter(|it| *it != "nothing").collect();
    // What stands before the first error may be warnings of other crates.
    let said = format!("\n{}", complaint(&wrong));
    let errors = said.split("\nerror").skip(1);
    errors.map(str::to_owned).collect()
});

/// The line of `wrong_stack.rs` that an error points at.
fn line(error: &str) -> Option<usize> {
    let (_, place) = error.split_once("--> ")?;
    place
        .split_once("wrong_stack.rs:")?
        .1
        .split(':')
        .next()?
        .parse()
        .ok()
}

/// The first error about this stack says the first of these, and the others are in it.
fn says(wrong: &str, sentences: &[&str]) {
    let (_, lines) = stacks()
        .find(|(name, _)| *name == wrong)
        .expect("it is there");
    let first = ALL
        .iter()
        .find(|error| line(error).is_some_and(|line| lines.contains(&line)));
    let first = first.unwrap_or_else(|| panic!("{wrong} compiles, or nothing does: {ALL:?}"));
    let head = first.lines().next().unwrap_or_default();
    assert!(head.contains(sentences[0]), "{wrong}: {first}");
    for sentence in sentences {
        assert!(first.contains(sentence), "{wrong}, {sentence}: {first}");
    }
}

#[test]
fn a_right_stack_compiles() {
    assert_eq!(complaint(&["nothing"]), "");
}

#[test]
fn a_body_that_cannot_be_sent_twice() {
    for wrong in ["a_body_that_cannot_be_sent_twice", "replay_inside_retry"] {
        says(
            wrong,
            &[
                "the request body `hyper::body::Incoming` cannot be sent twice",
                "put `tollgate_core::ReplayLayer` (`tollgate::ReplayLayer`) outermost",
            ],
        );
    }
}

#[test]
fn a_client_that_is_none() {
    let sentences = [
        "cannot be the client of a stack: it takes no `Request<ReplayBody<",
        "a stack hands down another body than its callers send",
        "let the client take any body, as `tollgate::Client` does",
    ];
    says("a_client_of_another_body", &sentences);
    says("a_checked_client_of_another_body", &sentences);
    says("no_client", &sentences);
    let functions = [
        "type mismatch in closure arguments",
        "expected closure signature `fn(http::Request<ReplayBody<",
    ];
    says("a_function_of_another_body", &functions);
    let not_clone = ["the trait bound `Unclonable: Clone` is not satisfied"];
    says("a_client_that_is_not_clone", &not_clone);
    let not_send = [
        "future cannot be sent between threads safely",
        "has type `Rc<()>` which is not `Send`",
    ];
    says("a_future_that_is_not_send", &not_send);
    says(
        "an_error_that_is_none",
        &["the trait bound `u8: std::error::Error` is not satisfied"],
    );
}

#[test]
fn an_answer_that_cannot_be_read() {
    says(
        "an_answer_without_a_body",
        &[
            "the trait bound `u8: ",
            "body::Body` is not implemented for `u8`",
        ],
    );
    says(
        "an_answer_not_of_bytes",
        &[
            "Body>::Data == Bytes`",
            "expected `Bytes`, found `Cursor<&str>`",
        ],
    );
    let stuck = ["`PhantomPinned` cannot be unpinned", "within `Stuck`"];
    says("an_answer_that_cannot_be_moved", &stuck);
}

#[test]
fn a_part_that_is_none() {
    says(
        "a_part_that_is_none",
        &[
            "`u8` cannot be a part of the stack",
            "give back the builder, `Off` to leave the part out, or `Prebuilt(layer)`",
            ".retry(|_| 5_u8)",
        ],
    );
    says(
        "a_layer_that_is_none",
        &["the trait bound `u8: Layer<", "is not satisfied"],
    );
}

#[test]
fn an_observer_that_does_not_hear() {
    says(
        "an_observer_that_is_none",
        &[
            "`u8` does not hear `tollgate::Event<",
            "an observer is a closure that takes an event by reference",
        ],
    );
    says(
        "an_observer_of_one_layer",
        &[
            "type mismatch in closure arguments",
            "expected closure signature `for<'a, 'b> fn(&'b tollgate::Event<'a>)",
        ],
    );
    says(
        "an_observer_that_is_not_clone",
        &[
            "the trait bound `Unclonable: Clone` is not satisfied",
            ".observer(observer)",
        ],
    );
    says(
        "an_observer_that_is_not_send",
        &["`Rc<()>` cannot be sent between threads safely"],
    );
}
