//! Reads TOML, and finds where in the text each problem is.

use std::ops::Range;

use serde::de::Error as _;
use serde_path_to_error::Segment;
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer, Error},
};

use super::{
    Config,
    check::{Path, Problems, Step},
    error::{ConfigError, Problem},
    secret::Env,
    words::{hidden, plain},
};

/// More problems than this are not looked for.
const MOST: usize = 100;

/// A text and what stands where in it.
struct Text<'a> {
    text: &'a str,
    root: DeValue<'a>,
}

/// Reads all of a text.
///
/// Serde stops at the first problem. So that people hear of all at once, what is wrong is taken out,
/// and the rest is read again.
pub(super) fn read(text: &str, env: Env<'_>) -> Result<Config, ConfigError> {
    // It stands before the first column, and is not seen in an editor.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let problems = errors.iter().map(|error| Problem {
            key: String::new(),
            at: error.span().map(|span| place(text, span.start)),
            words: format!("is no TOML: {}", error.message()),
        });
        return Err(ConfigError::new(problems.collect()));
    }
    let whole = Text {
        text,
        root: DeValue::Table(table.get_ref().clone()),
    };
    let (config, shape) = parse(table);
    let mut problems = Vec::new();
    for (at, (path, error)) in shape.iter().enumerate() {
        if follows(path, error, &shape[..at]) {
            continue;
        }
        let span = error.span().or_else(|| whole.find(path));
        let words = match path.starts_with(&Path::of("providers")) {
            true => plain(&hidden(error.message())),
            false => plain(error.message()),
        };
        problems.push(whole.problem(path, span, words));
    }
    let Some(mut config) = config else {
        return Err(ConfigError::new(problems));
    };
    let mut sense = Problems::default();
    config.resolve(env, &mut sense);
    let _ = config.parts(&mut sense);
    // Where something was taken out, its absence is no news.
    let beside = |path: &Path| {
        shape.iter().any(|(wrong, _)| {
            // The table that it was taken out of; of what stands in none, itself.
            let table = wrong.0.len().saturating_sub(1).max(1);
            path.0.starts_with(&wrong.0[..table.min(wrong.0.len())])
        })
    };
    for (path, words) in sense.0 {
        if !beside(&path) {
            let span = whole.find(&path);
            problems.push(whole.problem(&path, span, words));
        }
    }
    match problems.is_empty() {
        true => Ok(config),
        false => Err(ConfigError::new(problems)),
    }
}

/// What can be read, and what is in the way. `None` where something wrong cannot be taken out.
fn parse(mut table: Spanned<DeTable<'_>>) -> (Option<Config>, Vec<(Path, Error)>) {
    let mut wrong = Vec::new();
    for path in lists(table.get_ref()) {
        take_out(table.get_mut(), &path.0);
        wrong.push((path, Error::custom("must be a table, not a list")));
    }
    while wrong.len() < MOST {
        let from = Deserializer::from(table.clone());
        let error = match serde_path_to_error::deserialize::<_, Config>(from) {
            Ok(config) => return (Some(config), wrong),
            Err(error) => error,
        };
        let path = path_of(error.path());
        let taken = take_out(table.get_mut(), &path.0);
        let error = error.into_inner();
        // What is missing may be what was taken out.
        let told = |(other, _): &(Path, Error)| other.starts_with(&path);
        if !(error.message().starts_with("missing field") && wrong.iter().any(told)) {
            wrong.push((path, error));
        }
        if !taken {
            break;
        }
    }
    (None, wrong)
}

/// The tables that must not be lists.
const TABLES: [&str; 8] = [
    "breaker",
    "classify",
    "limit",
    "providers",
    "retry",
    "router",
    "targets",
    "timeouts",
];

/// Tables that are written as lists, such as `[[limit]]`: serde would take what they hold for their
/// fields, by their order.
fn lists(root: &DeTable<'_>) -> Vec<Path> {
    let is_list = |value: &Spanned<DeValue<'_>>| matches!(value.get_ref(), DeValue::Array(_));
    let mut found = Vec::new();
    for name in TABLES {
        let Some(value) = root.get(name) else {
            continue;
        };
        let path = Path::of(name);
        if is_list(value) {
            found.push(path);
        } else if let ("providers" | "targets", DeValue::Table(all)) = (name, value.get_ref()) {
            let lists = all.iter().filter(|(_, one)| is_list(one));
            found.extend(lists.map(|(key, _)| path.key(key.get_ref())));
        }
    }
    found
}

/// Whether a setting is missing only because what it said was wrong, and has been taken out.
fn follows(path: &Path, error: &Error, earlier: &[(Path, Error)]) -> bool {
    let name = error.message().strip_prefix("missing field `");
    let Some(name) = name.and_then(|name| name.strip_suffix('`')) else {
        return false;
    };
    let missing = path.key(name);
    earlier.iter().any(|(wrong, _)| *wrong == missing)
}

fn path_of(path: &serde_path_to_error::Path) -> Path {
    let mut own = Path::default();
    for segment in path {
        match segment {
            Segment::Map { key } => own = own.key(key),
            Segment::Seq { index } => own = own.at(*index),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    own
}

/// Takes the last key of the path out of its table, with all that it holds.
fn take_out(table: &mut DeTable<'_>, path: &[Step]) -> bool {
    let Some((Step::Key(key), rest)) = path.split_first() else {
        return false;
    };
    if let Some(value) = table.get_mut(key.as_str()) {
        if within(value.get_mut(), rest) {
            return true;
        }
    }
    table.remove(key.as_str()).is_some()
}

fn within(value: &mut DeValue<'_>, path: &[Step]) -> bool {
    match (value, path.split_first()) {
        (DeValue::Table(table), Some((Step::Key(_), _))) => take_out(table, path),
        (DeValue::Array(all), Some((Step::At(nth), rest))) => {
            let one = all.get_mut(*nth);
            one.is_some_and(|one| within(one.get_mut(), rest))
        }
        _ => false,
    }
}

impl Text<'_> {
    fn problem(&self, path: &Path, span: Option<Range<usize>>, words: String) -> Problem {
        Problem {
            key: path.to_string(),
            at: span.map(|span| place(self.text, span.start)),
            words,
        }
    }

    /// Where the value of a key is, or its name if it is a table; where it is not there, the last table
    /// on the way to it.
    fn find(&self, path: &Path) -> Option<Range<usize>> {
        let (mut value, mut span) = (&self.root, None);
        for step in &path.0 {
            let next = match (value, step) {
                (DeValue::Table(table), Step::Key(key)) => {
                    let Some((name, next)) = table.get_key_value(key.as_str()) else {
                        break;
                    };
                    span = Some(match next.get_ref() {
                        DeValue::Table(_) => name.span(),
                        _ => next.span(),
                    });
                    next
                }
                (DeValue::Array(all), Step::At(nth)) => {
                    let Some(next) = all.get(*nth) else { break };
                    span = Some(next.span());
                    next
                }
                _ => break,
            };
            value = next.get_ref();
        }
        span
    }
}

/// The line and the column of a byte, from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before[start..].chars().count() + 1)
}

/// Reads a text as settings of one kind, for tests of their fields.
#[cfg(test)]
pub(super) fn fields_of<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, Error> {
    T::deserialize(Deserializer::parse(text)?)
}
