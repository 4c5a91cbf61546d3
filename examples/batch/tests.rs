//! What is left to do after a stop, a kill and a power cut.

use super::answers::{Known, Line, append, open};

fn line(id: &str, answer: Option<&str>) -> Vec<u8> {
    let line = Line {
        id: id.to_owned(),
        answer: answer.map(str::to_owned),
        error: answer.is_none().then(|| "503".to_owned()),
    };
    let mut text = serde_json::to_vec(&line).expect("plain data");
    text.push(b'\n');
    text
}

fn sorted(known: &Known) -> Vec<&str> {
    let mut ids: Vec<&str> = known.answered.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_kill_at_any_byte_loses_the_line_it_cut_and_no_other() {
    let lines = ["a", "b", "c"].map(|id| line(id, Some("with a\nbreak and \u{e9}")));
    let file = lines.concat();
    for cut in 0..=file.len() {
        let known = Known::of(&file[..cut]);
        let ends = [lines[0].len(), lines[..2].concat().len(), file.len()];
        let whole = ends.iter().filter(|end| **end <= cut).count();
        assert_eq!(sorted(&known), ["a", "b", "c"][..whole], "cut at {cut}");
        assert_eq!(known.whole, if whole == 0 { 0 } else { ends[whole - 1] });
    }
}

#[test]
fn who_failed_is_asked_again_until_there_is_an_answer() {
    let failed = [line("a", None), line("b", Some("yes"))].concat();
    assert_eq!(sorted(&Known::of(&failed)), ["b"]);
    let later = [failed, line("a", Some("at last"))].concat();
    assert_eq!(sorted(&Known::of(&later)), ["a", "b"]);
}

#[test]
fn a_line_that_cannot_be_read_answers_nobody() {
    let zeros = [vec![0; 30], b"\n".to_vec()].concat();
    let file = [line("a", Some("yes")), zeros, line("b", Some("yes"))].concat();
    let known = Known::of(&file);
    assert_eq!((sorted(&known), known.whole), (vec!["a", "b"], file.len()));
}

#[test]
fn the_next_run_appends_where_the_last_whole_line_ended() {
    let path = std::env::temp_dir().join(format!("tollgate-batch-test-{}", std::process::id()));
    let cut = [
        line("a", Some("yes")),
        line("b", Some("lost"))[..9].to_vec(),
    ]
    .concat();
    std::fs::write(&path, cut).expect("a writable folder");
    let (mut file, known) = open(&path).expect("it is there");
    assert_eq!(sorted(&known), ["a"]);
    let again = Line {
        id: "b".to_owned(),
        answer: Some("again".to_owned()),
        error: None,
    };
    append(&mut file, &again).expect("a writable file");
    let (_, known) = open(&path).expect("it is there");
    let whole = std::fs::read(&path).expect("it is there");
    std::fs::remove_file(&path).expect("it was there");
    assert_eq!((sorted(&known), known.whole), (vec!["a", "b"], whole.len()));
    assert_eq!(
        whole,
        [line("a", Some("yes")), line("b", Some("again"))].concat()
    );
}
