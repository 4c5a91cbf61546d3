//! The file of answers: what is there already, and one line for each that comes.

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

/// One line of the file: an answer, or why there is none. Who failed is asked again by the next run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// What a file of answers holds.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Known {
    /// Who has an answer.
    pub(crate) answered: HashSet<String>,
    /// How many of its bytes are whole lines. What comes behind them was cut off by a kill.
    pub(crate) whole: usize,
}

impl Known {
    /// Lines that cannot be read, such as zeros after a power cut, answer nobody.
    pub(crate) fn of(file: &[u8]) -> Self {
        let end = file.iter().rposition(|byte| *byte == b'\n');
        let whole = end.map_or(0, |end| end + 1);
        let lines = file[..whole].split(|byte| *byte == b'\n');
        let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        let answered = lines.filter(|line| line.answer.is_some());
        Self {
            answered: answered.map(|line| line.id).collect(),
            whole,
        }
    }
}

/// Opens the file to append to it, after the piece of a line at its end, if there is one, was cut off.
pub(crate) fn open(path: &Path) -> io::Result<(File, Known)> {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(path)?;
    let bytes = fs::read(path)?;
    let known = Known::of(&bytes);
    if known.whole < bytes.len() {
        file.set_len(known.whole as u64)?;
    }
    Ok((file, known))
}

/// Appends one line, with one write: a kill leaves the whole of it, or a piece that is cut off later.
pub(crate) fn append(file: &mut File, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}
