//! The file of prompts.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Prompt {
    pub(crate) id: String,
    pub(crate) prompt: String,
}

/// All prompts of a file; blank lines are passed over.
pub(crate) fn read(path: &Path) -> io::Result<Vec<Prompt>> {
    let mut prompts = Vec::new();
    for (line, number) in BufReader::new(File::open(path)?).lines().zip(1..) {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let prompt = serde_json::from_str(&line);
        let wrong = |error| io::Error::other(format!("{}:{number}: {error}", path.display()));
        prompts.push(prompt.map_err(wrong)?);
    }
    Ok(prompts)
}

/// A file of so many prompts.
pub(crate) fn generate(path: &Path, count: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for id in 1..=count {
        let prompt = Prompt {
            id: id.to_string(),
            prompt: format!("Write one sentence about the number {id}."),
        };
        writeln!(file, "{}", serde_json::to_string(&prompt)?)?;
    }
    file.flush()
}
