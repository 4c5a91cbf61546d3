//! What is wrong with a configuration, and where.

use std::{error::Error, fmt};

/// All that is wrong with a configuration.
///
/// Shown as one line for each problem, with the file, the line and the column where they are known,
/// and the path of the key:
///
/// ```text
/// tollgate.toml:12:12: limit.max_wait: 30 has no unit: write "30s" for seconds or "30ms" for milliseconds
/// tollgate.toml:31:1: retry.max_wiat: there is no such setting; did you mean max_wait?
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<String>,
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(super) key: String,
    pub(super) at: Option<(usize, usize)>,
    pub(super) words: String,
}

impl ConfigError {
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.at);
        Self {
            file: None,
            problems,
        }
    }

    /// Names the file.
    pub(super) fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The file, where it was read from one.
    #[must_use]
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// What is wrong, in the order of the file; at least one thing.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Problem {
    /// The path of the key, such as `providers.groq.key`; empty where the whole text is wrong.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The line, from 1; `None` where it was not read from a text.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.at.map(|(line, _)| line)
    }

    /// The column, in characters, from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.at.map(|(_, column)| column)
    }

    /// What is wrong with it.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, problem) in self.problems.iter().enumerate() {
            if nth > 0 {
                f.write_str("\n")?;
            }
            match (&self.file, problem.at) {
                (Some(file), Some((line, column))) => write!(f, "{file}:{line}:{column}: ")?,
                (Some(file), None) => write!(f, "{file}: ")?,
                (None, Some((line, column))) => write!(f, "line {line}, column {column}: ")?,
                (None, None) => {}
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.words),
            key => write!(f, "{key}: {}", self.words),
        }
    }
}

impl Error for ConfigError {}

/// The name that was probably meant.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let all = known.into_iter().map(|one| (distance(&name, one), one));
    let (far, nearest) = all.min()?;
    (far <= 1 + name.chars().count() / 4).then_some(nearest)
}

/// How many letters must be added, left out, replaced or swapped with the next (optimal string
/// alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i.max(j)
            } else {
                let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let moved = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                let swaps = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let swapped = if swaps {
                    rows[i - 2][j - 2] + 1
                } else {
                    usize::MAX
                };
                replaced.min(moved).min(swapped)
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant() {
        let known = ["max_wait", "queue", "shed"];
        assert_eq!(nearest("max_wiat", known), Some("max_wait"));
        assert_eq!(nearest("maxwait", known), Some("max_wait"));
        assert_eq!(nearest("Queue", known), Some("queue"));
        assert_eq!(nearest("timeout", known), None);
        assert_eq!(nearest("x", known), None);
    }

    #[test]
    fn one_line_each_in_the_order_of_the_file() {
        let problem = |at, words: &str| Problem {
            key: "limit.queue".into(),
            at,
            words: words.into(),
        };
        let both = vec![problem(Some((9, 1)), "b"), problem(Some((2, 7)), "a")];
        let error = ConfigError::new(both);
        let said = "line 2, column 7: limit.queue: a\nline 9, column 1: limit.queue: b";
        assert_eq!(error.to_string(), said);
        let error = ConfigError::new(vec![problem(Some((2, 7)), "a")]).in_file("t.toml");
        assert_eq!(error.to_string(), "t.toml:2:7: limit.queue: a");
        assert_eq!(error.problems()[0].line(), Some(2));
        let bare = ConfigError::new(vec![problem(None, "a")]);
        assert_eq!(bare.to_string(), "limit.queue: a");
    }
}
